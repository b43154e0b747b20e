package identitycenter

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
)

// randomWord returns 32 random bytes encoded in 43 characters, the minimum length
// of a code verifier: https://www.rfc-editor.org/rfc/rfc7636#section-4.1.
func randomWord() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// challengeOf returns the code challenge for a verifier:
// https://www.rfc-editor.org/rfc/rfc7636#section-4.2.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// withAuthCode signs in with an authorization code and PKCE. This machine's browser
// brings the code to the loopback listener; only the process that has the verifier
// can exchange it.
func (c *Client) withAuthCode(ctx context.Context, r Request, s awsprofile.SSOSession, issuer string) (t Token, err error) {
	reg, err := c.register(ctx, s, issuer, false, false)
	if err != nil {
		return Token{}, err
	}
	state, verifier := randomWord(), randomWord()
	l, err := listen(ctx, state)
	if err != nil {
		return Token{}, fmt.Errorf("cannot listen on 127.0.0.1 for the browser: %w", err)
	}
	defer func() { l.finish(err == nil) }()
	page, err := c.authorizeURL(ctx, reg, s, l, challengeOf(verifier))
	if err != nil {
		return Token{}, err
	}
	c.Trace("waiting for the browser on %s", l.host)
	r.Show(Page{URL: page})
	select {
	case answer := <-l.returned:
		if answer.problem != "" {
			return Token{}, refusal(answer.problem)
		}
		c.Trace("sso-oidc:CreateToken with the authorization code")
		t = reg.token(s)
		err = c.createToken(ctx, &t, ssooidc.CreateTokenInput{
			GrantType:    aws.String(grantAuthCode),
			Code:         &answer.code,
			CodeVerifier: &verifier,
			RedirectUri:  aws.String(l.redirectURI()),
		})
		return t, grantError(err)
	case <-ctx.Done():
		return Token{}, context.Cause(ctx)
	}
}

// authorizeURL returns the URL of the page on which the user signs in.
func (c *Client) authorizeURL(ctx context.Context, reg registration, s awsprofile.SSOSession, l *loopback, challenge string) (string, error) {
	endpoint, err := c.AWS.OIDCEndpoint(ctx, s.Region)
	if err != nil {
		return "", err
	}
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {reg.ClientID},
		"redirect_uri":          {l.redirectURI()},
		"state":                 {l.state},
		"code_challenge_method": {"S256"},
		"code_challenge":        {challenge},
		"scopes":                {strings.Join(reg.Scopes, " ")},
	}
	// Encode spaces as %20, like the AWS CLI.
	return strings.TrimSuffix(endpoint, "/") + "/authorize?" + strings.ReplaceAll(query.Encode(), "+", "%20"), nil
}

// token returns a Token with the members that come from the registration.
func (r registration) token(s awsprofile.SSOSession) Token {
	return Token{
		StartURL: s.StartURL, Region: s.Region,
		ClientID: r.ClientID, ClientSecret: r.ClientSecret, RegistrationExpiresAt: r.ExpiresAt,
	}
}

// ErrRefused is returned if the user denied the sign-in.
var ErrRefused = errors.New("the sign-in was refused in the browser")

// refusal returns the error for an error code that the browser returned:
// https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1.
func refusal(code string) error {
	if code == "access_denied" {
		return ErrRefused
	}
	return fmt.Errorf("IAM Identity Center refused the sign-in: %s", cli.Quote(code))
}

// grantError returns an error of CreateToken in plain words.
func grantError(err error) error {
	var refused *tokenError
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.code {
	case "AccessDeniedException":
		return ErrRefused
	case "ExpiredTokenException":
		return ErrExpired
	case "InvalidGrantException":
		return errors.New("AWS refused the browser's answer: it belongs to another sign-in")
	}
	return err
}
