// Package filelock provides locks between processes. A lock is released when its
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

// poll is the interval between attempts to get a lock that another process holds.
const poll = 25 * time.Millisecond

var (
	// ErrTimeout is returned if another process held the lock until the timeout.
	ErrTimeout = errors.New("another process holds the lock")
	// ErrDone is returned if done reported that the lock is no longer needed.
	ErrDone = errors.New("the lock is no longer needed")
)

// Acquire acquires the lock that is represented by the file name in a folder. It
// creates the file, and release removes it, so that no lock file is left behind,
// except after a crash; the next holder then removes it. Check rejects lock files
// that cannot be trusted; it may be nil.
//
// While another process holds the lock, Acquire waits, at most for timeout, and
// calls done every 25 ms. If done returns true, Acquire returns ErrDone.
func Acquire(ctx context.Context, folder *os.Root, name string, timeout time.Duration, check func(fs.FileInfo) error, done func() bool) (release func(), err error) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	again := time.NewTicker(poll)
	defer again.Stop()
	for {
		f, err := try(folder, name, check)
		if f != nil {
			// Remove the file while it is locked. A process that has already opened
			// it notices, when it gets the lock, that the name no longer exists.
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

// maxTries limits how often in a row a lock file may be replaced while it is being
// opened. Each time, another process has held and released the lock.
const maxTries = 1000

// try makes one attempt to lock the file. If both results are nil, another process
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

// isCurrent reports whether name is still the open file. The previous holder of the
// lock may have removed it.
func isCurrent(folder *os.Root, name string, f *os.File) bool {
	named, err := folder.Lstat(name)
	if err != nil {
		return false
	}
	opened, err := f.Stat()
	return err == nil && os.SameFile(named, opened)
}

// open opens the lock file, or creates it with mode 0600 regardless of the umask.
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
			continue // it was removed in the meantime
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
			// Another process has created the file but not set its mode yet, or
			// crashed in between.
			if err := folder.Chmod(name, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		if opened, err := f.Stat(); err != nil || !os.SameFile(found, opened) {
			_ = f.Close()
			continue // it was replaced in the meantime; check the new one too
		}
		return f, nil
	}
	return nil, errors.New("the lock file keeps changing")
}
