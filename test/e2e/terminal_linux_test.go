package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"git-credential-codecommit/test/awsfake"
)

const mfaProfile = `
[profile mfa]
role_arn = ` + awsfake.MFARole + `
source_profile = default
mfa_serial = ` + awsfake.DeveloperMFASerial + `
`

// The prompt for an MFA code hides the input, and always restores the terminal.
func TestPromptLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(keyboard *os.File, helper *os.Process) error{
		"a code": func(k *os.File, _ *os.Process) error {
			_, err := k.WriteString(awsfake.DeveloperMFACode + "\n")
			return err
		},
		"Ctrl-C":  func(k *os.File, _ *os.Process) error { _, err := k.WriteString("\x03"); return err },
		"SIGINT":  func(_ *os.File, p *os.Process) error { return p.Signal(syscall.SIGINT) },
		"SIGTERM": func(_ *os.File, p *os.Process) error { return p.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(_ *os.File, p *os.Process) error { return p.Signal(syscall.SIGHUP) },
		"Ctrl-\\": func(k *os.File, _ *os.Process) error { _, err := k.WriteString("\x1c"); return err },
		"two codes": func(k *os.File, _ *os.Process) error {
			_, err := k.WriteString(awsfake.DeveloperMFACode + "\n000000\n")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, mfaProfile)
			keyboard, terminal := openPTY(t)
			before := termios(t, terminal)

			var out, errs bytes.Buffer
			cmd := m.get("mfa")
			cmd.Stdout, cmd.Stderr = &out, &errs
			cmd.Env = append(cmd.Env, "GIT_TERMINAL_PROMPT=1")
			cmd.ExtraFiles = []*os.File{terminal}
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			screen := readUntil(t, keyboard, "MFA-code for '"+awsfake.DeveloperMFASerial+"': ")
			waitFor(t, func() bool { return termios(t, terminal).Lflag&unix.ECHO == 0 })
			if err := end(keyboard, cmd.Process); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			if strings.Contains(screen+drain(keyboard), awsfake.DeveloperMFACode) {
				t.Error("the code was shown")
			}
			if after := termios(t, terminal); after != before {
				t.Errorf("the terminal changed from %+v to %+v", before, after)
			}
			if strings.Contains(name, "code") {
				if err != nil || !strings.HasPrefix(out.String(), "username=ASIA") {
					t.Errorf("%v: %s%s", err, &out, &errs)
				}
				return
			}
			if cmd.ProcessState.ExitCode() != 1 || out.String() != "quit=1\n" || !strings.Contains(errs.String(), "error: ") {
				t.Errorf("%v: %s%s", err, &out, &errs)
			}
		})
	}
}

// processProfile returns a profile whose credential_process is a script.
func processProfile(t *testing.T, script string) (config string) {
	t.Helper()
	path := t.TempDir() + "/process"
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return "\n[profile process]\ncredential_process = " + path + "\n"
}

// A credential_process can prompt, as under the AWS CLI. Afterwards the foreground
// group of the terminal is the same as before.
func TestProcessAsksOnTheTerminal(t *testing.T) {
	t.Parallel()
	m := newMachine(t, processProfile(t, `printf 'PIN: ' >/dev/tty
read -r pin </dev/tty
[ "$pin" = 1234 ] && echo '{"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "`+awsfake.DeveloperSecretKey+`"}'`))
	keyboard, terminal := openPTY(t)
	var out, errs bytes.Buffer
	cmd := m.get("process")
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.ExtraFiles = []*os.File{terminal}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	// As under git, the helper is not the session leader: the end of the leader
	// would close the terminal before the test checks it.
	cmd.Args = append([]string{"sh", "-c", `"$@"; echo $? $$ $(cut -d " " -f 8 /proc/$$/stat) >&2`, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	readUntil(t, keyboard, "PIN: ")
	// Ctrl-Z would stop only the program: the shell, which waits for the helper,
	// would not return, and Ctrl-C would not end a stopped program.
	if _, err := keyboard.WriteString("\x1a1234\n"); err != nil {
		t.Fatal(err)
	}
	hangs := time.AfterFunc(time.Minute, func() {
		t.Error("it was stopped")
		_ = keyboard.Close() // the terminal hangs up
	})
	defer hangs.Stop()
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(out.String(), "username=AKIA") {
		t.Errorf("%v: %s%s", err, &out, &errs)
	}
	if want := fmt.Sprintf("0 %d %d\n", cmd.Process.Pid, cmd.Process.Pid); errs.String() != want {
		t.Errorf("exit code, shell and the terminal's group: %s; want %s", &errs, want)
	}
}

// A credential_process has the terminal as standard input and standard error, and
// its output there is not repeated.
func TestProcessHasTheTerminal(t *testing.T) {
	t.Parallel()
	m := newMachine(t, processProfile(t, `[ -t 0 ] && [ -t 2 ] && printf 'PIN: ' >&2
read -r pin
echo "not $pin" >&2
exit 1`))
	keyboard, terminal := openPTY(t)
	var out, errs bytes.Buffer
	cmd := m.get("process")
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.ExtraFiles = []*os.File{terminal}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	cmd.Args = append([]string{"sh", "-c", `"$@"; true`, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	readUntil(t, keyboard, "PIN: ")
	if _, err := keyboard.WriteString("1234\n"); err != nil {
		t.Fatal(err)
	}
	readUntil(t, keyboard, "not 1234\r\n")
	if err := cmd.Wait(); err != nil || out.String() != "quit=1\n" || !strings.Contains(errs.String(), " failed (exit status 1)\n") {
		t.Errorf("%v: %s%s", err, &out, &errs)
	}
}

// If a helper is killed, its credential_process is killed too.
func TestProcessEndsWithAKilledHelper(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/pid"
	m := newMachine(t, processProfile(t, "echo $$ >"+file+".tmp; mv "+file+".tmp "+file+"; exec sleep 100"))
	cmd := m.get("process")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { _, err := os.Stat(file); return err == nil })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(data)) + "/stat")
		return err != nil || bytes.Contains(stat, []byte(") Z "))
	})
}

// Whatever ends the helper also ends the credential_process, although it runs in a
// separate process group.
func TestProcessEndsWithTheHelper(t *testing.T) {
	t.Parallel()
	for _, end := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		pid := t.TempDir() + "/pid"
		m := newMachine(t, processProfile(t, "sleep 100 & echo $! >"+pid+".tmp; mv "+pid+".tmp "+pid+"; wait"))
		var out, errs bytes.Buffer
		cmd := m.get("process")
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool { _, err := os.Stat(pid); return err == nil })
		if err := cmd.Process.Signal(end); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 || out.String() != "quit=1\n" || !strings.Contains(errs.String(), ": interrupted\n") {
			t.Errorf("%s: %v: %s%s", end, err, &out, &errs)
		}
		data, err := os.ReadFile(pid)
		if err != nil {
			t.Fatal(err)
		}
		child, err := strconv.Atoi(strings.TrimSpace(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
			return err != nil || bytes.Contains(stat, []byte(") Z "))
		})
	}
}

// openPTY opens a pseudo-terminal: one side for input and output, and the terminal.
func openPTY(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	conn, err := keyboard.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	controlErr := conn.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil || controlErr != nil {
		t.Fatal(err, controlErr)
	}
	terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keyboard, terminal
}

func termios(t *testing.T, terminal *os.File) unix.Termios {
	t.Helper()
	conn, err := terminal.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var state *unix.Termios
	controlErr := conn.Control(func(fd uintptr) { state, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) })
	if err != nil || controlErr != nil {
		t.Fatal(err, controlErr)
	}
	return *state
}

// readUntil reads the terminal's output until it ends with want.
func readUntil(t *testing.T, keyboard *os.File, want string) string {
	t.Helper()
	if err := keyboard.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var seen []byte
	for !bytes.HasSuffix(seen, []byte(want)) {
		buf := make([]byte, 256)
		n, err := keyboard.Read(buf)
		if err != nil {
			t.Fatalf("%v; seen %q", err, seen)
		}
		seen = append(seen, buf[:n]...)
	}
	return string(seen)
}

// drain returns the remaining output of the terminal.
func drain(keyboard *os.File) string {
	_ = keyboard.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	var seen strings.Builder
	buf := make([]byte, 256)
	for {
		n, err := keyboard.Read(buf)
		seen.Write(buf[:n])
		if err != nil {
			return seen.String()
		}
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 3000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the condition was not met within 30 s")
}

// In the background of a terminal there is no prompt: reading would stop the
// helper, and git would wait for it.
func TestNoPromptInTheBackground(t *testing.T) {
	t.Parallel()
	m := newMachine(t, mfaProfile)
	m.env = append(m.env, "GIT_TERMINAL_PROMPT=1")
	cmd, _ := m.inTerminal(t, `set -m; git-credential-codecommit --profile mfa get <request >out 2>err & wait`)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if out, errs := m.file(t, "out"), m.file(t, "err"); err != nil || out != "quit=1\n" || !strings.Contains(errs, "an MFA code is required") {
			t.Errorf("%v: %s%s", err, out, errs)
		}
	case <-time.After(20 * time.Second):
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		t.Error("the helper is stopped")
	}
}

// There is only one prompt, even if many helpers wait for the code.
func TestManyHelpersAskForOneCode(t *testing.T) {
	t.Parallel()
	m := newMachine(t, mfaProfile)
	askpass := m.home + "/askpass"
	asked := m.home + "/asked"
	script := fmt.Sprintf("#!/bin/sh\necho asked >>%s\nsleep 0.3\necho %s\n", asked, awsfake.DeveloperMFACode)
	if err := os.WriteFile(askpass, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	m.env = append(m.env, "GIT_ASKPASS="+askpass)
	const many = 20
	helpers := make([]*exec.Cmd, many)
	for i := range helpers {
		helpers[i] = m.get("mfa")
		if err := helpers[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range helpers {
		if err := h.Wait(); err != nil {
			t.Error(err)
		}
	}
	if data, err := os.ReadFile(asked); err != nil || string(data) != "asked\n" {
		t.Errorf("asked: %q, %v", data, err)
	}
	if n := m.cloud.Count(awsfake.STS); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
}

// doctor --fix asks for confirmation of each command on the terminal, and runs only
// confirmed ones.
func TestDoctorFixAsks(t *testing.T) {
	t.Parallel()
	m := newMachine(t, mfaProfile)
	const header = "Authorization: Basic QQ=="
	for _, tt := range []struct {
		answers    string
		configured bool // setup was run
		header     bool // http.extraHeader is still set
	}{
		{"\nn\n", false, true},
		{"no\ny\n", false, false},
		{"y\nyes\n", true, false},
	} {
		git := func(args ...string) string {
			cmd := exec.Command("git", args...)
			cmd.Env = m.env
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
		git("config", "--global", "--replace-all", "http.extraHeader", header)
		keyboard, terminal := openPTY(t)
		var out, errs bytes.Buffer
		cmd := m.command("", nil, "doctor", "--fix", "--read-only", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo")
		cmd.Stdout, cmd.Stderr = &out, &errs
		cmd.ExtraFiles = []*os.File{terminal}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for answer := range strings.Lines(tt.answers) {
			readUntil(t, keyboard, "Run it now? [y/N] ")
			if _, err := keyboard.WriteString(answer); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait()
		config := git("config", "--global", "--list")
		if got := strings.Contains(config, ".helper="); got != tt.configured {
			t.Errorf("%q: configured: %v\n%s%s", tt.answers, got, &out, &errs)
		}
		if got := strings.Contains(config, header); got != tt.header {
			t.Errorf("%q: header: %v\n%s%s", tt.answers, got, &out, &errs)
		}
	}
}
