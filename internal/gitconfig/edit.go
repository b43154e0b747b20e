package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Edit has git change a file of configuration by the commands of a plan, which
// is made for the settings that stand there. Changed is false when the plan has
// none.
//
// The file is whole at any moment, the old one or the new one: git changes one
// setting at a time, and between two of them a pattern may have an empty helper
// line alone, with which git would ask nobody. So git changes a copy, which then
// takes the file's place, unless somebody has changed the file: then all of it is
// done again, the last time with the file locked from the beginning. Who writes
// it even then heeds no lock, and that is an error.
func (g Git) Edit(ctx context.Context, file string, plan func([]Entry) []Command) (changed bool, err error) {
	const tries = 3
	for try := 1; try <= tries; try++ {
		done, changed, err := g.tryEdit(ctx, file, plan, try == tries)
		if done || err != nil {
			return changed, err
		}
	}
	return false, fmt.Errorf("cannot write %s: it changes all the time", file)
}

// tryEdit is Edit, but for who changes the file meanwhile: then done is false; so
// it is with lockFirst only where somebody heeds no lock. The lock is git's own: a
// file with .lock behind the name, which only one process can make, and which then
// takes the place of the old one. Git waits for no lock, so that it is held for
// the shortest time, unless that does not do.
func (g Git) tryEdit(ctx context.Context, named string, plan func([]Entry) []Command, lockFirst bool) (done, changed bool, err error) {
	file := behindLinks(named)
	var lock *os.File
	defer func() {
		if lock != nil && !changed {
			_ = lock.Close()
			_ = os.Remove(lock.Name())
		}
	}()
	if lockFirst {
		if lock, err = makeLock(ctx, file); err != nil {
			return false, false, err
		}
	}
	before, err := contents(file)
	if err != nil {
		return false, false, err
	}
	entries, err := g.list(ctx, "--file", named) // beside the link lies what it includes
	if err != nil {
		return false, false, err
	}
	commands := plan(entries)
	if len(commands) == 0 {
		return true, false, nil
	}
	after, err := g.edited(ctx, file, before, commands)
	if err != nil {
		return false, false, err
	}
	if lock == nil {
		if lock, err = makeLock(ctx, file); err != nil {
			return false, false, err
		}
	}
	if now, err := contents(file); err != nil || !bytes.Equal(now, before) {
		return false, false, err
	}
	if err := replace(file, lock, after); err != nil {
		return false, false, writeError(file, err)
	}
	return true, true, nil
}

// edited is what the commands make of a file that holds text. The copy lies in a
// folder that is this user's alone, wherever the file lies.
func (g Git) edited(ctx context.Context, file string, text []byte, commands []Command) ([]byte, error) {
	dir, err := os.MkdirTemp("", "gitconfig-*")
	if err != nil {
		return nil, fmt.Errorf("cannot make a folder for temporary files: %w", cause(err))
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o700); err != nil { // whatever the umask
		return nil, fmt.Errorf("cannot make a folder for temporary files: %w", cause(err))
	}
	scratch := filepath.Join(dir, "config")
	if text != nil {
		if err := os.WriteFile(scratch, text, 0o600); err != nil {
			return nil, fmt.Errorf("cannot write a temporary file: %w", cause(err))
		}
	}
	for _, c := range commands {
		if _, err := g.Output(ctx, c.InFile(scratch)...); err != nil {
			var run *RunError
			if errors.As(err, &run) {
				run.Message = strings.ReplaceAll(run.Message, scratch, file) // which people know
			}
			return nil, err
		}
	}
	return contents(scratch)
}

// replace fills the lock on a file, with the file's own mode from the beginning,
// and puts it into the file's place.
func replace(file string, lock *os.File, text []byte) error {
	if info, err := os.Stat(file); err == nil {
		if err := lock.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	}
	_, err := lock.Write(text)
	if err == nil {
		err = lock.Sync()
	}
	if e := lock.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(lock.Name(), file)
	}
	return err
}

// lockWait is how long another process may hold the lock on a file, and lockPoll
// how often it is tried: git holds it for milliseconds.
const (
	lockWait = 5 * time.Second
	lockPoll = 10 * time.Millisecond
)

// LockedError is returned when another process holds git's lock on a file all
// the time, or has left it behind.
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
		// The mode is git's, too: the system's file is for everybody.
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

// contents is what a file holds; nil when it is not there.
func contents(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read %s: %w", file, cause(err))
	}
	return text, nil
}

func writeError(file string, err error) error {
	return fmt.Errorf("cannot write %s: %w", file, cause(err))
}

// cause is why, without the system's call and the name of a file that nobody
// knows.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
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
