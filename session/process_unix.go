//go:build unix

package session

import (
	"os/exec"
	"syscall"
)

// ownGroup starts the command in a process group of its own, so that its
// children end with it when its time is up.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
