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

// Timeout limits how long the user may take to sign in, like the AWS CLI's limit.
const Timeout = 10 * time.Minute

// A Request describes a sign-in.
type Request struct {
	Session awsprofile.SSOSession
	// DeviceCode signs in with a code to compare and a browser on any machine,
	// instead of this machine's browser. Sessions without a name (the legacy form)
	// always do.
	DeviceCode bool
	// Show shows the user where to sign in. It must not block.
	Show func(Page)
	// Waiting reports to the user that another process has not completed the same
	// sign-in, perhaps in another terminal. It may be nil.
	Waiting func()
	// Rejected is an access token that AWS no longer accepts. A stored token equal
	// to it is not used, even if it has not expired.
	Rejected string
}

// A Page is the page on which the user signs in.
type Page struct {
	URL string
	// Code must equal the code on the page; "" if there is none.
	Code string
	// Complete is the URL that contains the code; "" if there is no code.
	Complete string
}

// ToOpen returns the URL to open in the browser.
func (p Page) ToOpen() string {
	if p.Complete != "" {
		return p.Complete
	}
	return p.URL
}

var (
	// ErrExpired is returned if the user did not sign in in time.
	ErrExpired = errors.New("the sign-in was not completed in time")
	// ErrInterrupted is returned if a signal ended the sign-in.
	ErrInterrupted = interrupted{}
)

type interrupted struct{}

func (interrupted) Error() string        { return "the sign-in was cancelled" }
func (interrupted) Is(target error) bool { return target == awsclient.ErrInterrupted } //nolint:errorlint // this is errors.Is

// SignIn signs the user in and stores the token. If another process is signing in
// to the same session, SignIn waits for it and uses its token. If ctx ends first,
// its cause is returned.
func (c *Client) SignIn(ctx context.Context, r Request) (Token, error) {
	if c.tokens.Dir == "" {
		return Token{}, errNoHome
	}
	key := key(r.Session)
	before, _ := c.read(key)
	unlock, waited, err := c.lockSignIn(ctx, r, func() bool { return false })
	if err != nil {
		return Token{}, err
	}
	defer unlock()
	if t, ok := c.signedIn(r); ok && waited && t.AccessToken != before.AccessToken {
		return t, nil
	}
	return c.signIn(ctx, r, key)
}

// signIn signs in. The caller holds the lock.
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

// orCause returns the context's cause if the context has ended, because that made
// the operation fail; otherwise err.
func orCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// signedIn returns the stored token of a request's session if it has not expired,
// is not the rejected one, and has the same start URL: another config file may have
// a different session with the same name.
func (c *Client) signedIn(r Request) (Token, bool) {
	t, err := c.read(key(r.Session))
	return t, err == nil && t.AccessToken != r.Rejected && t.IsFor(r.Session) && t.Expires().After(c.now())
}

// signInSuffix distinguishes the lock on a sign-in, which is held while the user is
// in the browser, from the lock on a token.
const signInSuffix = ".sign-in"

// usualSignIn is how long a process waits for another one before it says so. Most
// users have signed in by then.
const usualSignIn = 10 * time.Second

// lockSignIn lets one process at a time sign in, and reports whether it waited for
// another one. If done returns true while it waits, the error is filelock.ErrDone.
func (c *Client) lockSignIn(ctx context.Context, r Request, done func() bool) (unlock func(), waited bool, err error) {
	key := key(r.Session)
	unlock, err = c.tokens.Lock(ctx, key+signInSuffix, 0, done)
	if errors.Is(err, filelock.ErrTimeout) {
		c.Trace("waiting for another process that is signing in")
		waited = true
		if r.Waiting != nil {
			defer time.AfterFunc(usualSignIn, r.Waiting).Stop()
		}
		const margin = time.Minute // for the other process's calls before and after it waits for the user
		unlock, err = c.tokens.Lock(ctx, key+signInSuffix, Timeout+margin, done)
	}
	switch {
	case err == nil, errors.Is(err, filelock.ErrDone):
		return unlock, waited, err
	case ctx.Err() != nil:
		return nil, waited, context.Cause(ctx)
	case errors.Is(err, filelock.ErrTimeout):
		return nil, waited, errOtherProcess
	}
	return nil, waited, &store.FileError{What: "SSO token", Path: c.tokens.Path(key), Err: err}
}
