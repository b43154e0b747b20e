package session

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Bounds on a call to AWS.
const (
	maxAttempts    = 3                // tries of one call
	attemptTimeout = 10 * time.Second // of one try
	callTimeout    = 25 * time.Second // of all tries
	maxBackoff     = 2 * time.Second  // between two tries, before jitter
	maxBody        = 256 << 10        // bytes of an answer
)

// minSkew is how far this machine's clock must be from AWS's before AWS's is
// used instead. AWS refuses a signature that is 5 minutes off.
const minSkew = time.Minute

// wrongClock is how far this machine's clock may be from AWS's before sessions
// are no longer kept. A process that took one from the store would not ask AWS
// anything, not learn AWS's time, and sign with this machine's.
const wrongClock = 4 * time.Minute

// clock tells the time as AWS sees it.
type clock struct {
	now  func() time.Time
	skew atomic.Int64 // AWS's clock minus this machine's; 0 until seen to be off
}

// Now is this machine's time, corrected by what AWS's answers said.
func (c *clock) Now() time.Time { return c.now().Add(c.Skew()) }

// Skew is AWS's clock minus this machine's, 0 when they agree to a minute.
func (c *clock) Skew() time.Duration { return time.Duration(c.skew.Load()) }

// see takes the Date of an answer from AWS.
func (c *clock) see(date string) {
	t, err := http.ParseTime(date)
	if err != nil {
		return
	}
	skew := t.Sub(c.now())
	if skew.Abs() < minSkew {
		skew = 0
	}
	c.skew.Store(int64(skew.Round(time.Second)))
}

// signer signs calls with AWS's time instead of this machine's.
type signer struct {
	*v4.Signer
	clock *clock
}

func (s signer) SignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request, payloadHash, service, region string, _ time.Time, optFns ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, creds, r, payloadHash, service, region, s.clock.Now(), optFns...)
}

// newHTTPClient returns the client for AWS's public endpoints: through the
// environment's proxy, following no redirect, with caBundle (a path; "" for
// the system's) as what it trusts, and every answer capped and its date seen.
func newHTTPClient(c *clock, caBundle string) (*http.Client, error) {
	t := NewTransport()
	if caBundle != "" {
		pem, err := ReadCABundle(caBundle)
		if err != nil {
			return nil, &CABundleError{Path: caBundle, Err: err}
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, &CABundleError{Path: caBundle, Err: errors.New("it holds no PEM certificate")}
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return &http.Client{
		Transport:     &cappedTransport{base: t, seen: c.see},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       attemptTimeout,
	}, nil
}

func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil || u != nil && strings.HasPrefix(u.Path, "//") { // http://http://…, which net/http tries in the end
		return nil, ErrProxyURL
	}
	return u, nil
}

// proxyError is returned when the proxy refuses to connect.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy (HTTPS_PROXY) refuses: it answered %d", e.status)
}

// NewTransport is how AWS is reached: through the environment's proxy, with the
// system's certificates. What goes wrong is put into words by NetworkCause.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            (&net.Dialer{Timeout: attemptTimeout}).DialContext,
		TLSHandshakeTimeout:    attemptTimeout,
		ForceAttemptHTTP2:      false,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &proxyError{resp.StatusCode}
	}
	return nil
}

// maxCABundle is far above the system bundles' 250 KiB.
const maxCABundle = 16 << 20

// ReadCABundle reads a file of certificates: a regular one, which cannot hang or
// go on for ever, and no more of it than 16 MiB. The error does not name the path.
func ReadCABundle(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, pathCause(err)
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxCABundle))
	return pem, pathCause(err)
}

// newLinkLocalClient returns the client for metadata and container endpoints:
// no proxy, no redirect, answers capped. One try takes a little less than
// timeout, so that a process that asks twice (for the token, then as IMDSv1) is
// done within twice the timeout, its own start included.
func newLinkLocalClient(timeout time.Duration) *http.Client {
	timeout = timeout * 19 / 20
	return &http.Client{
		Transport: &cappedTransport{base: &http.Transport{
			// Less than the whole, so that it is known for sure that no
			// connection could be made.
			DialContext:            (&net.Dialer{Timeout: timeout * 19 / 20}).DialContext,
			MaxResponseHeaderBytes: 64 << 10,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       timeout,
	}
}

// cappedTransport caps the body of every answer at maxBody, and sends bodies of
// requests from memory.
type cappedTransport struct {
	base http.RoundTripper
	seen func(date string) // told the Date of every answer; may be nil
}

func (t *cappedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := withBodyInMemory(r)
	if err != nil {
		return nil, err
	}
	resp, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if t.seen != nil {
		t.seen(resp.Header.Get("Date"))
		if resp.StatusCode == http.StatusOK && resp.ContentLength == 0 {
			_ = resp.Body.Close()
			return nil, errEmptyBody
		}
	}
	resp.Body = &cappedBody{body: resp.Body, left: maxBody}
	return resp, nil
}

// withBodyInMemory returns r with a body that net/http knows to be in memory, so
// that it is done with it before the last byte is sent. The SDK closes its own
// when the answer comes, and one that is closed ends with an error: net/http,
// should it still look for more, takes that for a failed write and closes the
// connection, which the answer is being read from.
// See https://github.com/aws/aws-sdk-go-v2/issues/2737
func withBodyInMemory(r *http.Request) (*http.Request, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, nil
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	r = r.WithContext(r.Context()) // a copy: a RoundTripper changes no request
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, err = r.GetBody()
	return r, err
}

type cappedBody struct {
	body io.ReadCloser
	left int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errBodyTooLong
	}
	n, err := b.body.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (b *cappedBody) Close() error { return b.body.Close() }

// errEmptyBody is returned for an answer that says nothing, as none of AWS's
// does: what stands in between could not pass it on.
var errEmptyBody = errors.New("the answer is empty")

var errBodyTooLong = fmt.Errorf("the answer is longer than %d KiB", maxBody>>10)

// newRetryer returns the rule for trying a call again: throttling, 5xx, lost
// connections and unreadable answers are worth another try; a refusal, a name
// that does not exist, and a certificate that is not trusted are not.
func (w *walk) newRetryer() aws.Retryer {
	return w.retryOn(append(slices.Clone(retry.DefaultRetryables), retry.IsErrorRetryableFunc(unreadable),
		retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}}})) // with or without AWS's code
}

// newOnceRetryer returns the rule for a call that carries what works once, an
// MFA code or a refresh token, and the context to make it with. It is tried
// again only where it cannot have been carried out: no connection could be made,
// or AWS answered that it is too busy. Where it may have been, another try would
// be refused for what it carries, and hide what went wrong.
func (w *walk) newOnceRetryer(ctx context.Context) (context.Context, aws.Retryer) {
	connected := false // in the last try
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected = false },
		GotConn: func(httptrace.GotConnInfo) { connected = true },
	})
	unsent := func(err error) aws.Ternary {
		var send *smithyhttp.RequestSendError
		if errors.As(err, &send) && !connected {
			return aws.TrueTernary
		}
		return aws.UnknownTernary
	}
	return ctx, w.retryOn([]retry.IsErrorRetryable{
		retry.NoRetryCanceledError{},
		retry.IsErrorRetryableFunc(unsent),
		retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}, http.StatusServiceUnavailable: {}}},
		retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
	})
}

// retryOn returns the rule that tries a call again after these errors, unless
// that is hopeless.
func (w *walk) retryOn(errs []retry.IsErrorRetryable) aws.Retryer {
	return tracedRetryer{w.Trace, retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxBackoff
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(hopeless)}, errs...)
	})}
}

// tracedRetryer tells why a call is tried again.
type tracedRetryer struct {
	trace func(format string, args ...any)
	*retry.Standard
}

// RetryDelay is called before each further try.
func (r tracedRetryer) RetryDelay(attempt int, failed error) (time.Duration, error) {
	delay, err := r.Standard.RetryDelay(attempt, failed)
	r.trace("attempt %d failed: %s; another one in %s", attempt, callError("AWS", failed), delay.Round(time.Millisecond))
	return delay, err
}

func hopeless(err error) aws.Ternary {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var refusal *proxyError
	if errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &cert) ||
		errors.Is(err, ErrProxyURL) || errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &refusal) && refusal.status < http.StatusInternalServerError {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

func unreadable(err error) aws.Ternary {
	var d *smithy.DeserializationError
	if errors.As(err, &d) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// quiet keeps the SDK from writing anywhere.
var quiet logging.Logger = logging.Nop{}
