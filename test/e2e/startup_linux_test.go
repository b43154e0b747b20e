package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

// The kernel reports every file that is opened in a HOME: inotify(7).
func TestFilesOpened(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	run := func(profile, action, stdin string) {
		cmd := exec.Command(program.Path, "--profile", profile, action)
		cmd.Env, cmd.Dir, cmd.Stdin = m.env, m.home, strings.NewReader(stdin)
		if out, err := cmd.Output(); err != nil {
			t.Errorf("%s %s: %v: %s", profile, action, err, out)
		}
	}
	run(awsfake.DeveloperProfile, "get", request) // stores a session

	const foreign = "protocol=https\nhost=github.com\npath=example/app.git\n\n"
	config, credentials := ".aws/config", ".aws/credentials"
	for _, c := range []struct {
		profile, action, stdin string
		opened                 []string
	}{
		{"default", "get", foreign, nil},
		{"default", "store", request, nil},
		{"default", "erase", foreign, nil},
		{"default", "get", request, []string{config, credentials}},
		{awsfake.DeveloperProfile, "get", request, []string{config, credentials, ".aws/cli/cache/KEY.json"}},
	} {
		opened := watchOpens(t, m.home)
		run(c.profile, c.action, c.stdin)
		if got := opened(); !slices.Equal(got, c.opened) {
			t.Errorf("%s %s %.20q opened %q, want %q", c.profile, c.action, c.stdin, got, c.opened)
		}
	}
}

// watchOpens watches the folder and everything below it. The returned function
// returns the files that have been opened since, in order; a session's name is KEY.
func watchOpens(t *testing.T, root string) (opened func() []string) {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		t.Skip("no inotify here: ", err)
	}
	dirs := map[int32]string{}
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		wd, err := syscall.InotifyAddWatch(fd, path, syscall.IN_OPEN)
		dirs[int32(wd)] = path
		return err
	})
	if err != nil {
		t.Skip("no inotify here: ", err)
	}
	return func() (names []string) {
		defer syscall.Close(fd)
		buffer := make([]byte, 64<<10)
		n, err := syscall.Read(fd, buffer)
		if err == syscall.EAGAIN {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		for events := buffer[:n]; len(events) > 0; {
			event := (*syscall.InotifyEvent)(unsafe.Pointer(&events[0]))
			name, _, _ := bytes.Cut(events[syscall.SizeofInotifyEvent:][:event.Len], []byte{0})
			events = events[syscall.SizeofInotifyEvent+event.Len:]
			if event.Mask&syscall.IN_ISDIR != 0 {
				continue
			}
			path, err := filepath.Rel(root, filepath.Join(dirs[event.Wd], string(name)))
			if err != nil {
				t.Fatal(err)
			}
			if dir, file := filepath.Split(path); len(file) == 45 && strings.HasSuffix(file, ".json") { // SHA-1 in hex
				path = dir + "KEY.json"
			}
			names = append(names, path)
		}
		return names
	}
}
