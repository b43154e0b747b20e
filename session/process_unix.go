//go:build unix

package session

import (
	"os/exec"
	"syscall"
)

// runInGroup runs the command in a process group of its own, so that its
// children end with it when its time is up.
func runInGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd.Run()
}
