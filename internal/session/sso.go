package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/session/store"
)

// SSORoleError is returned if the signed-in user does not have the role.
type SSORoleError struct {
	Role    string // name of the role
	Account string
	At      awsprofile.Position // where the profile configures them
}

func (e *SSORoleError) Error() string {
	return fmt.Sprintf("you are not assigned the role %s in account %s", cli.Quote(e.Role), e.Account)
}

// Hints returns how to choose another role, or how to get this one.
func (e *SSORoleError) Hints() []cli.Hint {
	return append(e.At.Edit(), cli.Advice("or ask the administrator of IAM Identity Center for the assignment"))
}

// ssoRole is an IAM Identity Center role. The token of a sign-in provides its
// credentials.
//
// The SDK's ssocreds takes no lock, truncates the file in place, and rejects
// timestamps of the AWS CLI that end in UTC (as of credentials v1.20.15).
type ssoRole struct{ awsprofile.SSO }

// timeout allows for a new token, the user's sign-in, and the role's credentials.
func (ssoRole) timeout(w *walk) time.Duration {
	if w.SignIn != nil {
		return identitycenter.Timeout + 4*callTimeout
	}
	return 2 * callTimeout
}
func (s ssoRole) key() string { return store.SSOKey(s.SSO) }
func (ssoRole) kind() string  { return "SSO" }

func (s ssoRole) credentials(ctx context.Context, w *walk) (Credentials, error) {
	isRole := func(e store.Session) bool {
		return e.ProviderType == store.ProviderSSO && (e.Credentials.AccountID == "" || e.Credentials.AccountID == s.AccountID)
	}
	return w.stored(ctx, 0, isRole, func() (store.Session, error) {
		center := identitycenter.New(w.aws, w.Home, w.Trace)
		token, err := center.Token(ctx, s.SignIn())
		var creds store.Session
		if err == nil {
			creds, err = w.getRoleCredentials(ctx, s.SSO, token.AccessToken)
		}
		var role *SSORoleError
		if errors.As(err, &role) && !token.IsFor(s.SignIn()) {
			err = &identitycenter.NotSignedInError{Problem: "the stored sign-in is for another start URL, " + cli.Quote(cli.RedactURL(token.StartURL))}
		}
		var signIn *identitycenter.NotSignedInError
		if w.SignIn == nil || !errors.As(err, &signIn) {
			return creds, err
		}
		w.Trace("%s: a person is asked to sign in", err)
		token, err = w.SignIn(ctx, center, identitycenter.Request{Session: s.SignIn(), Rejected: token.AccessToken})
		if errors.Is(err, ErrNoPrompt) {
			return store.Session{}, signIn
		}
		if err != nil {
			return store.Session{}, &SignInError{Err: err}
		}
		return w.getRoleCredentials(ctx, s.SSO, token.AccessToken)
	})
}

// SignInError is returned if the user was asked to sign in to IAM Identity Center,
// and did not.
type SignInError struct{ Err error }

func (e *SignInError) Error() string { return e.Err.Error() }
func (e *SignInError) Unwrap() error { return e.Err }

// getRoleCredentials gets the role's credentials with an SSO token:
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
	if err != nil {
		status := awsclient.StatusOf(err)
		err = awsclient.CallError("SSO", err)
		var refused *awsclient.RefusedError // by AWS, not by a proxy
		switch {
		case !errors.As(err, &refused):
		case status == http.StatusUnauthorized:
			err = &identitycenter.NotSignedInError{Problem: "AWS no longer accepts the SSO token"}
		case status == http.StatusForbidden && refused.Code == "ForbiddenException": // not a policy's AccessDenied
			err = &SSORoleError{Role: s.RoleName, Account: s.AccountID, At: s.At}
		}
		return store.Session{}, err
	}
	got := answer.RoleCredentials
	if got == nil || aws.ToString(got.AccessKeyId) == "" {
		return store.Session{}, errors.New("SSO returned no credentials")
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
