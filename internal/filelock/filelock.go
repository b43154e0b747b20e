// Package filelock provides locks between processes, which are released when their
// process ends, even if it is killed.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"git-credential-codecommit/internal/permission"
)

// poll is how often a lock that another process holds is tried again.
const poll = 25 * time.Millisecond

// Errors that Acquire returns.
var (
	// ErrTimeout is returned when another process held the lock all the time.
	ErrTimeout = errors.New("another process holds the lock")
	// ErrDone is returned when done reported that the lock is no longer needed.
	ErrDone = errors.New("the lock is no longer needed")
)

// Acquire obtains the lock that is the file name in a folder. It creates the
// file, and release removes it: no lock file remains, except after a crash,
// and then the next holder removes it. Check refuses files that cannot be
// trusted; it may be nil.
//
// While another process holds the lock, Acquire waits, at most for timeout, and
// asks done every 25 ms whether there is still a reason to wait.
func Acquire(ctx context.Context, folder *os.Root, name string, timeout time.Duration, check func(fs.FileInfo) error, done func() bool) (release func(), err error) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	again := time.NewTicker(poll)
	defer again.Stop()
	for {
		f, err := try(folder, name, check)
		if f != nil {
			// Removed while it is locked: a process that has opened the same
			// file finds, once it holds the lock, that the name is gone.
			return func() {
				if isCurrent(folder, name, f) {
					_ = folder.Remove(name)
				}
				_ = f.Close()
			}, nil
		}
		if err != nil {
			return nil, err
		}
		select {
		case <-again.C:
			if done() {
				return nil, ErrDone
			}
		case <-deadline.C:
			return nil, ErrTimeout
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// maxTries bounds how often in a row a lock file may be replaced while it is
// opened: each time another process has held and released the lock.
const maxTries = 1000

// try tries once to lock the file. Without an error and a file, another process
// holds the lock.
func try(folder *os.Root, name string, check func(fs.FileInfo) error) (*os.File, error) {
	for range maxTries {
		f, err := open(folder, name, check)
		if err != nil {
			return nil, err
		}
		locked, err := lock(f)
		if locked && isCurrent(folder, name, f) {
			return f, nil
		}
		if err != nil && isCurrent(folder, name, f) { // this file system has no locks
			_ = folder.Remove(name)
		}
		_ = f.Close()
		if err != nil || !locked {
			return nil, err
		}
	}
	return nil, nil
}

// isCurrent reports whether name is still the file that is open: the process
// that held the lock before has removed it.
func isCurrent(folder *os.Root, name string, f *os.File) bool {
	named, err := folder.Lstat(name)
	if err != nil {
		return false
	}
	opened, err := f.Stat()
	return err == nil && os.SameFile(named, opened)
}

// open opens the lock file, or creates it with mode 0600 whatever the umask.
func open(folder *os.Root, name string, check func(fs.FileInfo) error) (*os.File, error) {
	for range maxTries {
		f, err := folder.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			if err = permission.RestoreOwn(f, 0o600); err != nil {
				_ = folder.Remove(name)
				_ = f.Close()
				return nil, err
			}
			return f, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		found, err := folder.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // removed meanwhile
		case err != nil:
			return nil, err
		case !found.Mode().IsRegular():
			return nil, errors.New("the lock is not a regular file")
		}
		if check != nil {
			if err := check(found); err != nil {
				return nil, fmt.Errorf("the lock cannot be used: %w", err)
			}
		}
		f, err = folder.OpenFile(name, flags, 0)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case errors.Is(err, fs.ErrPermission) && found.Mode()&0o600 != 0o600:
			// Another process is between creating it and setting its mode, or
			// has crashed there.
			if err := folder.Chmod(name, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		if opened, err := f.Stat(); err != nil || !os.SameFile(found, opened) {
			_ = f.Close()
			continue // replaced meanwhile; the new one must be checked, too
		}
		return f, nil
	}
	return nil, errors.New("the lock file keeps changing")
}
