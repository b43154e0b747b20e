package awsclient

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// minSkew is the smallest difference between the clocks for which AWS's time is used
// instead of this machine's. AWS rejects signatures that are off by 5 minutes.
const minSkew = time.Minute

// maxSkew limits the difference between the clocks. Certificates are valid for at
// most 398 days
// (https://cabforum.org/working-groups/server/baseline-requirements/), so with a
// larger difference this machine would not have trusted AWS's certificate. A date
// beyond the limit is therefore not AWS's; a signature with it would be valid at a
// time that another server chose.
const maxSkew = 398 * 24 * time.Hour

// A Clock is this machine's clock, corrected by the dates of AWS's responses.
type Clock struct {
	now  func() time.Time
	skew atomic.Int64 // AWS's time minus this machine's; 0 if not known to differ
}

// NewClock returns a clock that corrects now, which returns this machine's time.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Now returns this machine's time plus Skew.
func (c *Clock) Now() time.Time { return c.now().Add(c.Skew()) }

// Local returns this machine's time.
func (c *Clock) Local() time.Time { return c.now() }

// Skew returns AWS's time minus this machine's; 0 if they differ by less than
// minSkew.
func (c *Clock) Skew() time.Duration { return time.Duration(c.skew.Load()) }

// See corrects the clock by the Date header of a response from AWS.
func (c *Clock) See(date string) {
	t, err := http.ParseTime(date)
	if err != nil {
		return
	}
	skew := t.Sub(c.now())
	if abs := skew.Abs(); abs < minSkew || abs > maxSkew {
		skew = 0
	}
	c.skew.Store(int64(skew.Round(time.Second)))
}

// signer signs calls with AWS's time instead of this machine's.
type signer struct {
	*v4.Signer
	clock *Clock
}

// SignHTTP implements the SDK's HTTPSignerV4.
func (s signer) SignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request, payloadHash, service, region string, _ time.Time, optFns ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, creds, r, payloadHash, service, region, s.clock.Now(), optFns...)
}
