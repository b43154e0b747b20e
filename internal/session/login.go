package session

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/signin/types"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/exactjson"
	"git-credential-codecommit/internal/session/store"
)

// loginRefreshWindow is how long before its expiry a login's access key is renewed,
// as in the AWS CLI.
const loginRefreshWindow = 5 * time.Minute

// LoginError is returned if the user must run `aws login` again.
type LoginError struct{ Problem string }

func (e *LoginError) Error() string { return e.Problem }

// ErrLoginNotAllowed is returned if the user of an `aws login` is not allowed to renew it.
// Signing in again would help for minutes only.
var ErrLoginNotAllowed = cli.WithHints(errors.New("the login cannot be renewed: its user is not allowed to use signin:CreateOAuth2Token"),
	cli.Advice("the user needs a policy that allows it, such as AWS's SignInLocalDevelopmentAccess"))

// loginFile is the part of the `aws login` file that this program reads.
type loginFile struct {
	Credentials
	RefreshToken string
	ClientID     string
	DPoPKey      string
}

// parseLogin parses the file of a login.
func parseLogin(data []byte) (f loginFile, err error) {
	file, err := exactjson.Parse(data)
	if err != nil {
		return f, err
	}
	token := file.Object("accessToken")
	f = loginFile{
		Credentials: Credentials{
			AccessKeyID:     token.Text("accessKeyId"),
			SecretAccessKey: token.Text("secretAccessKey"),
			SessionToken:    token.Text("sessionToken"),
		},
		RefreshToken: file.Text("refreshToken"),
		ClientID:     file.Text("clientId"),
		DPoPKey:      file.Text("dpopKey"),
	}
	if f.Expires, err = awstime.Parse(token.Text("expiresAt")); err != nil {
		err = errors.New("it has no expiry time")
	}
	return f, err
}

// login is a session of `aws login`. Its access key is renewed if it is about to
// expire:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html.
//
// The SDK's logincreds takes no lock, truncates the file in place, and encodes keys
// without padding (as of credentials v1.20.15).
type login struct {
	awsprofile.Login
}

func (login) timeout(*walk) time.Duration { return callTimeout }
func (login) key() string                 { return "" }
func (login) kind() string                { return "login_session" }

func (s login) credentials(ctx context.Context, w *walk) (Credentials, error) {
	dir, home := w.LoginCache, ""
	if dir == "" {
		if w.Home == "" {
			return Credentials{}, &LoginError{Problem: "no home folder for the login"}
		}
		dir, home = filepath.Join(w.Home, ".aws", "login", "cache"), w.Home
	}
	key, logins := store.LoginKey(s.Session), store.Folder{Home: home, Dir: dir}
	creds, err := readLogin(logins, key)
	if err != nil {
		return Credentials{}, err
	}
	if creds.Expires.Sub(w.aws.Clock.Now()) > loginRefreshWindow {
		return creds, nil
	}
	// Only one process renews the key, because a refresh token works once.
	unlock := w.lock(ctx, logins, key, callTimeout+lockMargin, func() bool { return false })
	defer unlock()
	if creds, err = readLogin(logins, key); err != nil {
		return Credentials{}, err
	}
	if creds.Expires.Sub(w.aws.Clock.Now()) > loginRefreshWindow {
		return creds, nil
	}
	renewed, err := w.renewLogin(ctx, logins, key)
	if err != nil && creds.Expires.After(w.aws.Clock.Now()) {
		w.Trace("the login is not renewed: %s", err)
		return creds, nil
	}
	return renewed, err
}

func readLogin(logins store.Folder, key string) (Credentials, error) {
	path := logins.Path(key)
	data, err := logins.Read(key)
	var untrusted *store.UntrustedError
	if errors.As(err, &untrusted) {
		return Credentials{}, &store.FileError{What: "login", Path: path, Err: err}
	}
	if err != nil {
		return Credentials{}, &LoginError{Problem: fmt.Sprintf("no login (%s: %s)", path, err)}
	}
	f, err := parseLogin(data)
	if err != nil || f.AccessKeyID == "" {
		return Credentials{}, &LoginError{Problem: fmt.Sprintf("the stored login is damaged (%s)", path)}
	}
	return f.Credentials, nil
}

// renewLogin gets a new access key for the login and writes it to the login's file,
// keeping other members of the JSON.
func (w *walk) renewLogin(ctx context.Context, logins store.Folder, key string) (Credentials, error) {
	data, err := logins.Read(key)
	if err != nil {
		return Credentials{}, err
	}
	old, err := parseLogin(data)
	if err != nil {
		return Credentials{}, err
	}
	if old.RefreshToken == "" || old.ClientID == "" || old.DPoPKey == "" {
		return Credentials{}, &LoginError{Problem: "the login has expired"}
	}
	if err := logins.CheckWritable(key); err != nil {
		return Credentials{}, &store.FileError{What: "login", Path: logins.Path(key), Err: err}
	}
	renewed, err := w.createOAuth2Token(ctx, old)
	if err != nil {
		return Credentials{}, err
	}
	creds := Credentials{
		AccessKeyID:     aws.ToString(renewed.AccessToken.AccessKeyId),
		SecretAccessKey: aws.ToString(renewed.AccessToken.SecretAccessKey),
		SessionToken:    aws.ToString(renewed.AccessToken.SessionToken),
		Expires:         w.aws.Clock.Now().Add(time.Duration(aws.ToInt32(renewed.ExpiresIn)) * time.Second),
	}
	w.update(logins, key, map[string]any{
		"accessToken": map[string]any{
			"accessKeyId":     creds.AccessKeyID,
			"secretAccessKey": creds.SecretAccessKey,
			"sessionToken":    creds.SessionToken,
			"expiresAt":       creds.Expires.UTC().Format(time.RFC3339),
		},
		"refreshToken": aws.ToString(renewed.RefreshToken),
	})
	return creds, nil
}

// renewalError returns why a login could not be renewed. The OAuth errors are those
// of
// https://docs.aws.amazon.com/signin/latest/APIReference/API_AccessDeniedException.html.
func renewalError(err error) error {
	var login *LoginError
	var denied *types.AccessDeniedException
	switch {
	case errors.As(err, &login):
		return login // the sign-in service was not called
	case errors.As(err, &denied) && denied.Error_ == types.OAuth2ErrorCodeInsufficientPermissions:
		return ErrLoginNotAllowed
	case errors.As(err, &denied):
		return &LoginError{Problem: "the login has expired"}
	}
	return awsclient.CallError("sign-in", err)
}

// createOAuth2Token exchanges the refresh token of a login:
// https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html.
func (w *walk) createOAuth2Token(ctx context.Context, login loginFile) (*types.CreateOAuth2TokenResponseBody, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("signin:CreateOAuth2Token in %s", w.aws.Region())
	client, err := w.aws.SignIn()
	if err != nil {
		return nil, err
	}
	ctx, retryer := w.aws.Once(ctx)
	in := &signin.CreateOAuth2TokenInput{TokenInput: &types.CreateOAuth2TokenRequestBody{
		ClientId:     &login.ClientID,
		GrantType:    aws.String("refresh_token"),
		RefreshToken: &login.RefreshToken,
	}}
	options := func(o *signin.Options) {
		o.Retryer = retryer
		o.APIOptions = append(o.APIOptions, addProof(login.DPoPKey, w.aws.Clock.Now))
	}
	skew := w.aws.Clock.Skew()
	out, err := client.CreateOAuth2Token(ctx, in, options)
	// A refused call does not use up the refresh token.
	if status := awsclient.StatusOf(err); status/100 == 4 && w.aws.Clock.Skew() != skew {
		w.Trace("clock off by %s: asking once more with AWS's time", w.aws.Clock.Skew())
		out, err = client.CreateOAuth2Token(ctx, in, options)
	}
	if err != nil {
		return nil, renewalError(err)
	}
	token := out.TokenOutput
	if token == nil || token.AccessToken == nil || aws.ToString(token.AccessToken.AccessKeyId) == "" || aws.ToString(token.RefreshToken) == "" {
		return nil, errors.New("the sign-in service returned no access key")
	}
	return token, nil
}
