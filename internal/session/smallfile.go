package session

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// maxSmallFile is the size of the largest token file that is read, in bytes.
const maxSmallFile = 64 << 10

// readSmallFile reads a token file: regular (or a symbolic link to one, as
// Kubernetes mounts them), and of a size that a token can have. It waits for
// no FIFO.
func readSmallFile(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSmallFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxSmallFile:
		return nil, errors.New("it is larger than 64 KiB")
	case len(data) == 0:
		return nil, errors.New("it is empty")
	}
	return data, nil
}

// openRegular opens a regular file for reading. It waits for no FIFO.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, openFlags, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// FileError is returned when a file that a source needs cannot be used.
type FileError struct {
	What string // "web identity token"
	Path string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("%s %q: %s", e.What, e.Path, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }
