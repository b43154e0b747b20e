package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
)

// A NoRegionError is returned if the region of a sign-in is unknown.
type NoRegionError struct{ StartURL string }

func (e *NoRegionError) Error() string {
	return "no sso_region is configured for " + cli.Quote(cli.RedactURL(e.StartURL)) + ", and the URL does not name one"
}

// resolve returns the portal of a start URL, and the session with the portal's
// region. A vanity start URL, on a company's host, redirects to the portal; like
// the AWS CLI, resolve follows one redirect.
// See https://github.com/aws/aws-cli/blob/v2/awscli/customizations/sso/resolve.py.
func (c *Client) resolve(ctx context.Context, s awsprofile.SSOSession) (portal string, resolved awsprofile.SSOSession, err error) {
	host, err := startHost(s.StartURL)
	if err != nil {
		return "", s, err
	}
	portal = s.StartURL
	if !isPortal(host) {
		if portal, err = c.follow(ctx, s.StartURL); err != nil {
			return "", s, err
		}
		if host, err = startHost(portal); err != nil || !isPortal(host) {
			return "", s, fmt.Errorf("the start URL %s redirects to %s instead of IAM Identity Center", cli.Quote(cli.RedactURL(s.StartURL)), cli.Quote(cli.RedactURL(portal)))
		}
		if region := portalRegion(host); region != "" {
			s.Region = region
		}
	} else if s.Region == "" {
		s.Region = portalRegion(host)
	}
	if s.Region == "" {
		return "", s, &NoRegionError{StartURL: s.StartURL}
	}
	return portal, s, nil
}

// follow returns the URL to which a start URL redirects, without query, fragment
// and trailing slashes; the start URL itself if it does not redirect.
func (c *Client) follow(ctx context.Context, startURL string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c.Trace("following the start URL %s", startURL)
	to := startURL
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		status, location, err := c.ask(ctx, method, startURL)
		if err != nil {
			return "", err
		}
		if status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented {
			continue
		}
		if status >= http.StatusMultipleChoices && status < http.StatusBadRequest {
			base, err := url.Parse(startURL)
			if err != nil {
				return "", err
			}
			u, err := base.Parse(location)
			if err != nil || location == "" {
				return "", errors.New("the start URL redirects without a valid location")
			}
			to = u.String()
		} else if status >= http.StatusBadRequest {
			return "", fmt.Errorf("the start URL %s responded with %d", cli.Quote(cli.RedactURL(startURL)), status)
		}
		break
	}
	u, err := url.Parse(to)
	if err != nil {
		return "", err
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = "", false, "", ""
	return strings.TrimRight(u.String(), "/"), nil
}

// ask sends a request and returns a redirect instead of following it.
func (c *Client) ask(ctx context.Context, method, to string) (status int, location string, err error) {
	client, err := c.AWS.HTTP()
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequestWithContext(awsclient.NotAWS(ctx), method, to, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, "", &awsclient.NetworkError{Service: "the start URL", Err: awsclient.NetworkCause(err)}
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Header.Get("Location"), nil
}
