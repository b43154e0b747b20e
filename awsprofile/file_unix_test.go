//go:build unix

package awsprofile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFilesThatWouldHang(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, "/dev/zero", "/dev/tty"} {
		_, err := resolveFile(path, Query{})
		if err == nil || !strings.Contains(err.Error(), "cannot read "+path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFileWithoutPermission(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, []byte("[profile x]\n"), 0); err != nil {
		t.Fatal(err)
	}
	for _, q := range []Query{{}, {Profile: "x"}} {
		_, err := resolveFile(path, q)
		if err == nil || !strings.Contains(err.Error(), "cannot read "+path+": permission denied") {
			t.Errorf("%+v: %v", q, err)
		}
	}
	// A folder that may not be searched is somebody else's home.
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if chain, err := resolveFile(path, Query{}); err != nil || chain.Source != (EC2{Fallback: true}) {
		t.Errorf("%+v, %v", chain, err)
	}
}
