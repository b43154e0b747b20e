package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/smithy-go"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/session/store"
)

// loginRefreshWindow is how long before its end a login's access key is
// renewed, as the AWS CLI does.
const loginRefreshWindow = 5 * time.Minute

// LoginError is returned when a person must run `aws login` again.
type LoginError struct{ Problem string }

func (e *LoginError) Error() string { return e.Problem }

// loginFile is what is read of the file that `aws login` leaves.
type loginFile struct {
	AccessToken struct {
		AccessKeyID     string `json:"accessKeyId"`
		SecretAccessKey string `json:"secretAccessKey"`
		SessionToken    string `json:"sessionToken"`
		ExpiresAt       string `json:"expiresAt"`
	} `json:"accessToken"`
	RefreshToken string `json:"refreshToken"`
	ClientID     string `json:"clientId"`
	DPoPKey      string `json:"dpopKey"`
}

// login returns the access key of an `aws login` session, renewed if it is
// about to end:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html.
func (w *walk) login(ctx context.Context, s awsprofile.Login) (Credentials, error) {
	dir, home := w.LoginCache, ""
	if dir == "" {
		if w.Home == "" {
			return Credentials{}, &LoginError{Problem: "there is no home folder to find the login in"}
		}
		dir, home = filepath.Join(w.Home, ".aws", "login", "cache"), w.Home
	}
	key, logins := store.LoginKey(s.Session), store.Folder{Home: home, Dir: dir}
	creds, err := readLogin(logins, key)
	if err != nil {
		return Credentials{}, err
	}
	if creds.Expires.Sub(w.clock.Now()) > loginRefreshWindow {
		return creds, nil
	}
	// Of many processes one renews: a refresh token may be used once.
	unlock := w.lock(ctx, logins, key, callTimeout+lockMargin, func() bool { return false })
	defer unlock()
	if creds, err = readLogin(logins, key); err != nil {
		return Credentials{}, err
	}
	if creds.Expires.Sub(w.clock.Now()) > loginRefreshWindow {
		return creds, nil
	}
	renewed, err := w.renewLogin(ctx, logins, key)
	if err != nil && creds.Expires.After(w.clock.Now()) {
		w.Trace("the login is not renewed: %s", err)
		return creds, nil
	}
	return renewed, err
}

func readLogin(logins store.Folder, key string) (Credentials, error) {
	path := logins.Path(key)
	data, err := logins.Read(key)
	if err != nil {
		return Credentials{}, &LoginError{Problem: fmt.Sprintf("no login (%s: %s)", path, err)}
	}
	var f loginFile
	err = json.Unmarshal(data, &f)
	expires, timeErr := awstime.Parse(f.AccessToken.ExpiresAt)
	if err != nil || timeErr != nil || f.AccessToken.AccessKeyID == "" {
		return Credentials{}, &LoginError{Problem: fmt.Sprintf("the file of the login is damaged (%s)", path)}
	}
	return Credentials{
		AccessKeyID:     f.AccessToken.AccessKeyID,
		SecretAccessKey: f.AccessToken.SecretAccessKey,
		SessionToken:    f.AccessToken.SessionToken,
		Expires:         expires,
	}, nil
}

// renewLogin gets a new access key for the login and writes it to the login's
// file, whose other members stay as they are.
func (w *walk) renewLogin(ctx context.Context, logins store.Folder, key string) (Credentials, error) {
	data, err := logins.Read(key)
	if err != nil {
		return Credentials{}, err
	}
	var old loginFile
	if err := json.Unmarshal(data, &old); err != nil {
		return Credentials{}, err
	}
	if old.RefreshToken == "" || old.ClientID == "" || old.DPoPKey == "" {
		return Credentials{}, &LoginError{Problem: "the login has expired"}
	}
	if err := logins.CheckWritable(key); err != nil {
		return Credentials{}, &FileError{What: "login", Path: logins.Path(key), Err: err}
	}
	renewed, err := w.createOAuth2Token(ctx, old)
	if err != nil {
		return Credentials{}, err
	}
	creds := Credentials{
		AccessKeyID:     renewed.AccessToken.AccessKeyID,
		SecretAccessKey: renewed.AccessToken.SecretAccessKey,
		SessionToken:    renewed.AccessToken.SessionToken,
		Expires:         w.clock.Now().Add(time.Duration(renewed.ExpiresIn) * time.Second),
	}
	w.update(logins, key, map[string]any{
		"accessToken": map[string]any{
			"accessKeyId":     creds.AccessKeyID,
			"secretAccessKey": creds.SecretAccessKey,
			"sessionToken":    creds.SessionToken,
			"expiresAt":       creds.Expires.UTC().Format(time.RFC3339),
		},
		"refreshToken": renewed.RefreshToken,
	})
	return creds, nil
}

// oauth2Token is the answer of sign-in.
type oauth2Token struct {
	AccessToken struct {
		AccessKeyID     string `json:"accessKeyId"`
		SecretAccessKey string `json:"secretAccessKey"`
		SessionToken    string `json:"sessionToken"`
	} `json:"accessToken"`
	ExpiresIn    int64  `json:"expiresIn"` // seconds
	RefreshToken string `json:"refreshToken"`
}

// renewalError says why a login could not be renewed. The OAuth errors are
// those of https://docs.aws.amazon.com/signin/latest/APIReference/API_AccessDeniedException.html.
func renewalError(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "AccessDeniedException" {
		if api.ErrorMessage() == "INSUFFICIENT_PERMISSIONS" {
			return ErrLoginNotAllowed
		}
		return &LoginError{Problem: "the login has expired"}
	}
	var login *LoginError
	if errors.As(err, &login) {
		return login // sign-in was not called
	}
	return awsclient.CallError("sign-in", err)
}

// createOAuth2Token spends the refresh token of a login:
// https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html.
func (w *walk) createOAuth2Token(ctx context.Context, login loginFile) (oauth2Token, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("signin:CreateOAuth2Token in %s", w.region())
	to := w.serviceURL("signin", w.region()) + "/v1/token"
	prove := func(r *http.Request) error {
		proof, err := dpop(login.DPoPKey, r.Method, to, w.clock.Now())
		r.Header.Set("DPoP", proof)
		return err
	}
	var token oauth2Token
	err := w.restJSON(ctx, to, true, prove, map[string]string{
		"clientId":     login.ClientID,
		"grantType":    "refresh_token",
		"refreshToken": login.RefreshToken,
	}, &token)
	if err != nil {
		return oauth2Token{}, renewalError(err)
	}
	if token.AccessToken.AccessKeyID == "" || token.RefreshToken == "" {
		return oauth2Token{}, errors.New("sign-in answered without an access key")
	}
	return token, nil
}
