package session

import (
	"context"
	"crypto/sha1" // the AWS CLI's choice of a file name; nothing is secured by it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/regularfile"
)

// ssoRefreshWindow is how long before its end a token is renewed, as the AWS
// CLI does.
const ssoRefreshWindow = 15 * time.Minute

// SSOLoginError is returned when a person must sign in to IAM Identity Center
// again.
type SSOLoginError struct {
	Problem string // "the SSO token expired at 2026-01-01T00:00:00Z"
}

func (e *SSOLoginError) Error() string { return e.Problem }

// sso gets the credentials of an IAM Identity Center role with the token that
// `aws sso login` left in ~/.aws/sso/cache:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html.
func (w *walk) sso(ctx context.Context, s awsprofile.SSO) (Credentials, error) {
	isRole := func(e entry) bool {
		return e.ProviderType == providerSSO && (e.Credentials.AccountID == "" || e.Credentials.AccountID == s.AccountID)
	}
	return w.kept(ctx, ssoKey(s), isRole, func() (entry, error) {
		token, err := w.ssoToken(ctx, s)
		if err != nil {
			return entry{}, err
		}
		return w.getRoleCredentials(ctx, s, token)
	})
}

// getRoleCredentials asks for the credentials of the role with an SSO token:
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html.
func (w *walk) getRoleCredentials(ctx context.Context, s awsprofile.SSO, token string) (entry, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("sso:GetRoleCredentials of %s in account %s", s.RoleName, s.AccountID)
	wanted := url.Values{"account_id": {s.AccountID}, "role_name": {s.RoleName}}
	to := w.serviceURL("sso", s.Region) + "/federation/credentials?" + wanted.Encode()
	bearer := func(r *http.Request) error {
		r.Header.Set("x-amz-sso_bearer_token", token)
		return nil
	}
	var answer struct {
		RoleCredentials struct {
			AccessKeyID     string `json:"accessKeyId"`
			SecretAccessKey string `json:"secretAccessKey"`
			SessionToken    string `json:"sessionToken"`
			Expiration      int64  `json:"expiration"` // milliseconds since 1970
		} `json:"roleCredentials"`
	}
	err := w.restJSON(ctx, to, false, bearer, nil, &answer)
	if awsclient.StatusOf(err) == http.StatusUnauthorized {
		return entry{}, &SSOLoginError{Problem: "AWS no longer accepts the SSO token"}
	}
	if err != nil {
		return entry{}, awsclient.CallError("SSO", err)
	}
	got := answer.RoleCredentials
	if got.AccessKeyID == "" {
		return entry{}, errors.New("SSO answered without credentials")
	}
	e := newEntry(Credentials{
		AccessKeyID:     got.AccessKeyID,
		SecretAccessKey: got.SecretAccessKey,
		SessionToken:    got.SessionToken,
		Expires:         time.UnixMilli(got.Expiration),
		AccountID:       s.AccountID,
	})
	e.ProviderType = providerSSO
	_, err = e.credentials()
	return e, err
}

// ssoTokenFile is the AWS CLI's file of a token. Members that are not named
// here are kept when the file is written again.
type ssoTokenFile struct {
	AccessToken           string `json:"accessToken"`
	ExpiresAt             string `json:"expiresAt"`
	RefreshToken          string `json:"refreshToken"`
	ClientID              string `json:"clientId"`
	ClientSecret          string `json:"clientSecret"`
	RegistrationExpiresAt string `json:"registrationExpiresAt"`

	expires time.Time
}

// ssoToken returns the token of the SSO session, renewed if it is about to end
// and can be.
func (w *walk) ssoToken(ctx context.Context, s awsprofile.SSO) (string, error) {
	if w.Home == "" {
		return "", &SSOLoginError{Problem: "there is no home folder to find the SSO token in"}
	}
	name := s.Session
	if name == "" {
		name = s.StartURL
	}
	sum := sha1.Sum([]byte(name))
	key := hex.EncodeToString(sum[:])
	tokens := &store{home: w.Home, dir: filepath.Join(w.Home, ".aws", "sso", "cache"), now: w.clock.Now, trace: w.Trace, tokens: true}
	path := tokens.path(key + ".json")

	token, err := readSSOToken(path)
	if err != nil {
		return "", err
	}
	left := func() time.Duration { return token.expires.Sub(w.clock.Now()) }
	if left() < ssoRefreshWindow && s.Session != "" && token.renewable(w.clock.Now()) {
		// Of many processes one renews: a refresh token may be used once.
		unlock := tokens.lock(ctx, key, callTimeout+lockMargin, func() bool { return false })
		defer unlock()
		if token, err = readSSOToken(path); err != nil {
			return "", err
		}
		if left() < ssoRefreshWindow {
			var renewed ssoTokenFile
			if err = tokens.tryWriting(key); err != nil {
				err = &FileError{What: "SSO token", Path: path, Err: regularfile.Cause(err)}
			} else {
				renewed, err = w.renewSSOToken(ctx, s, token)
			}
			switch {
			case err == nil:
				token = renewed
				tokens.update(key, renewed.members(s))
			case left() <= 0:
				return "", err
			default:
				w.Trace("the SSO token is not renewed: %s", err)
			}
		}
	}
	if left() <= 0 {
		return "", &SSOLoginError{Problem: "the SSO token expired at " + token.expires.UTC().Format(time.RFC3339)}
	}
	return token.AccessToken, nil
}

func readSSOToken(path string) (ssoTokenFile, error) {
	data, err := readSmallFile(path)
	if err != nil {
		return ssoTokenFile{}, &SSOLoginError{Problem: fmt.Sprintf("no SSO token (%s: %s)", path, regularfile.Cause(err))}
	}
	var t ssoTokenFile
	err = json.Unmarshal(data, &t)
	if err == nil {
		t.expires, err = awstime.Parse(t.ExpiresAt)
	}
	if err != nil || t.AccessToken == "" || notHeader(t.AccessToken) {
		return ssoTokenFile{}, &SSOLoginError{Problem: fmt.Sprintf("the file of the SSO token is damaged (%s)", path)}
	}
	return t, nil
}

// renewable says whether the file holds what a renewal takes.
func (t ssoTokenFile) renewable(now time.Time) bool {
	registered, err := awstime.Parse(t.RegistrationExpiresAt)
	return err == nil && registered.After(now) && t.RefreshToken != "" && t.ClientID != "" && t.ClientSecret != ""
}

// members are what the file says after a renewal, in the AWS CLI's names.
func (t ssoTokenFile) members(s awsprofile.SSO) map[string]any {
	return map[string]any{
		"startUrl":              s.StartURL,
		"region":                s.Region,
		"accessToken":           t.AccessToken,
		"expiresAt":             t.ExpiresAt,
		"refreshToken":          t.RefreshToken,
		"clientId":              t.ClientID,
		"clientSecret":          t.ClientSecret,
		"registrationExpiresAt": t.RegistrationExpiresAt,
	}
}

// renewSSOToken asks for a new token:
// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html.
func (w *walk) renewSSOToken(ctx context.Context, s awsprofile.SSO, t ssoTokenFile) (ssoTokenFile, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("sso-oidc:CreateToken for session %q", s.Session)
	var answer struct {
		AccessToken  string `json:"accessToken"`
		RefreshToken string `json:"refreshToken"`
		ExpiresIn    int64  `json:"expiresIn"` // seconds
	}
	err := w.restJSON(ctx, w.serviceURL("sso_oidc", s.Region)+"/token", true, nil, map[string]string{
		"clientId":     t.ClientID,
		"clientSecret": t.ClientSecret,
		"grantType":    "refresh_token",
		"refreshToken": t.RefreshToken,
	}, &answer)
	if err != nil {
		busy := awsclient.StatusOf(err) >= http.StatusInternalServerError || awsclient.StatusOf(err) == http.StatusTooManyRequests
		err = awsclient.CallError("SSO", err)
		var refused *awsclient.RefusedError
		if errors.As(err, &refused) && !busy && !refused.Temporary() {
			err = &SSOLoginError{Problem: "the SSO token has expired and AWS refuses to renew it"}
		}
		return ssoTokenFile{}, err
	}
	t.AccessToken = answer.AccessToken
	if t.AccessToken == "" || notHeader(t.AccessToken) {
		return ssoTokenFile{}, errors.New("SSO answered without a token")
	}
	if answer.RefreshToken != "" {
		t.RefreshToken = answer.RefreshToken
	}
	t.expires = w.clock.Now().Add(time.Duration(answer.ExpiresIn) * time.Second)
	t.ExpiresAt = t.expires.UTC().Format(time.RFC3339)
	return t, nil
}

// notHeader says that s cannot stand in an HTTP header.
func notHeader(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return true
		}
	}
	return false
}
