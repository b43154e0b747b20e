package identitycenter

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

// Polling intervals: RFC 8628, sections 3.2 and 3.5.
const (
	usualInterval = 5 * time.Second
	slowDown      = 5 * time.Second
	maxInterval   = time.Minute
)

// withDeviceCode signs in with a browser on any machine: the user opens a page and
// compares the code, while this process polls for the token.
func (c *Client) withDeviceCode(ctx context.Context, r Request, s awsprofile.SSOSession, issuer string) (Token, error) {
	reg, answer, err := c.startDeviceCode(ctx, s, issuer)
	if err != nil {
		return Token{}, err
	}
	page := Page{URL: aws.ToString(answer.VerificationUri), Code: aws.ToString(answer.UserCode), Complete: aws.ToString(answer.VerificationUriComplete)}
	if page.Complete == "" {
		page.Complete = page.URL
	}
	for _, url := range []string{page.URL, page.Complete} {
		if err := checkPage(url, s.Region, s.StartURL); err != nil {
			return Token{}, err
		}
	}
	if !isUserCode(page.Code) {
		return Token{}, errors.New("AWS returned no code to compare")
	}
	if answer.ExpiresIn > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, time.Duration(answer.ExpiresIn)*time.Second, ErrExpired)
		defer cancel()
	}
	interval := min(time.Duration(answer.Interval)*time.Second, maxInterval)
	if interval <= 0 {
		interval = usualInterval
	}
	c.Trace("waiting for a person to allow the device code")
	r.Show(page)
	for {
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return Token{}, context.Cause(ctx)
		}
		t := reg.token(s)
		err := c.createToken(ctx, &t, ssooidc.CreateTokenInput{GrantType: aws.String(grantDevice), DeviceCode: answer.DeviceCode})
		if err == nil {
			return t, nil
		}
		if ctx.Err() != nil {
			return Token{}, context.Cause(ctx)
		}
		var refused *tokenError
		switch {
		case errors.As(err, &refused) && refused.code == "AuthorizationPendingException":
		case errors.As(err, &refused) && refused.code == "SlowDownException":
			interval = min(interval+slowDown, maxInterval)
		case errors.As(err, &refused) && !refused.final():
			c.Trace("asking again: %s", err) // the user may not have finished in the browser
		default:
			return Token{}, grantError(err)
		}
	}
}

// startDeviceCode requests a device code. If AWS no longer knows the stored
// registration, it registers again.
func (c *Client) startDeviceCode(ctx context.Context, s awsprofile.SSOSession, issuer string) (registration, *ssooidc.StartDeviceAuthorizationOutput, error) {
	for again := false; ; again = true {
		reg, err := c.register(ctx, s, issuer, true, again)
		if err != nil {
			return registration{}, nil, err
		}
		answer, err := c.callStartDeviceAuthorization(ctx, s, issuer, reg)
		var refused *awsclient.RefusedError
		if again || !errors.As(err, &refused) || refused.Code != "InvalidClientException" {
			return reg, answer, err
		}
	}
}

func (c *Client) callStartDeviceAuthorization(ctx context.Context, s awsprofile.SSOSession, issuer string, reg registration) (*ssooidc.StartDeviceAuthorizationOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c.Trace("sso-oidc:StartDeviceAuthorization in %s", s.Region)
	client, err := c.AWS.OIDC(s.Region)
	if err != nil {
		return nil, err
	}
	answer, err := client.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{
		ClientId: &reg.ClientID, ClientSecret: &reg.ClientSecret, StartUrl: &issuer,
	})
	if err != nil {
		return nil, awsclient.CallError("SSO", err)
	}
	return answer, nil
}

// isUserCode reports whether a code has a form that a person can compare:
// ABCD-EFGH.
func isUserCode(code string) bool {
	const most = 32 // characters
	return code != "" && len(code) <= most && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
