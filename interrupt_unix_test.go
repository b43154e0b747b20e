//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Whenever setup is interrupted, git's configuration is as it was or as setup
// leaves it: half of it would switch off the helpers that were there before.
// A terminal's signals go to setup and to the git that it runs.
func TestSetupInterrupted(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	config := filepath.Join(home, ".gitconfig")
	// run runs setup, with a signal that comes some time after git's first write.
	run := func(signal syscall.Signal, after time.Duration) string {
		t.Helper()
		cmd := exec.Command("git-credential-codecommit", "setup", "--role-arn", "arn:aws:iam::111122223333:role/X", "--credential-source", "Environment",
			"--repo", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", noExitSleep}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := os.RemoveAll(config); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			_ = cmd.Wait() // the signal may have ended it
			close(ended)
		}()
		for running := true; running; time.Sleep(100 * time.Microsecond) {
			if _, err := os.Stat(config); err == nil {
				break
			}
			select {
			case <-ended:
				running = false
			default:
			}
		}
		time.Sleep(after)
		_ = syscall.Kill(-cmd.Process.Pid, signal)
		<-ended
		text, err := os.ReadFile(config)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	whole := run(0, 0)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for after := time.Duration(0); after < 8*time.Millisecond; after += time.Millisecond {
			if text := run(signal, after); text != whole {
				t.Errorf("%v after %v leaves %q", signal, after, text)
			}
		}
	}
}
