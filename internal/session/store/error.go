package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// A FileError is returned if a file that contains credentials cannot be used.
type FileError struct {
	What string // for example "web identity token"
	Path string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s %q: %s", e.What, e.Path, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// Hints returns how to fix the file's mode, or how to examine the file or the free
// space.
func (e *FileError) Hints() []cli.Hint {
	if errors.Is(e.Err, syscall.ENOSPC) || errors.Is(e.Err, syscall.EDQUOT) {
		return []cli.Hint{cli.Run("df -h " + shell.Path(filepath.Dir(e.Path)))}
	}
	if errors.Is(e.Err, ErrReadable) {
		return []cli.Hint{cli.Run("chmod 600 " + shell.Path(e.Path))}
	}
	return []cli.Hint{cli.Run(shell.List(e.Path))}
}
