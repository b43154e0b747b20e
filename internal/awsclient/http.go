package awsclient

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
	"net/url"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
)

// Limits on a call to AWS.
const (
	attemptTimeout = 10 * time.Second // per attempt
	maxBody        = 256 << 10        // bytes of a response
)

// newHTTPClient returns the HTTP client for AWS's public endpoints. It uses the
// environment's proxy, does not follow redirects, trusts the CA bundle in set, or
// the system's certificates if there is none, limits the size of responses, and
// passes their dates to clock.
func newHTTPClient(clock *Clock, set awsprofile.Settings) (*http.Client, error) {
	if set.MalformedProxy {
		return nil, ErrProxyURL
	}
	t := NewTransport()
	if set.CABundle != "" {
		pem, err := ReadCABundle(set.CABundle)
		pool := x509.NewCertPool()
		if err == nil && !pool.AppendCertsFromPEM(pem) {
			err = errors.New("it contains no PEM certificate")
		}
		if err != nil {
			return nil, &CABundleError{Path: set.CABundle, From: set.CABundleFrom, Err: err}
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return &http.Client{
		Transport:     &CappedTransport{Base: t, Seen: clock.See},
		CheckRedirect: noRedirect,
		Timeout:       attemptTimeout,
	}, nil
}

// NewLinkLocalClient returns the HTTP client for metadata and container endpoints. It
// uses no proxy, does not follow redirects, and limits the size of responses. An
// attempt takes slightly less than timeout. Two requests (one for the token, one with
// IMDSv1) and the start of the process therefore take at most twice the timeout.
func NewLinkLocalClient(timeout time.Duration) *http.Client {
	timeout = timeout * 19 / 20
	return &http.Client{
		Transport: &CappedTransport{Base: &http.Transport{
			// Shorter than the timeout, so that the error says that the connection
			// failed.
			DialContext:            (&net.Dialer{Timeout: timeout * 19 / 20}).DialContext,
			MaxResponseHeaderBytes: 64 << 10,
		}},
		CheckRedirect: noRedirect,
		Timeout:       timeout,
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// NewTransport returns a transport that uses the environment's proxy and trusts the
// system's certificates. NetworkCause translates its errors.
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

func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil || u != nil && strings.HasPrefix(u.Path, "//") { // http://http://…, which net/http would try
		return nil, ErrProxyURL
	}
	return u, nil
}

// proxyError is returned if the proxy refuses to connect.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy (HTTPS_PROXY) refused the connection with %d", e.status)
}

func (e *proxyError) Is(target error) bool { return target == ErrProxy }

func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &proxyError{resp.StatusCode}
	}
	return nil
}

// CappedTransport limits the size of responses, and sends request bodies from
// memory.
type CappedTransport struct {
	Base http.RoundTripper
	Seen func(date string) // receives the Date of every response; nil for link-local endpoints
}

// RoundTrip implements http.RoundTripper.
func (t *CappedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := withBodyInMemory(r)
	if err != nil {
		return nil, err
	}
	resp, err := t.Base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		_ = resp.Body.Close()
		return nil, ErrSwitched
	}
	if t.Seen != nil && r.Context().Value(notAWS{}) == nil {
		t.Seen(resp.Header.Get("Date"))
		if resp.StatusCode == http.StatusOK && resp.ContentLength == 0 && r.Method != http.MethodHead && r.Context().Value(mayBeEmpty{}) == nil {
			_ = resp.Body.Close()
			return nil, errEmptyBody
		}
	}
	resp.Body = &cappedBody{body: resp.Body, left: maxBody}
	return resp, nil
}

// notAWS is the context key of NotAWS.
type notAWS struct{}

// NotAWS returns a context for requests to a server that is not AWS's, so that its
// date does not correct the clock.
func NotAWS(ctx context.Context) context.Context {
	return context.WithValue(ctx, notAWS{}, true)
}

// mayBeEmpty is the context key of MayBeEmpty.
type mayBeEmpty struct{}

// MayBeEmpty returns a context for calls whose responses may be empty.
func MayBeEmpty(ctx context.Context) context.Context {
	return context.WithValue(ctx, mayBeEmpty{}, true)
}

// withBodyInMemory returns r with a body that net/http knows to be in memory. It
// finishes reading such a body before it sends the last byte. The SDK closes its own
// body when the response arrives. If net/http is still reading that body, it gets an
// error, treats it as a failed write, and closes the connection while the response is
// being read.
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
	r = r.WithContext(r.Context()) // a copy: a RoundTripper must not modify the request
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

// ErrSwitched is returned for status 101 (Switching Protocols), which no request asks
// for. The body of such a response is the connection itself, and net/http applies no
// time limit to it.
var ErrSwitched = errors.New("it switched to another protocol")

// errEmptyBody is returned for an empty response. AWS's responses are almost never
// empty: a proxy or gateway failed to forward it.
var errEmptyBody = errors.New("the response is empty")

var errBodyTooLong = errors.New("the response is longer than 256 KiB") // maxBody; not formatted, to save time at start

// ValidHeader reports whether s can be the value of an HTTP header: printable ASCII
// and spaces.
func ValidHeader(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
