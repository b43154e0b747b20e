package session

import (
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
	"git-credential-codecommit/internal/regularfile"
)

// Bounds on asking a container's credential endpoint: the AWS CLI's.
const (
	containerTimeout  = 2 * time.Second // of one try
	containerAttempts = 3
	containerPause    = time.Second // between two tries
)

// containerHost is where the relative URI of ECS is asked.
const containerHost = "169.254.170.2"

// container asks the credential endpoint that ECS, EKS Pod Identity, CodeBuild
// and others give a container:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
func (w *walk) container(ctx context.Context, s awsprofile.Container) (Credentials, error) {
	endpoint, err := containerEndpoint(s)
	if err != nil {
		return Credentials{}, err
	}
	token, err := containerToken(s)
	if err != nil {
		return Credentials{}, err
	}
	client := awsclient.NewLinkLocalClient(containerTimeout)
	for try := 1; ; try++ {
		w.Trace("container credentials from %s", endpoint.Host)
		body, again, err := askContainer(ctx, client, endpoint, token)
		if err == nil {
			return fromMetadata(body)
		}
		if !again || try == containerAttempts || smithytime.SleepWithContext(ctx, containerPause) != nil {
			return Credentials{}, err
		}
	}
}

// containerEndpoint is where to ask. Plain http is for this machine and for
// the link-local addresses that AWS documents; anything else needs https.
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
			Problem:  fmt.Sprintf("names %q over plain http: only this machine, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 may be asked so", printableStart(u.Hostname())),
		}
	}
	return u, nil
}

func isContainerHost(host string) bool {
	switch host {
	case "localhost", containerHost, "169.254.170.23", "fd00:ec2::23":
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// containerToken is the Authorization that the endpoint wants; "" for none.
func containerToken(s awsprofile.Container) (string, error) {
	token := s.Token
	if s.TokenFile != "" {
		data, err := readSmallFile(s.TokenFile)
		if err != nil {
			return "", &FileError{What: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Path: s.TokenFile, Err: regularfile.Cause(err)}
		}
		token = strings.TrimRight(string(data), "\r\n")
	}
	if notHeader(token) {
		return "", errors.New("the container's authorization token is not a header's value")
	}
	return token, nil
}

// askContainer asks once. Again says that another try is worth it.
func askContainer(ctx context.Context, client *http.Client, endpoint *url.URL, token string) (body []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint.String(), nil)
	if err != nil {
		return nil, false, errors.New("the endpoint's URL is malformed")
	}
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, true, awsclient.NetworkCause(err)
	}
	defer resp.Body.Close()
	if code := resp.StatusCode; code != http.StatusOK {
		refused := code == http.StatusBadRequest || code == http.StatusUnauthorized || code == http.StatusForbidden
		return nil, !refused, fmt.Errorf("%s: it answered %d", endpoint.Host, code)
	}
	if body, err = io.ReadAll(resp.Body); err != nil {
		return nil, true, awsclient.NetworkCause(err)
	}
	return body, false, nil
}

type container struct{ awsprofile.Container }

func (container) timeout(w *walk) time.Duration {
	return containerAttempts*containerTimeout + (containerAttempts-1)*containerPause
}
func (container) key() string  { return "" }
func (container) kind() string { return "container credentials" }
func (s container) credentials(ctx context.Context, w *walk) (Credentials, error) {
	return w.container(ctx, s.Container)
}
