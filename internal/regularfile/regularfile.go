// Package regularfile reads only regular files, up to a limit: a FIFO could block
// forever, and a device could be endless.
package regularfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Errors of Open and Read. They do not name the path.
var (
	ErrFolder     = errors.New("it is a folder")
	ErrNotRegular = errors.New("it is not a regular file")
)

// Open opens a regular file, or a symbolic link to one, for reading. It never
// blocks.
func Open(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, Flags, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = ErrFolder
	case !info.Mode().IsRegular():
		err = ErrNotRegular
	default:
		return f, info, nil
	}
	_ = f.Close()
	return nil, info, err
}

// Read returns the content of a regular file of at most limit bytes. For a larger
// file, the error is a TooLargeError.
func Read(path string, limit int64) ([]byte, error) {
	f, info, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f, info.Size(), limit)
}

// ReadAll reads r, which should contain size bytes, to its end. If there are more
// than limit bytes, the error is a TooLargeError.
func ReadAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, &TooLargeError{limit}
	}
	content := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := content.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		return nil, err
	}
	if int64(content.Len()) > limit {
		return nil, &TooLargeError{limit}
	}
	return content.Bytes(), nil
}

// TooLargeError is returned if a file exceeds the size limit.
type TooLargeError struct{ Limit int64 } // in bytes

func (e *TooLargeError) Error() string {
	const kib, mib = 1 << 10, 1 << 20
	if e.Limit >= mib && e.Limit%mib == 0 {
		return fmt.Sprintf("it is larger than %d MiB", e.Limit/mib)
	}
	return fmt.Sprintf("it is larger than %d KiB", e.Limit/kib)
}

// Cause returns the reason why a file operation failed, without the operation and
// the path: the surrounding message names the file as the user knows it.
func Cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link): // from a rename
		return link.Err
	}
	return err
}
