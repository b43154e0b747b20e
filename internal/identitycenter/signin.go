package identitycenter

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/filelock"
	"git-credential-codecommit/internal/session/store"
)

// Timeout is how long a person may take to sign in: as the AWS CLI waits.
const Timeout = 10 * time.Minute

// A Request is a sign-in to be made.
type Request struct {
	Session awsprofile.SSOSession
	// DeviceCode signs in with a code that the person compares, and a browser on any
	// machine, instead of the browser of this one. Without a Session.Name there is no
	// other way.
	DeviceCode bool
	// Show shows the person where to sign in, and returns.
	Show func(Page)
	// Rejected is an access token that AWS no longer accepts: it is no sign-in, even
	// if it has not expired.
	Rejected string
}

// A Page is where a person signs in.
type Page struct {
	URL string
	// Code must be equal to the code that the page shows; "" if there is none.
	Code string
	// Complete is URL with the code in it; "" if there is no code.
	Complete string
}

// ToOpen is the URL for the browser.
func (p Page) ToOpen() string {
	if p.Complete != "" {
		return p.Complete
	}
	return p.URL
}

// Errors of a sign-in.
var (
	// ErrExpired is returned when no one signed in in time.
	ErrExpired = errors.New("no one signed in in time")
	// ErrInterrupted is returned when a signal ended the sign-in.
	ErrInterrupted = interrupted{}
)

type interrupted struct{}

func (interrupted) Error() string        { return "the sign-in was cancelled" }
func (interrupted) Is(target error) bool { return target == awsclient.ErrInterrupted } //nolint:errorlint // this is errors.Is

// SignIn signs a person in and stores the token. The context's cause is returned if
// it ends before. A process that is signing in to the same session finishes first,
// and its sign-in is used.
func (c *Client) SignIn(ctx context.Context, r Request) (Token, error) {
	if c.tokens.Dir == "" {
		return Token{}, errNoHome
	}
	key := key(r.Session)
	before, _ := c.read(key)
	unlock, waited, err := c.lockSignIn(ctx, key, func() bool { return false })
	if err != nil {
		return Token{}, err
	}
	defer unlock()
	if t, ok := c.signedIn(key, r.Rejected); ok && waited && t.AccessToken != before.AccessToken {
		return t, nil
	}
	return c.signIn(ctx, r, key)
}

// signIn signs in. The caller has the lock.
func (c *Client) signIn(ctx context.Context, r Request, key string) (Token, error) {
	if err := check(r.Session); err != nil {
		return Token{}, err
	}
	if err := c.tokens.CheckWritable(key); err != nil {
		return Token{}, &store.FileError{What: "SSO token", Path: c.tokens.Path(key), Err: err}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, Timeout, ErrExpired)
	defer cancel()
	portal, s, err := c.resolve(ctx, r.Session)
	if err != nil {
		return Token{}, orCause(ctx, err)
	}
	with := c.withAuthCode
	if r.DeviceCode || s.Name == "" {
		with = c.withDeviceCode
	}
	t, err := with(ctx, r, s, portal)
	if err != nil {
		return Token{}, orCause(ctx, err)
	}
	data, err := json.Marshal(t)
	if err == nil {
		err = c.tokens.Write(key, data)
	}
	if err != nil {
		return Token{}, &store.FileError{What: "SSO token", Path: c.tokens.Path(key), Err: err}
	}
	c.forgetFailure(key)
	c.Trace("signed in until %s", t.ExpiresAt)
	return t, nil
}

// orCause returns why the context has ended, if it has: what failed then failed
// because of that.
func orCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// signedIn returns the stored token if it lasts and is not the rejected one.
func (c *Client) signedIn(key, rejected string) (Token, bool) {
	t, err := c.read(key)
	return t, err == nil && t.AccessToken != rejected && t.Expires().After(c.now())
}

// signInSuffix distinguishes the lock on a sign-in, which is held while a person is
// in the browser, from that on a token.
const signInSuffix = ".sign-in"

// lockSignIn lets one process at a time sign in. It reports whether it had to wait
// for another one. While it waits, done ends the wait: the error is then
// filelock.ErrDone.
func (c *Client) lockSignIn(ctx context.Context, key string, done func() bool) (unlock func(), waited bool, err error) {
	unlock, err = c.tokens.Lock(ctx, key+signInSuffix, 0, done)
	if errors.Is(err, filelock.ErrTimeout) {
		c.Trace("waiting for another process that is signing in")
		waited = true
		const margin = time.Minute // for the calls before and after
		unlock, err = c.tokens.Lock(ctx, key+signInSuffix, Timeout+margin, done)
	}
	switch {
	case err == nil, errors.Is(err, filelock.ErrDone):
		return unlock, waited, err
	case ctx.Err() != nil:
		return nil, waited, context.Cause(ctx)
	case errors.Is(err, filelock.ErrTimeout):
		return nil, waited, errElsewhere
	}
	return nil, waited, &store.FileError{What: "SSO token", Path: c.tokens.Path(key), Err: err}
}
