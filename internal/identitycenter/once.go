package identitycenter

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"git-credential-codecommit/internal/exactjson"
	"git-credential-codecommit/internal/filelock"
)

// failureWindow is how long after a sign-in that failed no other process starts one
// by itself: git starts many helpers one after another, for submodules and for
// LFS, and a person who refused once refused all of them.
const failureWindow = 30 * time.Second

// Errors of SignInOnce.
var (
	errElsewhere = errors.New("the sign-in that another git process started was not completed")
	errLately    = errors.New("a sign-in was not completed a moment ago")
)

// SignInOnce signs in on behalf of a git command: one sign-in for any number of
// processes that need it at the same time. If it fails, it fails for all of them, and
// for those that come within half a minute.
func (c *Client) SignInOnce(ctx context.Context, r Request) (Token, error) {
	if c.tokens.Dir == "" {
		return Token{}, errNoHome
	}
	key := key(r.Session)
	if c.failedLately(key) {
		return Token{}, errLately
	}
	unlock, waited, err := c.lockSignIn(ctx, key, func() bool {
		_, ok := c.signedIn(key, r.Rejected)
		return ok
	})
	if err == nil {
		defer unlock()
	}
	if err != nil && !errors.Is(err, filelock.ErrDone) {
		return Token{}, err
	}
	t, ok := c.signedIn(key, r.Rejected)
	switch {
	case ok:
		return t, nil
	case waited:
		return Token{}, errElsewhere
	case c.failedLately(key):
		return Token{}, errLately
	}
	t, err = c.signIn(ctx, r, key)
	if err != nil && !errors.Is(err, ErrInterrupted) { // a signal reaches all processes of the command
		c.rememberFailure(key)
	}
	return t, err
}

// failureSuffix is that of the file that says when a sign-in failed.
const failureSuffix = ".failed"

// rememberFailure stores that a sign-in failed now.
func (c *Client) rememberFailure(key string) {
	data, err := json.Marshal(map[string]string{"failedAt": c.now().UTC().Format(time.RFC3339)})
	if err == nil {
		err = c.tokens.Write(key+failureSuffix, data)
	}
	if err != nil {
		c.Trace("%s is not written: %s", c.tokens.Path(key+failureSuffix), err)
	}
}

// failedLately reports whether a sign-in failed a moment ago.
func (c *Client) failedLately(key string) bool {
	data, err := c.tokens.Read(key + failureSuffix)
	if err != nil {
		return false
	}
	file, err := exactjson.Parse(data)
	since := c.now().Sub(expiry(file.Text("failedAt")))
	return err == nil && since > -failureWindow && since < failureWindow
}

// forgetFailure removes what rememberFailure stored.
func (c *Client) forgetFailure(key string) {
	if _, err := c.tokens.Remove(key+failureSuffix, func([]byte) bool { return true }); err != nil {
		c.Trace("%s is not removed: %s", c.tokens.Path(key+failureSuffix), err)
	}
}
