package awsclient

import (
	"bytes"
	"fmt"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/shell"
)

// CABundleError is returned if the file of trusted certificates cannot be used.
type CABundleError struct {
	Path string
	From string // the variable or setting that names the file, for example "AWS_CA_BUNDLE"
	Err  error
}

func (e *CABundleError) Error() string {
	return fmt.Sprintf("CA bundle %q (%s): %s", e.Path, e.From, e.Err)
}
func (e *CABundleError) Unwrap() error { return e.Err }

// Hints returns how to fix the variable or the setting.
func (e *CABundleError) Hints() []cli.Hint {
	if e.From == "ca_bundle" {
		return []cli.Hint{cli.Advice("set ca_bundle in the profile to a PEM file of certificates"), cli.Run(shell.List(e.Path))}
	}
	return []cli.Hint{cli.Run(shell.Unset(e.From)), cli.Advice("or set it to a PEM file of certificates")}
}

// maxCABundle is the size limit in bytes; systems' bundles have about 250 KiB.
const maxCABundle = 16 << 20

// ReadCABundle reads a file of PEM certificates, without its byte order mark. The
// error does not name the path.
func ReadCABundle(path string) ([]byte, error) {
	const byteOrderMark = "\ufeff"
	pem, err := regularfile.Read(path, maxCABundle)
	return bytes.TrimPrefix(pem, []byte(byteOrderMark)), regularfile.Cause(err)
}
