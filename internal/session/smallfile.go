package session

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/session/store"
	"git-credential-codecommit/internal/shell"
)

// maxSmallFile is the size of the largest token file that is read: 64 KiB.
const maxSmallFile = 64 << 10

// readSmallFile reads a token file: regular (or a symbolic link to one, as
// Kubernetes mounts them), and of a size that a token can have. An empty file
// is an error.
func readSmallFile(path string) ([]byte, error) {
	data, err := regularfile.Read(path, maxSmallFile)
	if err == nil && len(data) == 0 {
		err = errors.New("it is empty")
	}
	return data, err
}

// FileError is returned when a file that a source needs cannot be used.
type FileError struct {
	What string // "web identity token"
	Path string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s %q: %s", e.What, e.Path, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// Hints returns how to fix the file's mode, or how to look at the file or at the
// space on its file system.
func (e *FileError) Hints() []cli.Hint {
	if errors.Is(e.Err, syscall.ENOSPC) || errors.Is(e.Err, syscall.EDQUOT) {
		return []cli.Hint{cli.Run("df -h " + shell.Path(filepath.Dir(e.Path)))}
	}
	if errors.Is(e.Err, store.ErrReadable) {
		return []cli.Hint{cli.Run("chmod 600 " + shell.Path(e.Path))}
	}
	return []cli.Hint{cli.Run("ls -l " + shell.Path(e.Path))}
}
