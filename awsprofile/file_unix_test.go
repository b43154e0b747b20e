//go:build unix

package awsprofile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFilesThatWouldBlock(t *testing.T) {
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
	// A folder without search permission is another user's home folder.
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if chain, err := resolveFile(path, Query{}); err != nil || chain.Source != (EC2{Fallback: true}) {
		t.Errorf("%+v, %v", chain, err)
	}
}

// Only a regular file is replaced. The null device, for example, is not: users set
// AWS_CONFIG_FILE to it to use no config file.
func TestAddProfileReplacesNoDevice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	device := filepath.Join(dir, "null")
	paths := []string{fifo, filepath.Join(dir, "link")}
	if err := os.Symlink(fifo, paths[1]); err != nil {
		t.Fatal(err)
	}
	if syscall.Mknod(device, syscall.S_IFCHR|0o666, 1<<8|3) == nil { // root's privilege
		paths = append(paths, device)
	}
	for _, path := range paths {
		env := testEnvironment(map[string]string{"HOME": dir, "AWS_CONFIG_FILE": path})
		if added, err := Open(env).AddProfile(contributor); added || err == nil {
			t.Errorf("%s: %t, %v", path, added, err)
		}
		if has, err := Open(env).HasProfile(contributor); has || err == nil {
			t.Errorf("%s: %t, %v", path, has, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
			t.Errorf("%s was replaced: %v, %v", path, info, err)
		}
	}
}

// sudo that keeps HOME: the user could not read what root creates there, and a link
// there could lead to root's files.
func TestRootAddsNoProfileInAnotherUsersHome(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("not root")
	}
	home := t.TempDir()
	if err := os.Chown(home, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time with a folder
		if added, err := Open(homeOf(home)).AddProfile(contributor); added || err == nil || !strings.Contains(err.Error(), "another user") {
			t.Errorf("%t, %v", added, err)
		}
		if _, err := os.Stat(home + "/.aws/config"); err == nil {
			t.Error("written")
		}
		if err := os.Mkdir(home+"/.aws", 0o700); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
		if err := os.Chown(home+"/.aws", 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
}
