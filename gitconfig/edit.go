package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
// done again.
func (g Git) Edit(ctx context.Context, file string, plan func([]Entry) []Command) (changed bool, err error) {
	file = behindLinks(file)
	for done := false; !done; {
		before, err := contents(file)
		if err != nil {
			return false, err
		}
		entries, err := g.list(ctx, "--file", file)
		if err != nil {
			return false, err
		}
		commands := plan(entries)
		if len(commands) == 0 {
			return false, nil
		}
		after, err := g.edited(ctx, file, before, commands)
		if err != nil {
			return false, err
		}
		if done, err = replace(ctx, file, before, after); err != nil {
			return false, err
		}
	}
	return true, nil
}

// edited is what the commands make of a file that holds text. The copy lies
// where git puts its own, beside the file.
func (g Git) edited(ctx context.Context, file string, text []byte, commands []Command) ([]byte, error) {
	dir, err := os.MkdirTemp(filepath.Dir(file), filepath.Base(file)+".setup-*")
	if err != nil {
		return nil, writeError(file, err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	scratch := filepath.Join(dir, "config")
	if text != nil {
		if err := os.WriteFile(scratch, text, 0o600); err != nil {
			return nil, writeError(file, err)
		}
	}
	for _, c := range commands {
		if _, err := g.Output(ctx, c.InFile(scratch)...); err != nil {
			return nil, err
		}
	}
	return contents(scratch)
}

// replace makes a file hold what is after, if it still holds what was before.
// As git does, it writes to a file with .lock behind the name, which only one
// process can make, and which then takes the place of the old one.
func replace(ctx context.Context, file string, before, after []byte) (done bool, err error) {
	lock, err := makeLock(ctx, file)
	if err != nil {
		return false, err
	}
	defer func() {
		_ = lock.Close()
		if !done {
			_ = os.Remove(lock.Name())
		}
	}()
	now, err := contents(file)
	if err != nil || !bytes.Equal(now, before) {
		return false, err
	}
	_, err = lock.Write(after)
	if info, e := os.Stat(file); err == nil && e == nil {
		err = lock.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = lock.Sync()
	}
	if e := lock.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(lock.Name(), file)
	}
	if err != nil {
		return false, writeError(file, err)
	}
	return true, nil
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
	for range mostLinks + 1 {
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
