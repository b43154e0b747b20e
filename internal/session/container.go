package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	smithytime "github.com/aws/smithy-go/time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/exactjson"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/session/store"
)

// Limits on requests to a container's credential endpoint, as in the AWS CLI.
const (
	containerTimeout  = 2 * time.Second // per attempt
	containerAttempts = 3
	containerPause    = time.Second // between attempts
)

// containerHost is the host of relative URIs (ECS).
const containerHost = "169.254.170.2"

// container is the credential endpoint that ECS, EKS Pod Identity, CodeBuild and
// others provide to a container:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
//
// The SDK's endpointcreds uses the environment's proxy, and includes the response
// in its errors (as of credentials v1.20.15).
type container struct{ awsprofile.Container }

func (container) timeout(*walk) time.Duration {
	return containerAttempts*containerTimeout + (containerAttempts-1)*containerPause
}
func (container) key() string  { return "" }
func (container) kind() string { return "container credentials" }

func (s container) credentials(ctx context.Context, w *walk) (Credentials, error) {
	endpoint, err := containerEndpoint(s.Container)
	if err != nil {
		return Credentials{}, err
	}
	token, err := containerToken(s.Container)
	if err != nil {
		return Credentials{}, err
	}
	client := awsclient.NewLinkLocalClient(containerTimeout)
	return askContainerAgain(ctx, func() (Credentials, error) {
		w.Trace("container credentials from %s", endpoint.Host)
		return askContainer(ctx, client, endpoint, token)
	})
}

// askContainerAgain repeats every failed attempt, like the AWS CLI: EKS Pod
// Identity takes a moment to learn of a new association.
func askContainerAgain(ctx context.Context, ask func() (Credentials, error)) (Credentials, error) {
	for attempt := 1; ; attempt++ {
		creds, err := ask()
		if err == nil || attempt == containerAttempts || smithytime.SleepWithContext(ctx, containerPause) != nil {
			return creds, err
		}
	}
}

// containerEndpoint returns the URL of the endpoint. Plain http is allowed only for
// loopback and the link-local addresses that AWS documents.
func containerEndpoint(s awsprofile.Container) (*url.URL, error) {
	if s.RelativeURI != "" {
		u, err := url.Parse("http://" + containerHost + s.RelativeURI)
		if err != nil || s.RelativeURI[0] != '/' || u.Host != containerHost || u.User != nil {
			return nil, &awsprofile.VariableError{Variable: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Problem: "is not a path such as /v2/credentials/ID"}
		}
		return u, nil
	}
	const full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
	u, err := url.Parse(s.FullURI)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &awsprofile.VariableError{Variable: full, Problem: "is not an http or https URL"}
	}
	if u.Scheme == "http" && !isContainerHost(u.Hostname()) {
		return nil, &awsprofile.VariableError{
			Variable: full,
			Problem:  fmt.Sprintf("uses plain http for %q, which is allowed only for loopback, 169.254.170.2, 169.254.170.23 and fd00:ec2::23", printableStart(u.Hostname())),
		}
	}
	return u, nil
}

func isContainerHost(host string) bool {
	switch strings.ToLower(host) {
	case "localhost", containerHost, "169.254.170.23", "fd00:ec2::23":
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// containerToken returns the Authorization header for the endpoint; "" if there is
// none.
func containerToken(s awsprofile.Container) (string, error) {
	token := s.Token
	if s.TokenFile != "" {
		data, err := readSmallFile(s.TokenFile)
		if err != nil {
			return "", &store.FileError{What: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Path: s.TokenFile, Err: regularfile.Cause(err)}
		}
		token = strings.TrimRight(string(data), "\r\n")
	}
	if !awsclient.ValidHeader(token) {
		return "", errors.New("the container's authorization token is not a valid header value")
	}
	return token, nil
}

// askContainer makes one attempt to get credentials.
func askContainer(ctx context.Context, client *http.Client, endpoint *url.URL, token string) (Credentials, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint.String(), nil)
	if err != nil {
		return Credentials{}, errors.New("the endpoint's URL is malformed")
	}
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return Credentials{}, awsclient.NetworkCause(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Credentials{}, awsclient.NetworkCause(err)
	}
	if resp.StatusCode != http.StatusOK {
		return Credentials{}, fmt.Errorf("%s: it responded with %d%s", endpoint.Host, resp.StatusCode, firstWords(body, token))
	}
	return fromMetadata(body)
}

// firstWords returns an endpoint's explanation of an error, for a message: code and
// message of its JSON, or the first line of its text. It is "" if there is none, or
// if it may contain a secret, such as the token that was sent.
func firstWords(body []byte, token string) string {
	text, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	if o, err := exactjson.Parse(body); err == nil {
		text = strings.TrimSuffix(cmp.Or(o.Text("code"), o.Text("Code"))+": "+cmp.Or(o.Text("message"), o.Text("Message")), ": ")
	}
	if text = printableStart(strings.TrimPrefix(text, ": ")); text == "" || MayHoldSecret(text, token) {
		return ""
	}
	return fmt.Sprintf(" (%s)", text)
}
