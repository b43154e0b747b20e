package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// securityCredentials is where the metadata service lists the instance's role
// and, below it, hands out the role's credentials:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html.
const securityCredentials = "iam/security-credentials/"

// ec2 asks the instance metadata service for the credentials of the instance's
// role: a session token (IMDSv2), the role's name, its credentials. An
// instance whose role was replaced between the last two is asked once more.
func (w *walk) ec2(ctx context.Context) (Credentials, error) {
	set := w.chain.Settings.Metadata
	if set.Disabled {
		return Credentials{}, errors.New("AWS_EC2_METADATA_DISABLED is set")
	}
	client := newMetadataClient(set.Endpoint, set.IPv6, set.V1Disabled, set.Timeout, set.Attempts)
	for renamed := false; ; renamed = true {
		list, err := client.get(ctx, securityCredentials)
		if err != nil {
			return Credentials{}, metadataError(err, "list the instance's role")
		}
		role, _, _ := strings.Cut(strings.TrimSpace(string(list)), "\n")
		role = strings.TrimSpace(role)
		if !validRoleName(role) {
			return Credentials{}, ErrNoInstanceRole
		}
		w.Trace("instance role %s", role)
		body, err := client.get(ctx, securityCredentials+role)
		if statusOf(err) == http.StatusNotFound && !renamed {
			continue
		}
		if err != nil {
			return Credentials{}, metadataError(err, "read the credentials of instance role "+role)
		}
		return fromMetadata(body)
	}
}

// metadataClient asks the metadata service.
type metadataClient struct{ *imds.Client }

func newMetadataClient(endpoint string, ipv6, v1Disabled bool, timeout time.Duration, attempts int) metadataClient {
	o := imds.Options{
		Endpoint:          endpoint,
		EndpointMode:      imds.EndpointModeStateIPv4,
		ClientEnableState: imds.ClientEnabled, // the caller has looked
		HTTPClient:        &http.Client{},
		Logger:            quiet,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.MaxBackoff = 200 * time.Millisecond
			o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(busy)}
		}),
	}
	if ipv6 {
		o.EndpointMode = imds.EndpointModeStateIPv6
	}
	if v1Disabled {
		o.EnableFallback = aws.FalseTernary
	}
	c := newLinkLocalClient(timeout)
	c.Transport = &unreachableOnce{base: c.Transport}
	o.HTTPClient = c
	return metadataClient{imds.New(o)}
}

func (c metadataClient) get(ctx context.Context, path string) ([]byte, error) {
	out, err := c.GetMetadata(ctx, &imds.GetMetadataInput{Path: path})
	if err != nil {
		return nil, err
	}
	defer out.Content.Close()
	return io.ReadAll(out.Content)
}

// busy says that a try may be repeated: the service answers 5xx or 429 when
// it is asked too often. What does not answer at all is not asked again.
func busy(err error) aws.Ternary {
	switch code := statusOf(err); {
	case code >= 500 || code == http.StatusTooManyRequests:
		return aws.TrueTernary
	default:
		return aws.FalseTernary
	}
}

// unreachableOnce fails at once after the first connection that could not be
// made: on a machine that has no metadata service, waiting a second time for
// IMDSv1 would only double the wait.
type unreachableOnce struct {
	base http.RoundTripper
	err  error
}

func (t *unreachableOnce) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.err != nil {
		return nil, t.err
	}
	resp, err := t.base.RoundTrip(r)
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		t.err = err
	}
	return resp, err
}

// statusOf returns the HTTP status of a refused call, 0 when there was none.
func statusOf(err error) int {
	var resp *smithyhttp.ResponseError
	if errors.As(err, &resp) {
		return resp.HTTPStatusCode()
	}
	return 0
}

// metadataError says why the metadata service could not do what was asked.
func metadataError(err error, asked string) error {
	switch code := statusOf(err); {
	case code == http.StatusNotFound:
		return ErrNoInstanceRole
	case code == http.StatusUnauthorized:
		return &MetadataError{Asked: asked, Err: ErrHopLimit}
	case code != 0:
		return &MetadataError{Asked: asked, Err: fmt.Errorf("it answered %d", code)}
	}
	return &MetadataError{Asked: asked, Err: networkCause(err)}
}

// fromMetadata reads the answer in which the metadata service and the
// container endpoints hand out credentials.
func fromMetadata(body []byte) (Credentials, error) {
	var answer struct {
		Code            string
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		Token           string
		Expiration      string
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Credentials{}, errors.New("the answer is not JSON")
	}
	if answer.Code != "" && !strings.EqualFold(answer.Code, "Success") {
		return Credentials{}, fmt.Errorf("the answer says %q instead of Success", printableStart(answer.Code))
	}
	if answer.AccessKeyID == "" || answer.SecretAccessKey == "" {
		return Credentials{}, errors.New("the answer holds no credentials")
	}
	expires, err := parseTime(answer.Expiration)
	if err != nil {
		return Credentials{}, errors.New("the answer does not say when the credentials end")
	}
	return Credentials{
		AccessKeyID:     answer.AccessKeyID,
		SecretAccessKey: answer.SecretAccessKey,
		SessionToken:    answer.Token,
		Expires:         expires,
	}, nil
}

// validRoleName says whether s can be a role's name:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html.
func validRoleName(s string) bool {
	return s != "" && len(s) <= 128 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-") == "" &&
		!strings.ContainsAny(s, "/\\ ")
}
