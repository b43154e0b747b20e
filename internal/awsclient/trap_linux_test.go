package awsclient

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"git-credential-codecommit/awsprofile"
)

// The SDK opens and writes no files below HOME: the kernel reports every open, read
// and write there.
func TestSDKTouchesNoFile(t *testing.T) { //nolint:paralleltest // it sets HOME
	home := t.TempDir()
	t.Setenv("HOME", home)
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Skip("inotify:", err)
	}
	defer unix.Close(watch)
	for _, folder := range []string{".aws", ".aws/sso/cache", ".aws/cli/cache", ".aws/login/cache", ".aws/boto/cache"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{".aws/config", ".aws/credentials"} {
		if err := os.WriteFile(filepath.Join(home, name), []byte("[default]\nregion = eu-west-3\nuse_fips_endpoint = true\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err = filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_, err = unix.InotifyAddWatch(watch, path, unix.IN_OPEN|unix.IN_ACCESS|unix.IN_MODIFY|unix.IN_CREATE|unix.IN_DELETE|unix.IN_MOVE)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	drain := func() int { // the events so far, in bytes
		n, _ := unix.Read(watch, make([]byte, 64<<10))
		return max(n, 0)
	}
	drain()
	for _, call := range calls {
		_ = call(t.Context(), newTestClient(awsprofile.Settings{DefaultsMode: "auto"}, noTrace, func(r *http.Request) (*http.Response, error) {
			return answer(r, http.StatusForbidden, "", "{}"), nil
		}))
	}
	if n := drain(); n != 0 {
		t.Errorf("%d bytes of events below HOME", n)
	}
	if _, err := os.ReadFile(filepath.Join(home, ".aws", "config")); err != nil || drain() == 0 {
		t.Errorf("reading a file is not seen: the test proves nothing (%v)", err)
	}
}
