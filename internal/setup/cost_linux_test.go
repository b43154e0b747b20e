package setup

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Limits. The AWS config file is read once to decide, and once under its lock.
const (
	mostProcesses = 20
	mostOpened    = 2
)

// Even for large requests, setup and --undo start few git processes and open the
// AWS config file at most twice.
func TestCost(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(h.dir, "log")
	h.write(t, "bin/git", "#!/bin/sh\necho >>"+log+"\nexec "+git+" \"$@\"\n")
	if err := os.Chmod(filepath.Join(h.dir, "bin", "git"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(h.dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	config := filepath.Join(h.dir, "aws")
	profiles := ""
	for i := range 50 {
		profiles += fmt.Sprintf("[profile p%d]\nregion = us-east-2\n", i)
	}
	h.write(t, "aws", profiles)
	h.write(t, ".gitconfig", strings.Join(pieces, ""))
	h.write(t, "included", "")
	added := addedProfileRequest()
	added.AllPartitions = true
	for _, c := range []struct {
		name string
		r    Request
	}{
		{"setup", added},
		{"undo", Request{Undo: true}},
	} {
		_ = os.Remove(log)
		opened := countOpens(t, config)
		if err := h.run(c.r); err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(log)
		processes, opens := strings.Count(string(text), "\n"), opened()
		t.Logf("%s: %d git processes, config file opened %d times", c.name, processes, opens)
		if processes == 0 || processes > mostProcesses || opens == 0 || opens > mostOpened {
			t.Errorf("%s: %d git processes, config file opened %d times", c.name, processes, opens)
		}
	}
	if text, _ := os.ReadFile(config); string(text) != profiles {
		t.Errorf("the profile remains: %s", text[len(profiles):])
	}
}

// countOpens returns a function that returns how often a file has been opened
// since.
func countOpens(t *testing.T, path string) func() int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK)
	if err != nil {
		t.Skipf("inotify: %v", err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	// Watch the folder, because the file may be replaced.
	if _, err := unix.InotifyAddWatch(fd, filepath.Dir(path), unix.IN_OPEN); err != nil {
		t.Skipf("inotify: %v", err)
	}
	return func() (opens int) {
		buffer := make([]byte, 1<<16)
		n, err := unix.Read(fd, buffer)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < n; {
			event := (*unix.InotifyEvent)(unsafe.Pointer(&buffer[at]))
			name := buffer[at+unix.SizeofInotifyEvent : at+unix.SizeofInotifyEvent+int(event.Len)]
			if strings.TrimRight(string(name), "\x00") == filepath.Base(path) {
				opens++
			}
			at += unix.SizeofInotifyEvent + int(event.Len)
		}
		return opens
	}
}
