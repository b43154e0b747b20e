package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"git-credential-codecommit/internal/atomicfile"
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
// An atomicfile.LockedError is returned if another process holds the lock.
func Edit(ctx context.Context, named string, change func(text []byte) ([]byte, error)) (changed bool, err error) {
	const tries = 3
	file := resolveLinks(named)
	if _, after, err := tryChange(file, change); err != nil || after.same {
		return false, err // without a lock, which might need a permission
	}
	lock, err := atomicfile.Acquire(ctx, file, 0o666) // less the umask, as git does
	if err != nil {
		return false, err
	}
	defer lock.Release()
	for range tries {
		before, after, err := tryChange(file, change)
		if err != nil || after.same {
			return false, err
		}
		if now, err := contents(file); err != nil || !bytes.Equal(now, before) {
			continue
		}
		if after.text == nil {
			err = os.Remove(file)
		} else {
			err = lock.Replace(after.text)
		}
		return err == nil, err
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

// mostLinks is how many links git follows to a file: MAXDEPTH in its lockfile.c.
const mostLinks = 5

// resolveLinks returns the file that symbolic links point to, which need not exist:
// git keeps the links. Links of its folder are resolved too, so that ".." is the
// real parent.
func resolveLinks(file string) string {
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
