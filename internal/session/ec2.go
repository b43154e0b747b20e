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
	"github.com/aws/smithy-go/logging"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
)

// securityCredentials is where the metadata service lists the instance's role
// and, below it, hands out the role's credentials:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html.
const securityCredentials = "iam/security-credentials/"

// ec2 asks the instance metadata service for the credentials of the instance's
// role: a session token (IMDSv2), the role's name, its credentials. An
// instance whose role was replaced between the last two is asked once more.
func (w *walk) ec2(ctx context.Context) (Credentials, error) {
	if w.chain.Settings.Metadata.Disabled {
		return Credentials{}, ErrMetadataDisabled
	}
	client := newMetadataClient(w.chain.Settings.Metadata)
	for renamed := false; ; renamed = true {
		list, err := client.get(ctx, securityCredentials)
		if err != nil {
			return Credentials{}, client.explain(err, "list the instance's role")
		}
		name, _, _ := strings.Cut(string(list), "\n")
		role := strings.TrimSpace(name)
		if role == "" {
			return Credentials{}, ErrNoInstanceRole
		}
		if !arn.ValidRoleName(role) {
			return Credentials{}, &MetadataError{Asked: "list the instance's role", Answered: true, Err: errors.New("what it answered is not a role's name")}
		}
		w.Trace("instance role %s", role)
		body, err := client.get(ctx, securityCredentials+role)
		if err != nil && client.seen.status == http.StatusNotFound {
			if !renamed {
				continue
			}
			return Credentials{}, &InstanceRoleError{Role: role, Gone: true}
		}
		if err != nil {
			return Credentials{}, client.explain(err, "read the credentials of instance role "+role)
		}
		creds, err := fromMetadata(body)
		var code *metadataCodeError
		if errors.As(err, &code) && code.code == "AssumeRoleUnauthorizedAccess" {
			return Credentials{}, &InstanceRoleError{Role: role}
		}
		return creds, err
	}
}

// metadataTimeout is how long the metadata service may take at most: the role's
// name and its credentials are each asked for twice where the role was replaced,
// and there are the session tokens.
func metadataTimeout(set awsprofile.MetadataSettings) time.Duration {
	tries := 4*set.Attempts + max(maxTokens, set.Attempts)
	return time.Duration(tries) * set.Timeout
}

// metadataClient asks the metadata service.
type metadataClient struct {
	*imds.Client
	seen *metadataTransport
}

func newMetadataClient(set awsprofile.MetadataSettings) metadataClient {
	httpClient := awsclient.NewLinkLocalClient(set.Timeout)
	seen := &metadataTransport{base: httpClient.Transport, tokens: max(maxTokens, set.Attempts)}
	httpClient.Transport = seen
	o := imds.Options{
		Endpoint:              set.Endpoint,
		EndpointMode:          imds.EndpointModeStateIPv4,
		ClientEnableState:     imds.ClientEnabled, // the caller has looked
		HTTPClient:            httpClient,
		DisableDefaultTimeout: true, // of 5 seconds, whatever is configured; httpClient has one for each try
		Logger:                logging.Nop{},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = set.Attempts
			o.MaxBackoff = 200 * time.Millisecond
			o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(busy)}
		}),
	}
	if set.IPv6 {
		o.EndpointMode = imds.EndpointModeStateIPv6
	}
	if set.V1Disabled {
		o.EnableFallback = aws.FalseTernary
	}
	return metadataClient{imds.New(o), seen}
}

func (c metadataClient) get(ctx context.Context, path string) ([]byte, error) {
	out, err := c.GetMetadata(ctx, &imds.GetMetadataInput{Path: path})
	if err != nil {
		return nil, err
	}
	defer out.Content.Close()
	return io.ReadAll(out.Content)
}

// explain says why the metadata service could not do what was asked.
func (c metadataClient) explain(err error, asked string) error {
	switch {
	case c.seen.failed != nil:
		err = fmt.Errorf("%s: %w", c.seen.host, awsclient.NetworkCause(c.seen.failed))
	case c.seen.method == http.MethodPut:
		err = fmt.Errorf("it answered %d when asked for a session token, and %w", c.seen.status, ErrMetadataV1Disabled)
	case c.seen.status == http.StatusNotFound:
		return ErrNoInstanceRole
	case c.seen.status == http.StatusUnauthorized && c.seen.tokenLost:
		err = ErrHopLimit
	case c.seen.status != 0:
		err = fmt.Errorf("it answered %d", c.seen.status)
	default:
		err = awsclient.NetworkCause(err)
	}
	return &MetadataError{Asked: asked, Answered: c.seen.status != 0, Err: err}
}

// busy says that a try may be repeated: the service answers 5xx or 429 when
// it is asked too often. What does not answer at all is not asked again.
func busy(err error) aws.Ternary {
	switch code := awsclient.StatusOf(err); {
	case code >= 500 || code == http.StatusTooManyRequests:
		return aws.TrueTernary
	default:
		return aws.FalseTernary
	}
}

// maxTokens is how many session tokens are asked for: one, and a new one where
// the first was refused. Who asks for more attempts gets as many tokens.
const maxTokens = 2

var errNoMoreTokens = errors.New("enough session tokens were asked for")

// metadataTransport remembers how the last try went: the SDK's errors do not
// always tell.
type metadataTransport struct {
	base      http.RoundTripper
	host      string
	method    string
	status    int   // of the last answer; 0 when there was none
	failed    error // why the last try had no answer
	tokenLost bool  // a session token was asked for and did not come
	tokens    int   // how many more session tokens may be asked for

	unreachable error // why no connection could be made
}

// requestCanceled is what net/http says when the client's timeout comes a moment
// before the context's: an error without a name to compare with.
const requestCanceled = "net/http: request canceled"

// RoundTrip fails at once after the first connection that could not be made:
// on a machine that has no metadata service, waiting a second time for IMDSv1
// would only double the wait.
func (t *metadataTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.unreachable != nil {
		return nil, t.unreachable
	}
	if r.Method == http.MethodPut {
		if t.tokens == 0 {
			return nil, errNoMoreTokens
		}
		t.tokens--
	}
	t.host, t.method = r.URL.Host, r.Method
	resp, err := t.base.RoundTrip(r)
	t.status, t.failed = 0, err
	switch {
	case err == nil:
		t.status = resp.StatusCode
	case r.Context().Err() != nil || err.Error() == requestCanceled: // the client's timeout
		t.failed = context.DeadlineExceeded
	}
	if r.Method == http.MethodPut {
		t.tokenLost = t.status != http.StatusOK
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		t.unreachable = err
	}
	return resp, err
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
		return Credentials{}, &metadataCodeError{awsclient.Code(answer.Code)}
	}
	if answer.AccessKeyID == "" || answer.SecretAccessKey == "" {
		return Credentials{}, errors.New("the answer holds no credentials")
	}
	expires, err := awstime.Parse(answer.Expiration)
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

// metadataCodeError is returned for an answer that says why it holds no
// credentials.
type metadataCodeError struct{ code string }

func (e *metadataCodeError) Error() string {
	return fmt.Sprintf("the answer says %q instead of Success", e.code)
}

type instance struct{ awsprofile.EC2 }

func (instance) timeout(w *walk) time.Duration                                   { return metadataTimeout(w.chain.Settings.Metadata) }
func (instance) key() string                                                     { return "" }
func (instance) kind() string                                                    { return "EC2 instance metadata" }
func (s instance) credentials(ctx context.Context, w *walk) (Credentials, error) { return w.ec2(ctx) }
