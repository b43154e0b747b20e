package awsclient

import (
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
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Limits of the retries of a call.
const (
	maxAttempts = 3
	CallTimeout = 25 * time.Second // for all attempts of one call
	maxBackoff  = 2 * time.Second  // between two attempts, before jitter
)

// A Trace receives what is done, never a secret.
type Trace func(format string, args ...any)

// NewRetryer returns the rule for repeating a call: throttling, 5xx, lost
// connections and unreadable answers are worth another attempt; a refusal, a name
// that does not exist and a certificate that is not trusted are not.
func NewRetryer(trace Trace) aws.Retryer {
	return retryOn(trace, append(slices.Clone(retry.DefaultRetryables), retry.IsErrorRetryableFunc(unreadable),
		retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}}})) // with or without AWS's code
}

// NewOnceRetryer returns the rule for a call that carries something that works
// once, an MFA code or a refresh token, and the context to call with. The call is
// repeated only if it cannot have been carried out: no connection could be made,
// or AWS answered that it is too busy. Otherwise another attempt would be refused
// for what it carries, and hide what went wrong.
func NewOnceRetryer(ctx context.Context, trace Trace) (context.Context, aws.Retryer) {
	connected := false // in the last attempt
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
	return ctx, retryOn(trace, []retry.IsErrorRetryable{
		retry.NoRetryCanceledError{},
		retry.IsErrorRetryableFunc(unsent),
		retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}, http.StatusServiceUnavailable: {}}},
		retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
	})
}

// retryOn returns the rule that repeats a call after these errors, unless that is
// hopeless.
func retryOn(trace Trace, errs []retry.IsErrorRetryable) aws.Retryer {
	return tracedRetryer{trace, retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxBackoff
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(hopeless)}, errs...)
	})}
}

// tracedRetryer traces why a call is repeated.
type tracedRetryer struct {
	trace Trace
	*retry.Standard
}

// RetryDelay is called before each further attempt.
func (r tracedRetryer) RetryDelay(attempt int, failed error) (time.Duration, error) {
	delay, err := r.Standard.RetryDelay(attempt, failed)
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

func unreadable(err error) aws.Ternary {
	var d *smithy.DeserializationError
	if errors.As(err, &d) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// Quiet keeps the SDK from writing anywhere.
var Quiet logging.Logger = logging.Nop{}
