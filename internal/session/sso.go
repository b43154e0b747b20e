package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/exactjson"
	"git-credential-codecommit/internal/session/store"
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

// SSORoleError is returned when IAM Identity Center does not give the person who
// signed in the role.
type SSORoleError struct {
	Role    string // its name
	Account string
	At      awsprofile.Position // where the profile names them
}

func (e *SSORoleError) Error() string {
	return fmt.Sprintf("you are not assigned the role %s in account %s", cli.Quote(e.Role), e.Account)
}

// Hints returns how to choose another role, or to be assigned this one.
func (e *SSORoleError) Hints() []cli.Hint {
	return append(e.At.Edit(), cli.Advice("or ask the administrator of IAM Identity Center for the assignment"))
}

// ssoRole is a role of IAM Identity Center. Its credentials are obtained with the
// token that signing in left in ~/.aws/sso/cache:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html.
//
// The SDK's ssocreds takes no lock, truncates the file in place, and rejects the
// AWS CLI's times that end in UTC (as of credentials v1.20.15).
type ssoRole struct{ awsprofile.SSO }

// timeout has time for a new token, and for the role's credentials.
func (ssoRole) timeout(*walk) time.Duration { return 2 * callTimeout }
func (s ssoRole) key() string               { return store.SSOKey(s.SSO) }
func (ssoRole) kind() string                { return "SSO" }

func (s ssoRole) credentials(ctx context.Context, w *walk) (Credentials, error) {
	isRole := func(e store.Session) bool {
		return e.ProviderType == store.ProviderSSO && (e.Credentials.AccountID == "" || e.Credentials.AccountID == s.AccountID)
	}
	return w.stored(ctx, 0, isRole, func() (store.Session, error) {
		token, err := w.ssoToken(ctx, s.SSO)
		if err != nil {
			return store.Session{}, err
		}
		return w.getRoleCredentials(ctx, s.SSO, token)
	})
}

// getRoleCredentials asks for the credentials of the role with an SSO token:
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html.
func (w *walk) getRoleCredentials(ctx context.Context, s awsprofile.SSO, token string) (store.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("sso:GetRoleCredentials of %s in account %s", s.RoleName, s.AccountID)
	client, err := w.aws.SSO(s.Region)
	if err != nil {
		return store.Session{}, err
	}
	answer, err := client.GetRoleCredentials(ctx, &sso.GetRoleCredentialsInput{
		AccessToken: &token,
		AccountId:   &s.AccountID,
		RoleName:    &s.RoleName,
	})
	if awsclient.StatusOf(err) == http.StatusUnauthorized {
		return store.Session{}, &SSOLoginError{Problem: "AWS no longer accepts the SSO token"}
	}
	if awsclient.StatusOf(err) == http.StatusForbidden {
		return store.Session{}, &SSORoleError{Role: s.RoleName, Account: s.AccountID, At: s.At}
	}
	if err != nil {
		return store.Session{}, awsclient.CallError("SSO", err)
	}
	got := answer.RoleCredentials
	if got == nil || aws.ToString(got.AccessKeyId) == "" {
		return store.Session{}, errors.New("SSO answered without credentials")
	}
	e := toStored(Credentials{
		AccessKeyID:     aws.ToString(got.AccessKeyId),
		SecretAccessKey: aws.ToString(got.SecretAccessKey),
		SessionToken:    aws.ToString(got.SessionToken),
		Expires:         time.UnixMilli(got.Expiration),
		AccountID:       s.AccountID,
	})
	e.ProviderType = store.ProviderSSO
	_, err = fromStored(e)
	return e, err
}

// ssoTokenFile is the AWS CLI's file of a token. Other members stay when the
// file is written again.
type ssoTokenFile struct {
	AccessToken           string
	ExpiresAt             string
	RefreshToken          string
	ClientID              string
	ClientSecret          string
	RegistrationExpiresAt string

	expires time.Time
}

// ssoToken returns the token of the SSO session, renewed if it is about to end
// and can be.
func (w *walk) ssoToken(ctx context.Context, s awsprofile.SSO) (string, error) {
	if w.Home == "" {
		return "", &SSOLoginError{Problem: "there is no home folder to find the SSO token in"}
	}
	key, tokens := store.TokenKey(s), tokenFolder(w.Home)
	token, err := readSSOToken(tokens, key)
	if err != nil {
		return "", err
	}
	left := func() time.Duration { return token.expires.Sub(w.aws.Clock.Now()) }
	if left() < ssoRefreshWindow && s.Session != "" && token.renewable(w.aws.Clock.Now()) {
		// Of many processes one renews: a refresh token may be used once.
		unlock := w.lock(ctx, tokens, key, callTimeout+lockMargin, func() bool { return false })
		defer unlock()
		if token, err = readSSOToken(tokens, key); err != nil {
			return "", err
		}
		if left() < ssoRefreshWindow {
			var renewed ssoTokenFile
			if err = tokens.CheckWritable(key); err != nil {
				err = &store.FileError{What: "SSO token", Path: tokens.Path(key), Err: err}
			} else {
				renewed, err = w.renewSSOToken(ctx, s, token)
			}
			switch {
			case err == nil:
				token = renewed
				w.update(tokens, key, renewed.members(s))
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

// tokenFolder is where the AWS CLI keeps the tokens of IAM Identity Center and the
// registrations of clients: ~/.aws/sso/cache.
func tokenFolder(home string) store.Folder {
	return store.Folder{Home: home, Dir: filepath.Join(home, ".aws", "sso", "cache")}
}

func readSSOToken(tokens store.Folder, key string) (ssoTokenFile, error) {
	path := tokens.Path(key)
	data, err := tokens.Read(key)
	var untrusted *store.UntrustedError
	if errors.As(err, &untrusted) {
		return ssoTokenFile{}, &store.FileError{What: "SSO token", Path: path, Err: err}
	}
	if err != nil {
		return ssoTokenFile{}, &SSOLoginError{Problem: fmt.Sprintf("no SSO token (%s: %s)", path, err)}
	}
	file, err := exactjson.Parse(data)
	t := ssoTokenFile{
		AccessToken:           file.Text("accessToken"),
		ExpiresAt:             file.Text("expiresAt"),
		RefreshToken:          file.Text("refreshToken"),
		ClientID:              file.Text("clientId"),
		ClientSecret:          file.Text("clientSecret"),
		RegistrationExpiresAt: file.Text("registrationExpiresAt"),
	}
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
	client, err := w.aws.OIDC(s.Region)
	if err != nil {
		return ssoTokenFile{}, err
	}
	ctx, retryer := w.aws.Once(ctx)
	answer, err := client.CreateToken(ctx, &ssooidc.CreateTokenInput{
		ClientId:     &t.ClientID,
		ClientSecret: &t.ClientSecret,
		GrantType:    aws.String("refresh_token"),
		RefreshToken: &t.RefreshToken,
	}, func(o *ssooidc.Options) { o.Retryer = retryer })
	if err != nil {
		busy := awsclient.StatusOf(err) >= http.StatusInternalServerError || awsclient.StatusOf(err) == http.StatusTooManyRequests
		err = awsclient.CallError("SSO", err)
		var refused *awsclient.RefusedError
		if errors.As(err, &refused) && !busy && !refused.Temporary() {
			err = &SSOLoginError{Problem: "the SSO token has expired and AWS refuses to renew it"}
		}
		return ssoTokenFile{}, err
	}
	t.AccessToken = aws.ToString(answer.AccessToken)
	if t.AccessToken == "" || notHeader(t.AccessToken) {
		return ssoTokenFile{}, errors.New("SSO answered without a token")
	}
	if renewed := aws.ToString(answer.RefreshToken); renewed != "" {
		t.RefreshToken = renewed
	}
	t.expires = w.aws.Clock.Now().Add(time.Duration(answer.ExpiresIn) * time.Second)
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
