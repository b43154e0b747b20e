//go:build unix

package browser

import (
	"os/exec"
	"syscall"
)

// detach runs the browser in a new session, without the terminal and its signals.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
