// Package identitycenter signs users in to IAM Identity Center, renews their
// tokens, and signs them out. Tokens and client registrations are stored where the
// AWS CLI and the SDKs store them, in the same format, so that one sign-in serves
// all of them:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html.
package identitycenter

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/session/store"
)

// callTimeout limits one call, including retries.
const callTimeout = awsclient.CallTimeout

// A Client signs in and out, and reads and renews tokens.
type Client struct {
	AWS   *awsclient.Client
	Trace func(format string, args ...any) // never receives a secret

	tokens store.Folder // ~/.aws/sso/cache
}

// New returns a client that stores its files in the user's home folder; "" for
// none. Trace may be nil.
func New(aws *awsclient.Client, home string, trace func(format string, args ...any)) *Client {
	if trace == nil {
		trace = func(string, ...any) {}
	}
	c := &Client{AWS: aws, Trace: trace}
	if home != "" {
		c.tokens = store.Folder{Home: home, Dir: filepath.Join(home, ".aws", "sso", "cache")}
	}
	return c
}

// A NotSignedInError is returned if the user must sign in first.
type NotSignedInError struct {
	Problem string // for example "the SSO token expired at 2026-01-01T00:00:00Z"
}

func (e *NotSignedInError) Error() string { return e.Problem }

var errNoHome = &NotSignedInError{Problem: "no home folder for the SSO token"}

// now returns AWS's time.
func (c *Client) now() time.Time { return c.AWS.Clock.Now() }

// key returns the key under which a session's token is stored.
func key(s awsprofile.SSOSession) string { return store.TokenKey(s.Name, s.StartURL) }

// check returns an error for a configuration that could send a sign-in to a host
// other than IAM Identity Center.
func check(s awsprofile.SSOSession) error {
	if _, err := startHost(s.StartURL); err != nil {
		return err
	}
	for _, scope := range s.Scopes {
		if !awsclient.ValidHeader(scope) {
			return errors.New("sso_registration_scopes contains a character that is not printable ASCII")
		}
	}
	return nil
}

// lock serializes work on a token between processes. If the deadline passes or the
// folder cannot be locked, it returns without a lock.
func (c *Client) lock(ctx context.Context, key string) (unlock func()) {
	const margin = 5 * time.Second
	unlock, err := c.tokens.Lock(ctx, key, callTimeout+margin, func() bool { return false })
	if err != nil {
		c.Trace("%s: no lock: %s", c.tokens.Path(key), err)
		return func() {}
	}
	return unlock
}

// expiry parses a timestamp in the AWS CLI's files; the zero time if it is invalid.
func expiry(s string) time.Time {
	t, err := awstime.Parse(s)
	if err != nil {
		return time.Time{}
	}
	return t
}
