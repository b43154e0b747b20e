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

// Edit changes a configuration file and reports whether it did. Change receives the
// content (nil if there is no file) and returns the new content (nil to remove the
// file). Edit may call it several times.
//
// The file is replaced atomically. Like git, Edit creates a lock file with the
// suffix .lock, writes the new content to it and renames it. Symbolic links and the
// file mode are kept. If a process without the lock, such as an editor, changes the
// file in the meantime, Edit starts again from the new content.
//
// An atomicfile.LockedError is returned if another process holds the lock.
func Edit(ctx context.Context, named string, change func(text []byte) ([]byte, error)) (changed bool, err error) {
	const tries = 3
	file := resolveLinks(named)
	if _, after, err := tryChange(file, change); err != nil || after.same {
		return false, err // before locking, which needs write permission
	}
	lock, err := atomicfile.Acquire(ctx, file, 0o666) // minus the umask, as in git
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

// An outcome is the result of a change; same is true if the content stays the same.
type outcome struct {
	text []byte
	same bool
}

// tryChange reads a file and calls change with its content.
func tryChange(file string, change func(text []byte) ([]byte, error)) (before []byte, after outcome, err error) {
	if before, err = contents(file); err != nil {
		return nil, outcome{}, err
	}
	after.text, err = change(bytes.Clone(before))
	after.same = bytes.Equal(after.text, before) && (after.text == nil) == (before == nil)
	return before, after, err
}

// contents returns the content of a file; nil if it does not exist.
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

// mostLinks is how many symbolic links git follows: MAXDEPTH in its lockfile.c.
const mostLinks = 5

// resolveLinks returns the target of a symbolic link, which need not exist: git
// replaces the target and keeps the link. Links in the folder's path are resolved
// too, so that ".." means the real parent.
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
