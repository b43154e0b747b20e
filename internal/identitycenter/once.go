package identitycenter

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"git-credential-codecommit/internal/exactjson"
	"git-credential-codecommit/internal/filelock"
)

// failureWindow is how long no process starts another sign-in after one failed. For
// submodules and LFS, git starts many helpers one after another; a user who refuses
// once refuses for all of them.
const failureWindow = 30 * time.Second

// Errors of SignInOnce.
var (
	errOtherProcess   = errors.New("the sign-in that another git process started was not completed")
	errFailedRecently = errors.New("a sign-in failed or was cancelled a moment ago")
)

// SignInOnce signs in for a git command: once for all processes that need the same
// sign-in at the same time. A failure applies to all of them, and to those that
// start within failureWindow.
func (c *Client) SignInOnce(ctx context.Context, r Request) (Token, error) {
	if c.tokens.Dir == "" {
		return Token{}, errNoHome
	}
	key := key(r.Session)
	if c.failedRecently(key) {
		return Token{}, errFailedRecently
	}
	unlock, waited, err := c.lockSignIn(ctx, r, func() bool {
		_, ok := c.signedIn(r)
		return ok
	})
	if err == nil {
		defer unlock()
	}
	if err != nil && !errors.Is(err, filelock.ErrDone) {
		return Token{}, err
	}
	t, ok := c.signedIn(r)
	switch {
	case ok:
		return t, nil
	case waited:
		return Token{}, errOtherProcess
	case c.failedRecently(key):
		return Token{}, errFailedRecently
	}
	t, err = c.signIn(ctx, r, key)
	if err != nil && !errors.Is(err, ErrInterrupted) { // every process of the command receives the signal
		c.rememberFailure(key)
	}
	return t, err
}

// failureSuffix ends the name of the file that records a failed sign-in.
const failureSuffix = ".failed"

// rememberFailure records that a sign-in failed now.
func (c *Client) rememberFailure(key string) {
	data, err := json.Marshal(map[string]string{"failedAt": c.now().UTC().Format(time.RFC3339)})
	if err == nil {
		err = c.tokens.Write(key+failureSuffix, data)
	}
	if err != nil {
		c.Trace("%s is not written: %s", c.tokens.Path(key+failureSuffix), err)
	}
}

// failedRecently reports whether a sign-in failed within failureWindow.
func (c *Client) failedRecently(key string) bool {
	data, err := c.tokens.Read(key + failureSuffix)
	if err != nil {
		return false
	}
	file, err := exactjson.Parse(data)
	since := c.now().Sub(expiry(file.Text("failedAt")))
	return err == nil && since > -failureWindow && since < failureWindow
}

// forgetFailure removes the record of rememberFailure.
func (c *Client) forgetFailure(key string) {
	if _, err := c.tokens.Remove(key+failureSuffix, func([]byte) bool { return true }); err != nil {
		c.Trace("%s is not removed: %s", c.tokens.Path(key+failureSuffix), err)
	}
}
