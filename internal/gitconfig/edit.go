package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"git-credential-codecommit/internal/regularfile"
)

// Edit changes a configuration file. Change gets its content, nil if there is no
// file, and returns the new content, nil to remove the file. It may be called
// several times. Edit reports whether the file has changed.
//
// The file is complete at any moment, either the old or the new one. As git does,
// Edit writes the new content to a file with .lock added to the name, which only
// one process can create, and renames it. Symbolic links and the mode stay. A
// process that writes the file without the lock, as an editor does, loses nothing.
//
// LockedError is returned if another process holds the lock.
func Edit(ctx context.Context, named string, change func(text []byte) ([]byte, error)) (changed bool, err error) {
	const tries = 3
	file := behindLinks(named)
	if _, after, err := tryChange(file, change); err != nil || after.same {
		return false, err // without a lock, which might need a permission
	}
	lock, err := makeLock(ctx, file)
	if err != nil {
		return false, err
	}
	defer func() {
		_ = lock.Close()
		if !changed {
			_ = os.Remove(lock.Name())
		}
	}()
	for range tries {
		before, after, err := tryChange(file, change)
		if err != nil || after.same {
			return false, err
		}
		if err := fill(file, lock, after.text); err != nil {
			return false, writeError(file, err)
		}
		if now, err := contents(file); err != nil || !bytes.Equal(now, before) {
			continue
		}
		if after.text == nil {
			err = os.Remove(file)
			if err == nil {
				_ = os.Remove(lock.Name())
			}
		} else if err = lock.Close(); err == nil {
			err = os.Rename(lock.Name(), file)
		}
		if err != nil {
			return false, writeError(file, err)
		}
		return true, nil
	}
	return false, fmt.Errorf("cannot write %s: another process keeps changing it", file)
}

// An outcome is the new content of a file; same if it is the old one.
type outcome struct {
	text []byte
	same bool
}

// tryChange applies a change to the content of a file.
func tryChange(file string, change func(text []byte) ([]byte, error)) (before []byte, after outcome, err error) {
	if before, err = contents(file); err != nil {
		return nil, outcome{}, err
	}
	after.text, err = change(bytes.Clone(before))
	after.same = bytes.Equal(after.text, before) && (after.text == nil) == (before == nil)
	return before, after, err
}

// fill writes the new content to the lock of a file, which has the file's mode
// from the beginning.
func fill(file string, lock *os.File, text []byte) error {
	if info, err := os.Stat(file); err == nil {
		if err := lock.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := lock.Truncate(0); err != nil {
		return err
	}
	if _, err := lock.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := lock.Write(text); err != nil {
		return err
	}
	return lock.Sync()
}

// lockWait is how long Edit waits for another process to release the lock, and
// lockPoll how often it tries: git holds it for milliseconds.
const (
	lockWait = 5 * time.Second
	lockPoll = 10 * time.Millisecond
)

// LockedError is returned when another process holds git's lock on a file, or was
// killed and left it.
type LockedError struct {
	File string
	Lock string // the file that is the lock
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("cannot write %s: another process is writing it", e.File)
}

func makeLock(ctx context.Context, file string) (*os.File, error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	name := file + ".lock"
	for {
		// The mode is git's: the system's file is for all users.
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		switch {
		case err == nil:
			return f, nil
		case !errors.Is(err, fs.ErrExist):
			return nil, writeError(file, err)
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			return nil, &LockedError{File: file, Lock: name}
		}
	}
}

// contents returns the content of a file; nil if there is none.
func contents(file string) ([]byte, error) {
	text, err := regularfile.Read(file, maxFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", file, regularfile.Cause(err))
	}
	return text[:len(text):len(text)], nil
}

func writeError(file string, err error) error {
	return fmt.Errorf("cannot write %s: %w", file, regularfile.Cause(err))
}

// mostLinks is how many links git follows to a file: MAXDEPTH in its lockfile.c.
const mostLinks = 5

// behindLinks is the file that symbolic links lead to, whether it is there or
// not: git leaves the links as they are. Its folder is behind links, too, so that
// ".." can be taken at its word.
func behindLinks(file string) string {
	for range mostLinks {
		dir, name := filepath.Split(file)
		folder, err := filepath.EvalSymlinks(dir + ".")
		if err != nil {
			return file
		}
		file = filepath.Join(folder, name)
		target, err := os.Readlink(file)
		if err != nil {
			return file
		}
		if !filepath.IsAbs(target) {
			target = folder + string(filepath.Separator) + target
		}
		file = target
	}
	return file
}
