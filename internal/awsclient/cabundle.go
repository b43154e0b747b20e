package awsclient

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// CABundleError is returned when the file of trusted certificates cannot be
// used.
type CABundleError struct {
	Path string
	Err  error
}

func (e *CABundleError) Error() string {
	return fmt.Sprintf("CA bundle %q (AWS_CA_BUNDLE, ca_bundle or REQUESTS_CA_BUNDLE): %s", e.Path, e.Err)
}
func (e *CABundleError) Unwrap() error { return e.Err }

// maxCABundle is far above the 250 KiB of the systems' bundles.
const maxCABundle = 16 << 20

// ReadCABundle reads a file of certificates: a regular file, which can neither
// hang nor go on for ever, and at most 16 MiB of it. The error does not name the
// path.
func ReadCABundle(path string) ([]byte, error) {
	pem, err := readRegular(path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return pem, err
}

func readRegular(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // waits for no FIFO
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	return io.ReadAll(io.LimitReader(f, maxCABundle))
}
