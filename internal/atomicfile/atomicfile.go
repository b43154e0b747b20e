// Package atomicfile replaces files that other programs also read and write.
// Readers see either the old or the new content, never part of it.
//
// It follows git's convention: to change FILE, a process first creates FILE.lock,
// which only one process can do, writes the new content to it, and renames it to
// FILE.
package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"git-credential-codecommit/internal/permission"
	"git-credential-codecommit/internal/regularfile"
)

// wait limits how long another process may hold the lock, and poll is the interval
// between attempts. Writing takes milliseconds.
const (
	wait = 5 * time.Second
	poll = 10 * time.Millisecond
)

// LockedError is returned if another process held the lock on a file until the
// timeout, or was killed while it held the lock.
type LockedError struct {
	File string
	Lock string // path of the lock file
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("cannot write %s: another process is writing it", e.File)
}

// A Lock is an exclusive right to replace one file.
type Lock struct {
	path string
	mode fs.FileMode
	file *os.File // nil after Replace or Release
}

// Acquire locks the file at path. The file need not exist, but its folder must.
// Symbolic links are not followed: resolve them first. If the file does not exist,
// Replace creates it with mode minus the umask. The error is a LockedError or the
// context's, or it names the file.
func Acquire(ctx context.Context, path string, mode fs.FileMode) (*Lock, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	name := path + ".lock"
	for {
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm())
		switch {
		case err == nil:
			return &Lock{path, mode.Perm(), file}, nil
		case !errors.Is(err, fs.ErrExist):
			return nil, writeError(name, err)
		}
		select {
		case <-time.After(poll):
		case <-deadline.C:
			return nil, &LockedError{File: path, Lock: name}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Replace replaces the file with content, keeps the existing file's mode and owner,
// and releases the lock. If it fails, the file is unchanged.
func (l *Lock) Replace(content []byte) error {
	file := l.file
	if file == nil {
		return fs.ErrClosed
	}
	err := l.fill(content)
	if e := file.Close(); err == nil {
		err = e
	}
	l.file = nil
	if err == nil {
		err = os.Rename(file.Name(), l.path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return writeError(l.path, err)
	}
	return nil
}

// fill writes the lock file. It sets the final mode and owner before it writes any
// content.
func (l *Lock) fill(content []byte) error {
	if existing, err := os.Stat(l.path); err == nil {
		if err := keepOwner(l.file, existing); err != nil {
			return err
		}
		// Change the mode only if necessary: it fails on some file systems without modes.
		if created, err := l.file.Stat(); err != nil || created.Mode().Perm() != existing.Mode().Perm() {
			if err := l.file.Chmod(existing.Mode().Perm()); err != nil {
				return err
			}
		}
	} else if l.mode&0o077 == 0 { // private: set the exact mode, regardless of the umask
		if err := permission.RestoreOwn(l.file, l.mode); err != nil {
			return err
		}
	}
	if _, err := l.file.Write(content); err != nil {
		return err
	}
	return l.file.Sync()
}

// Release releases the lock without changing the file. After Replace it does
// nothing.
func (l *Lock) Release() {
	if l.file == nil {
		return
	}
	_ = l.file.Close()
	_ = os.Remove(l.file.Name())
	l.file = nil
}

func writeError(path string, err error) error {
	return fmt.Errorf("cannot write %s: %w", path, regularfile.Cause(err))
}
