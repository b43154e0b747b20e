package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	smithytime "github.com/aws/smithy-go/time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

// Addresses of the metadata service:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html.
const (
	metadataIPv4 = "http://169.254.169.254"
	metadataIPv6 = "http://[fd00:ec2::254]"
)

const (
	metadataTokenPath = "latest/api/token"
	metadataTokenTTL  = "300"                  // seconds; one get takes much less
	metadataPause     = 100 * time.Millisecond // between attempts
)

// maxTokens is how often a session token is requested: once, and again if the
// service rejects it. Failures of the service do not count.
const maxTokens = 2

// metadata is a client of the instance metadata service, with the configured
// timeout and number of attempts.
//
// The SDK's imds drops the path of a configured endpoint, requires a TTL header
// that emulators of the service do not send, and retries less than the AWS CLI (as
// of feature/ec2/imds v1.20.7).
type metadata struct {
	http     *http.Client
	settings awsprofile.MetadataSettings
	endpoint string // without a trailing slash

	token      string
	tokensLeft int  // remaining requests for a session token
	renewed    bool // a session token was rejected, and another one requested
	v1         bool // the service issues no session tokens, so requests carry none

	answered    bool  // something answered
	status      int   // status of the last answer to get; 0 if there was none
	tokenStatus int   // status with which a session token was refused; 0 if it was not
	tokenLost   bool  // the request for an IMDSv2 token was not answered
	unreachable error // why no connection was possible
}

func newMetadata(set awsprofile.MetadataSettings) *metadata {
	m := &metadata{
		http:       awsclient.NewLinkLocalClient(set.Timeout),
		settings:   set,
		endpoint:   strings.TrimSuffix(set.Endpoint, "/"),
		tokensLeft: max(maxTokens, set.Attempts),
	}
	switch {
	case m.endpoint != "":
	case set.IPv6:
		m.endpoint = metadataIPv6
	default:
		m.endpoint = metadataIPv4
	}
	return m
}

// metadataStatusError is returned for a status other than 200.
type metadataStatusError struct{ status int }

func (e *metadataStatusError) Error() string { return fmt.Sprintf("it responded with %d", e.status) }

var errEmpty = errors.New("the response is empty")

func notEmpty(body []byte) error {
	if strings.TrimSpace(string(body)) == "" {
		return errEmpty
	}
	return nil
}

// isCredentials accepts responses that another attempt cannot improve: credentials,
// or the reason why there are none.
func isCredentials(body []byte) error {
	_, err := fromMetadata(body)
	var code *metadataCodeError
	if errors.As(err, &code) {
		return nil
	}
	return err
}

// get returns the response for a path. Like the AWS CLI, it repeats an attempt
// after every response that good rejects, except those with the status final, or
// 401 after another token was tried. It does not repeat an attempt without a
// response, even if only the request for a token had none.
func (m *metadata) get(ctx context.Context, path string, good func(body []byte) error, final int) (body []byte, err error) {
	for attempt := 1; ; attempt++ {
		m.status = 0
		if body, err = m.try(ctx, path); err == nil {
			err = good(body)
		}
		switch {
		case err == nil, attempt >= m.settings.Attempts, m.status == 0 && m.tokenStatus < http.StatusInternalServerError, m.status == http.StatusUnauthorized && m.tokenStatus < http.StatusInternalServerError, m.status == final,
			smithytime.SleepWithContext(ctx, metadataPause) != nil:
			return body, err
		}
	}
}

// noFinal, as get's final, retries after every response that good rejects.
const noFinal = -1

// try makes one attempt. If the session token is rejected, it gets another one.
func (m *metadata) try(ctx context.Context, path string) ([]byte, error) {
	for {
		if err := m.requestToken(ctx); err != nil {
			return nil, err
		}
		status, body, err := m.do(ctx, http.MethodGet, path, "X-aws-ec2-metadata-token", m.token)
		if err != nil {
			return nil, err
		}
		m.status = status
		switch {
		case status == http.StatusOK:
			return body, nil
		case status == http.StatusUnauthorized && m.token != "" && !m.renewed:
			m.token, m.renewed = "", true
			continue
		}
		return nil, &metadataStatusError{status}
	}
}

// requestToken requests a session token unless there is one. The error means that
// requests without a token are impossible too.
func (m *metadata) requestToken(ctx context.Context) error {
	switch {
	case m.token != "" || m.v1:
		return nil
	case m.tokensLeft == 0:
		if m.settings.V1Disabled {
			return ErrMetadataV1Disabled
		}
		return nil
	}
	m.tokensLeft--
	status, body, err := m.do(ctx, http.MethodPut, metadataTokenPath, "X-aws-ec2-metadata-token-ttl-seconds", metadataTokenTTL)
	m.tokenStatus, m.tokenLost = status, err != nil
	switch {
	case m.unreachable != nil || ctx.Err() != nil:
		return err
	case err != nil:
		if m.settings.V1Disabled {
			return err
		}
		return nil
	case status == http.StatusOK:
		token := strings.TrimSpace(string(body))
		if token == "" && !m.settings.V1Disabled {
			m.v1 = true // an emulator that answers every request
			return nil
		}
		m.tokenStatus = 0
		if token == "" || !awsclient.ValidHeader(token) {
			return errors.New("its response is not an IMDSv2 token")
		}
		m.token = token
		return nil
	case status == http.StatusBadRequest:
		return fmt.Errorf("it responded with %d to the request for an IMDSv2 token", status)
	case m.settings.V1Disabled && status != http.StatusForbidden:
		return fmt.Errorf("it responded with %d to the request for an IMDSv2 token, and %w", status, ErrMetadataV1Disabled)
	case m.settings.V1Disabled:
		return errMetadataOff
	case status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		m.v1 = true
	}
	return nil
}

// do sends one request.
func (m *metadata) do(ctx context.Context, method, path, header, value string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, m.endpoint+"/"+path, nil)
	if err != nil {
		return 0, nil, err
	}
	if value != "" {
		req.Header.Set(header, value)
	}
	resp, err := m.http.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			m.unreachable = err
		}
		return 0, nil, err
	}
	defer resp.Body.Close()
	m.answered = true
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		err = awsclient.NetworkCause(err) // the error could contain text from a trailer
	}
	return resp.StatusCode, body, err
}

// explain returns the error for a failed request to the metadata service. Asked is
// what was requested.
func (m *metadata) explain(err error, asked string) error {
	var status *metadataStatusError
	switch {
	case errors.As(err, &status) && status.status == http.StatusForbidden && m.tokenStatus == http.StatusForbidden:
		err = errMetadataOff
	case errors.As(err, &status) && status.status == http.StatusUnauthorized && m.tokenStatus != 0:
		err = fmt.Errorf("it requires an IMDSv2 token, but responded with %d to the request for one", m.tokenStatus)
	case errors.As(err, &status) && status.status == http.StatusUnauthorized && m.tokenLost:
		err = ErrHopLimit
	case isNetwork(err):
		err = awsclient.NetworkCause(err)
	}
	return &MetadataError{Asked: asked, Answered: m.answered, Err: err}
}

// isNetwork reports whether an exchange failed, rather than its response.
func isNetwork(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) || errors.Is(err, context.Canceled) || errors.Is(err, io.ErrUnexpectedEOF)
}
