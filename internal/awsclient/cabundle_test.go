package awsclient

import (
	"os"
	"path/filepath"
	"testing"
)

// Editors on Windows write a byte order mark, which must not hide the first
// certificate.
func TestByteOrderMarkOfCABundleIsSkipped(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte("\ufeff-----BEGIN CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pem, err := ReadCABundle(path)
	if err != nil || string(pem) != "-----BEGIN CERTIFICATE-----\n" {
		t.Errorf("got %q, %v", pem, err)
	}
}
