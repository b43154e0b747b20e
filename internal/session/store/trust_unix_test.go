//go:build unix

package store

import (
	"os"
	"path/filepath"
	"testing"
)

// Another process may replace a session, or remove a lock, between the opening of the
// file and the check. Such a file has no link left.
func TestFileThatWasRemovedMeanwhileIsTrusted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.json")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err == nil {
		err = checkFile(info, func() bool { return false })
	}
	if err != nil {
		t.Error(err)
	}
}
