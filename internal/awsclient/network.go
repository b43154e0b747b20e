package awsclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/aws/smithy-go"

	"git-credential-codecommit/internal/cli"
)

var (
	// ErrInterrupted is returned if a signal or the caller's context ended the
	// wait.
	ErrInterrupted = errors.New("interrupted")
	// ErrProxyURL is returned if the proxy variable does not contain a valid URL.
	// The error of net/http would show the URL, and with it the proxy's password.
	ErrProxyURL = cli.WithHints(errors.New("the proxy's URL (HTTPS_PROXY) is malformed"),
		cli.Advice("write special characters in its username and password percent-encoded: % as %25, ^ as %5E"))
	// ErrProxy is the cause if the proxy cannot be reached, or refuses the
	// connection.
	ErrProxy = errors.New("the proxy (HTTPS_PROXY) cannot be reached or refuses the connection")
	// ErrUntrustedCertificate is the cause if a server's certificate was issued by
	// an authority that this machine does not trust.
	ErrUntrustedCertificate = cli.WithHints(errors.New("its certificate is signed by an untrusted authority"),
		cli.Advice("set AWS_CA_BUNDLE to a PEM file with your network's certificate authority"))
)

// NetworkError is returned if AWS could not be reached, or the response was not
// from AWS.
type NetworkError struct {
	Service string
	Err     error
}

func (e *NetworkError) Error() string {
	return fmt.Sprintf("request to %s failed: %s", e.Service, e.Err)
}
func (e *NetworkError) Unwrap() error { return e.Err }

// NetworkCause returns the cause of a failed exchange with AWS in plain words,
// without a proxy's password or text from the server. It never returns nil.
func NetworkCause(err error) error {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		op        *net.OpError
		request   *url.Error
		timeout   interface{ Timeout() bool }
		refusal   *proxyError
		bad       *smithy.DeserializationError
	)
	host := ""
	if errors.As(err, &request) {
		if u, e := url.Parse(request.URL); e == nil {
			host = u.Host
		}
	}
	at := func(s string) error {
		if host == "" {
			return errors.New(s)
		}
		return fmt.Errorf("%s: %s", host, s)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return ErrInterrupted
	case errors.As(err, &op) && op.Op == "proxyconnect":
		if host == "" {
			return ErrProxy
		}
		return fmt.Errorf("%s: %w", host, ErrProxy)
	case errors.Is(err, ErrProxyURL):
		return ErrProxyURL
	case errors.As(err, &refusal):
		if host == "" {
			return refusal
		}
		return fmt.Errorf("%s: %w", host, refusal)
	case errors.As(err, &dns):
		return fmt.Errorf("the name %q cannot be resolved", dns.Name)
	case errors.As(err, &authority):
		if host == "" {
			return ErrUntrustedCertificate
		}
		return fmt.Errorf("%s: %w", host, ErrUntrustedCertificate)
	case errors.As(err, &hostname):
		return at("its certificate is for another name")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return at("its certificate is not valid according to this machine's clock")
	case errors.As(err, &invalid):
		return at("its certificate is not valid")
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return at("the server does not speak TLS")
	case errors.Is(err, ErrSwitched):
		return at(ErrSwitched.Error())
	case errors.Is(err, errEmptyBody):
		return at(errEmptyBody.Error())
	case errors.Is(err, errBodyTooLong):
		return at(errBodyTooLong.Error())
	case errors.Is(err, syscall.ECONNREFUSED):
		return at("connection refused")
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return at("no route to the host")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return at("the connection was closed before a response arrived")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return at("timed out")
	case errors.As(err, &op): // before bad: a broken connection also makes the response invalid
		return at("the connection failed")
	case errors.As(err, &bad) && StatusOf(err) <= http.StatusOK: // an error status is more informative
		return at("the response is not from AWS")
	}
	if code := StatusOf(err); code != 0 {
		return at(fmt.Sprintf("it responded with %d, but not in AWS's format", code))
	}
	return at("the connection failed")
}
