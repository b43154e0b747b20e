package awsclient

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// minSkew is how far this machine's clock must be from AWS's before AWS's time
// is used instead. AWS refuses a signature that is 5 minutes off.
const minSkew = time.Minute

// maxSkew is how far AWS's clock can be from this machine's: certificates last at most
// 398 days (https://cabforum.org/working-groups/server/baseline-requirements/), so
// with a clock that is further off no connection would have been trusted. A date
// beyond is not AWS's, and would make a signature that is good at another time.
const maxSkew = 398 * 24 * time.Hour

// A Clock is this machine's clock, corrected by the dates of AWS's answers.
type Clock struct {
	now  func() time.Time
	skew atomic.Int64 // AWS's clock minus this machine's; 0 until it is known to be off
}

// NewClock returns a clock that corrects now, this machine's.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Now is this machine's time, corrected by AWS's answers.
func (c *Clock) Now() time.Time { return c.now().Add(c.Skew()) }

// Local is this machine's time.
func (c *Clock) Local() time.Time { return c.now() }

// Skew is AWS's clock minus this machine's, or 0 when they agree to a minute.
func (c *Clock) Skew() time.Duration { return time.Duration(c.skew.Load()) }

// See takes the Date header of an answer from AWS.
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
