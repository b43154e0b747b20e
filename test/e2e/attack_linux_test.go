package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/canary"
)

// watch reports which files in the folder were opened, read, created or changed
// until the returned function is called.
func watch(t *testing.T, dir string) func() []string {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.Skipf("no inotify here: %v", err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	t.Cleanup(func() { _ = f.Close() })
	// Do not watch for closed files: a child of another test may still have had one
	// open.
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_ALL_EVENTS&^unix.IN_CLOSE); err != nil {
		t.Fatal(err)
	}
	return func() (touched []string) {
		buf := make([]byte, 64<<10)
		for {
			n, err := unix.Read(fd, buf)
			if err != nil || n <= 0 {
				return touched
			}
			for at := 0; at < n; {
				event := (*unix.InotifyEvent)(unsafe.Pointer(&buf[at]))
				name := buf[at+unix.SizeofInotifyEvent : at+unix.SizeofInotifyEvent+int(event.Len)]
				touched = append(touched, filepath.Join(filepath.Base(dir), strings.TrimRight(string(name), "\x00")))
				at += unix.SizeofInotifyEvent + int(event.Len)
			}
		}
	}
}

// Check the watch itself: an answer opens both files.
func TestWatchSeesFileAccess(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	touched := watch(t, filepath.Join(m.home, ".aws"))
	m.run(t, request, nil, "get")
	if files := touched(); !slices.Contains(files, ".aws/config") || !slices.Contains(files, ".aws/credentials") {
		t.Errorf("touched: %s", files)
	}
}

// What a credential_process and an askpass program can see: no secret, no listening
// socket, no core file, and an unchanged environment.
func TestChildProcessesSeeNoSecrets(t *testing.T) {
	t.Parallel()
	const config = `
[profile process]
role_arn = ` + awsfake.MFARole + `
source_profile = source
mfa_serial = ` + awsfake.DeveloperMFASerial + `
[profile source]
credential_process = HOME/look process HOME
`
	m := newMachine(t, "")
	writeFile(t, m.home+"/.aws/config", strings.ReplaceAll(config, "HOME", m.home))
	look := `#!/bin/sh
cd "` + m.home + `" || exit 1
name=$1
case $name in process) ;; *) name=askpass ;; esac
tr '\0' '\n' </proc/$PPID/environ >$name.parent-environment
tr '\0' '\n' </proc/$$/environ >$name.environment
tr '\0' ' ' </proc/$PPID/cmdline >$name.arguments
cat /proc/$PPID/limits >$name.limits
ls -l /proc/$PPID/fd >$name.files
cat /proc/net/tcp /proc/net/tcp6 >$name.sockets 2>/dev/null
cut -d' ' -f5 /proc/$$/stat >$name.group
echo $$ >>$name.group
case $name in
process) printf '{"Version": 1, "AccessKeyId": "` + awsfake.DeveloperAccessKeyID + `", "SecretAccessKey": "%s"}' "$(cat secret)" ;;
*) echo ` + awsfake.DeveloperMFACode + ` ;;
esac
`
	writeFile(t, m.home+"/secret", awsfake.DeveloperSecretKey)
	writeFile(t, m.home+"/look.sh", look)
	copyFile(t, m.home+"/look.sh", m.home+"/look", 0o700)
	cmd := exec.Command("sh", "-c", `ulimit -S -c unlimited 2>/dev/null; exec git-credential-codecommit --profile process get`)
	cmd.Env, cmd.Dir, cmd.Stdin = append(m.env, "GIT_ASKPASS="+m.home+"/look"), m.home, strings.NewReader(request)
	o := runCommand(t, cmd)
	if !o.answered() {
		t.Fatal(o)
	}
	for _, child := range []string{"process", "askpass"} {
		read := func(name string) string {
			data, err := os.ReadFile(m.home + "/" + child + "." + name)
			if err != nil {
				t.Error(err)
			}
			return string(data)
		}
		if mine, its := read("parent-environment"), read("environment"); mine != its || mine == "" {
			t.Errorf("%s: the environment\n%s\nbecame\n%s", child, mine, its)
		}
		files, _ := filepath.Glob(m.home + "/" + child + ".*")
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if found := canary.Found(string(data), m.cloud.Secrets()); found {
				t.Errorf("%s contains a secret", name)
			}
		}
		if limits := read("limits"); !coreOff.MatchString(limits) {
			t.Errorf("%s: core files are enabled:\n%s", child, limits)
		}
		listening := map[string]bool{}
		for line := range strings.Lines(read("sockets")) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" {
				listening["socket:["+f[9]+"]"] = true
			}
		}
		for _, word := range strings.Fields(read("files")) {
			if listening[word] {
				t.Errorf("%s: a socket listens: %s", child, word)
			}
		}
		if group := strings.Fields(read("group")); child == "process" && (len(group) != 2 || group[0] != group[1]) {
			t.Errorf("the process is in group %v", group)
		}
	}
}
