package session

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"git-credential-codecommit/awsprofile"
)

// TestMain plays a credential_process that starts a child and hangs, or that
// child, when it is started by the test below.
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
	case "child":
		time.Sleep(time.Minute)
	default:
		os.Exit(m.Run())
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
