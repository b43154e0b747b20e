package awsclient

import (
	"bytes"
	"fmt"

	"git-credential-codecommit/internal/regularfile"
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

// ReadCABundle reads a file of certificates as PEM, without its byte order mark if
// it has one. The error does not name the path.
func ReadCABundle(path string) ([]byte, error) {
	const byteOrderMark = "\ufeff"
	pem, err := regularfile.Read(path, maxCABundle)
	return bytes.TrimPrefix(pem, []byte(byteOrderMark)), regularfile.Cause(err)
}
