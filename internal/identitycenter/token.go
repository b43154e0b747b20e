package identitycenter

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/exactjson"
	"git-credential-codecommit/internal/session/store"
)

// refreshWindow is how long before its expiry a token is renewed, as in the AWS
// CLI.
const refreshWindow = 15 * time.Minute

// A Token is the result of a sign-in. Its JSON is the AWS CLI's file format. It
// prints only its expiry.
type Token struct {
	StartURL              string `json:"startUrl"`
	Region                string `json:"region"`
	AccessToken           string `json:"accessToken"`
	ExpiresAt             string `json:"expiresAt"`
	ClientID              string `json:"clientId"`
	ClientSecret          string `json:"clientSecret"`
	RegistrationExpiresAt string `json:"registrationExpiresAt"`
	RefreshToken          string `json:"refreshToken,omitempty"`
}

// String returns a text without secrets.
func (t Token) String() string { return "SSO token until " + t.ExpiresAt }

// GoString returns a text without secrets.
func (t Token) GoString() string { return t.String() }

// IsFor reports whether the token belongs to a sign-in at the start URL of s, if
// that is known. The name of the file depends only on the sso-session.
func (t Token) IsFor(s awsprofile.SSOSession) bool {
	return t.StartURL == "" || t.StartURL == s.StartURL
}

// Expires returns when the token expires.
func (t Token) Expires() time.Time { return expiry(t.ExpiresAt) }

// Renewable reports whether the token can be renewed without user interaction.
func (t Token) Renewable(now time.Time) bool {
	return t.RefreshToken != "" && t.ClientID != "" && t.ClientSecret != "" && expiry(t.RegistrationExpiresAt).After(now)
}

// Token returns the token of a session, renewed if it is about to expire and can be
// renewed. The error is a NotSignedInError, a store.FileError or an error of the
// call.
func (c *Client) Token(ctx context.Context, s awsprofile.SSOSession) (Token, error) {
	if c.tokens.Dir == "" {
		return Token{}, errNoHome
	}
	key := key(s)
	token, err := c.read(key)
	if err != nil {
		return Token{}, err
	}
	left := func() time.Duration { return token.Expires().Sub(c.now()) }
	if left() < refreshWindow && s.Name != "" && token.Renewable(c.now()) && !c.failedRecently(key) {
		// Only one process renews the token, because a refresh token works once.
		unlock := c.lock(ctx, key)
		defer unlock()
		if token, err = c.read(key); err != nil {
			return Token{}, err
		}
		if left() < refreshWindow {
			renewed, err := c.renewed(ctx, s, key, token)
			switch {
			case err == nil:
				token = renewed
			case left() <= 0:
				return Token{}, err
			default:
				c.Trace("the SSO token is not renewed: %s", err)
			}
		}
	}
	if left() <= 0 {
		return Token{}, &NotSignedInError{Problem: "the SSO token expired at " + token.Expires().UTC().Format(time.RFC3339)}
	}
	return token, nil
}

// read reads the file of a token. The error is a NotSignedInError or a
// store.FileError.
func (c *Client) read(key string) (Token, error) {
	path := c.tokens.Path(key)
	data, err := c.tokens.Read(key)
	var untrusted *store.UntrustedError
	if errors.As(err, &untrusted) {
		return Token{}, &store.FileError{What: "SSO token", Path: path, Err: err}
	}
	if err != nil {
		return Token{}, &NotSignedInError{Problem: fmt.Sprintf("no SSO token (%s: %s)", path, err)}
	}
	t, ok := parseToken(data)
	if !ok {
		return Token{}, &NotSignedInError{Problem: fmt.Sprintf("the stored SSO token is damaged (%s)", path)}
	}
	return t, nil
}

// parseToken parses a token file; ok is false if it has no usable token or no
// expiry.
func parseToken(data []byte) (t Token, ok bool) {
	file, err := exactjson.Parse(data)
	if err != nil {
		return Token{}, false
	}
	t = Token{
		StartURL:              file.Text("startUrl"),
		Region:                file.Text("region"),
		AccessToken:           file.Text("accessToken"),
		ExpiresAt:             file.Text("expiresAt"),
		ClientID:              file.Text("clientId"),
		ClientSecret:          file.Text("clientSecret"),
		RegistrationExpiresAt: file.Text("registrationExpiresAt"),
		RefreshToken:          file.Text("refreshToken"),
	}
	return t, t.AccessToken != "" && awsclient.ValidHeader(t.AccessToken) && !t.Expires().IsZero()
}

// renewed renews a token and writes it to its file, keeping other members of the
// JSON.
func (c *Client) renewed(ctx context.Context, s awsprofile.SSOSession, key string, t Token) (Token, error) {
	if err := c.tokens.CheckWritable(key); err != nil {
		return Token{}, &store.FileError{What: "SSO token", Path: c.tokens.Path(key), Err: err}
	}
	t, err := c.refresh(ctx, s, t)
	if err != nil {
		return Token{}, err
	}
	members := map[string]any{"refreshToken": nil}
	data, err := json.Marshal(t)
	if err == nil {
		err = json.Unmarshal(data, &members)
	}
	if err == nil {
		err = c.tokens.Update(key, members)
	}
	if err != nil { // the new token works even if it cannot be stored
		c.Trace("%s is not written: %s", c.tokens.Path(key), err)
	}
	return t, nil
}

// refresh exchanges the refresh token for a new token:
// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html.
func (c *Client) refresh(ctx context.Context, s awsprofile.SSOSession, t Token) (Token, error) {
	c.Trace("sso-oidc:CreateToken for session %q", s.Name)
	t.StartURL = cmp.Or(t.StartURL, s.StartURL) // renewing does not change the start URL
	t.Region = s.Region
	err := c.createToken(ctx, &t, ssooidc.CreateTokenInput{
		GrantType:    aws.String("refresh_token"),
		RefreshToken: &t.RefreshToken,
	})
	var refused *tokenError
	if errors.As(err, &refused) && refused.final() {
		err = &NotSignedInError{Problem: "the SSO token has expired and AWS refuses to renew it"}
	}
	return t, err
}

// A tokenError is returned if AWS does not issue a token.
type tokenError struct {
	code string // error code, such as AuthorizationPendingException; "" if AWS did not answer
	busy bool   // the same call may succeed later
	err  error  // in plain words
}

func (e *tokenError) Error() string { return e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// final reports whether AWS rejected the call and would reject it again.
func (e *tokenError) final() bool { return e.code != "" && !e.busy }

func newTokenError(err error) error {
	e := &tokenError{err: awsclient.CallError("SSO", err)}
	var refused *awsclient.RefusedError
	if errors.As(e.err, &refused) {
		status := awsclient.StatusOf(err)
		e.code = refused.Code
		e.busy = status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || refused.Temporary()
	}
	return e
}

// createToken requests an access token for the client in t, and stores it in t. The
// error is a tokenError, unless the SDK client cannot be created.
func (c *Client) createToken(ctx context.Context, t *Token, in ssooidc.CreateTokenInput) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	client, err := c.AWS.OIDC(t.Region)
	if err != nil {
		return err
	}
	in.ClientId, in.ClientSecret = &t.ClientID, &t.ClientSecret
	ctx, retryer := c.AWS.Once(ctx)
	answer, err := client.CreateToken(ctx, &in, func(o *ssooidc.Options) { o.Retryer = retryer })
	if err != nil {
		return newTokenError(err)
	}
	access := aws.ToString(answer.AccessToken)
	if access == "" || !awsclient.ValidHeader(access) || answer.ExpiresIn <= 0 {
		return errNoToken
	}
	t.AccessToken = access
	t.RefreshToken = aws.ToString(answer.RefreshToken) // the old one no longer works
	t.ExpiresAt = c.now().Add(time.Duration(answer.ExpiresIn) * time.Second).UTC().Format(time.RFC3339)
	return nil
}

var errNoToken = errors.New("SSO returned no token")
