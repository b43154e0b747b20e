package awsclient

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// CallTimeout limits one call, including retries.
const CallTimeout = 25 * time.Second

// Limits on the retries of a call.
const (
	usualAttempts = 3               // unless max_attempts says otherwise
	maxBackoff    = 2 * time.Second // between attempts, before jitter
)

// A Trace receives what is done, never a secret.
type Trace func(format string, args ...any)

// retryer returns the retry rules. Throttling, 5xx, lost connections and unreadable
// responses are retried; refusals, unknown host names and untrusted certificates
// are not.
func (c *Client) retryer() aws.Retryer {
	return c.retryOn(append(slices.Clone(retry.DefaultRetryables), retry.IsErrorRetryableFunc(unreadable),
		retry.IsErrorRetryableFunc(unverified),
		retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}}})) // with or without AWS's code
}

// Once returns the retry rules and the context for a call that sends something that
// works only once: an MFA code or a refresh token. The call is retried only if it
// cannot have been processed: no connection was made, or AWS was too busy.
// Otherwise another attempt would be rejected because of the reused code, which
// would hide the original error.
func (c *Client) Once(ctx context.Context) (context.Context, aws.Retryer) {
	connected := false // whether the last attempt made a connection
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
	return ctx, c.retryOn([]retry.IsErrorRetryable{
		retry.NoRetryCanceledError{},
		retry.IsErrorRetryableFunc(unsent),
		retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}, http.StatusServiceUnavailable: {}}},
		retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
	})
}

// retryOn returns the rules that retry a call after these errors, unless a retry
// cannot succeed.
func (c *Client) retryOn(errs []retry.IsErrorRetryable) aws.Retryer {
	standard := func(o *retry.StandardOptions) {
		o.MaxAttempts = cmp.Or(c.settings.MaxAttempts, usualAttempts)
		o.MaxBackoff = maxBackoff
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(hopeless)}, errs...)
	}
	if c.settings.RetryMode == string(aws.RetryModeAdaptive) {
		return tracedRetryer{c.Trace, retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions, standard)
		})}
	}
	return tracedRetryer{c.Trace, retry.NewStandard(standard)}
}

// tracedRetryer traces the reasons for retries.
type tracedRetryer struct {
	trace Trace
	aws.RetryerV2
}

// RetryDelay is called before each retry.
func (r tracedRetryer) RetryDelay(attempt int, failed error) (time.Duration, error) {
	delay, err := r.RetryerV2.RetryDelay(attempt, failed)
	r.trace("attempt %d failed: %s; another one in %s", attempt, CallError("AWS", failed), delay.Round(time.Millisecond))
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

// unreadable reports whether a successful response could not be parsed. A refusal
// that does not come from AWS, such as a proxy's page, is not retried.
func unreadable(err error) aws.Ternary {
	var d *smithy.DeserializationError
	if errors.As(err, &d) && StatusOf(err) <= http.StatusOK {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// unverified reports whether AWS was temporarily unable to verify a web identity
// token. The SDK retries the call for every invalid token (as of credentials
// v1.20.15).
func unverified(err error) aws.Ternary {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == invalidToken && tokenProblemIn(api.ErrorMessage()) == TokenUnverified {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
