package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"git-credential-codecommit/awsprofile"
)

// TestMain is also a credential_process that answers, one that starts a child and
// hangs, and that child, when the tests below start it.
func TestMain(m *testing.M) {
	switch os.Getenv("SESSION_TEST_PLAYS") {
	case "parent":
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "SESSION_TEST_PLAYS=child")
		if err := child.Start(); err != nil {
			os.Exit(3)
		}
		if err := os.WriteFile(os.Getenv("SESSION_TEST_PID"), []byte(strconv.Itoa(child.Process.Pid)), 0o600); err != nil {
			os.Exit(4)
		}
		time.Sleep(time.Minute)
	case "answer":
		fmt.Printf(`{"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": %q}`, strings.Join(os.Args[1:], "|"))
	case "child":
		time.Sleep(time.Minute)
	default:
		os.Exit(m.Run())
	}
}

// A path with a space and backslashes, and such arguments, are passed unchanged.
func TestProcessAnswers(t *testing.T) {
	t.Setenv("SESSION_TEST_PLAYS", "answer")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "a program.exe")
	if err := os.WriteFile(copied, content, 0o700); err != nil {
		t.Fatal(err)
	}
	args := []string{`C:\a b\`, `say "hello"`, ""}
	w := newWalk(awsprofile.Chain{}, Options{Now: time.Now})
	p := process{awsprofile.Process{Command: append([]string{copied}, args...), Profile: "p"}}
	creds, err := p.credentials(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(args, "|"); creds.SecretAccessKey != want {
		t.Errorf("the process got %s, want %s", creds.SecretAccessKey, want)
	}
}

func TestProcessThatHangsIsKilledWithItsChildren(t *testing.T) {
	pidFile := t.TempDir() + `\pid`
	t.Setenv("SESSION_TEST_PLAYS", "parent")
	t.Setenv("SESSION_TEST_PID", pidFile)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	w := newWalk(awsprofile.Chain{}, Options{Now: time.Now})
	p := process{awsprofile.Process{Command: []string{program}, Profile: "p"}}
	if _, err := p.credentials(ctx, w); err == nil {
		t.Error("a process that hangs has answered")
	}
	data, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.ParseUint(string(data), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	child, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if errors.Is(err, windows.ERROR_INVALID_PARAMETER) {
		return // there is no such process any more
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = windows.CloseHandle(child) }()
	if state, err := windows.WaitForSingleObject(child, 5000); state != windows.WAIT_OBJECT_0 {
		t.Errorf("the child lives: %d, %v", state, err)
	}
}
