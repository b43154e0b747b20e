package session

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session/store"
	"git-credential-codecommit/internal/shell"
)

// A NotStoredError explains why the next command will prompt for an MFA code again,
// or why this one did despite a stored session. It is a warning: the credentials
// work.
type NotStoredError struct {
	RoleARN string
	Path    string // path of the session's file; "" without a home folder
	Ignored bool   // true if a stored session was not used; false if the new one is not stored
	Err     error
}

func (e *NotStoredError) Error() string {
	at := ""
	if e.Path != "" {
		at = " (" + e.Path + ")"
	}
	if e.Ignored {
		return fmt.Sprintf("the stored session of %s was not used: %s%s", e.RoleARN, e.Err, at)
	}
	return fmt.Sprintf("the session of %s is not stored, so the next command will ask for a code again: %s%s", e.RoleARN, e.Err, at)
}

func (e *NotStoredError) Unwrap() error { return e.Err }

// Hints returns a command that shows what prevents storing.
func (e *NotStoredError) Hints() []cli.Hint {
	if e.Ignored || e.Path == "" {
		return nil // the new session has replaced the stored one
	}
	return []cli.Hint{cli.Run(shell.ListFolder(filepath.Dir(e.Path)))}
}

var (
	errNoHome     = errors.New("no home folder to store it in")
	errWrongClock = errors.New("this machine's clock is wrong")
)

// storable returns why a session of identity n could not be stored; nil if it can
// be.
func (w *walk) storable(n int) error {
	if w.store == nil {
		return w.noStore()
	}
	if err := w.store.CheckWritable(w.key(n)); !errors.Is(err, store.ErrReadOnly) {
		return err
	}
	return nil
}

// noStore returns why there is no session store.
func (w *walk) noStore() error {
	if w.NoStore {
		return store.ErrOff
	}
	return errNoHome
}

// warn records a warning about the session of identity n if the user typed an MFA
// code for it. SaveErr is why it was not stored; nil if it was.
func (w *walk) warn(n int, saveErr error) {
	id := w.identities[n]
	if !id.typed || w.notStored != nil {
		return
	}
	e := &NotStoredError{RoleARN: w.chain.Roles[n-1].ARN, Err: saveErr}
	if w.store != nil {
		e.Path = w.store.Path(w.key(n))
	}
	switch {
	case errors.Is(saveErr, store.ErrOff): // the user's choice
		return
	case saveErr != nil:
	case id.ignored == nil || errors.Is(id.ignored, fs.ErrNotExist) || errors.Is(id.ignored, store.ErrExpired):
		return
	default:
		e.Ignored, e.Err = true, id.ignored
	}
	w.notStored = e
}
