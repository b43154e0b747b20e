//go:build unix

package browser

import (
	"os/exec"
	"syscall"
)

// detach gives the browser a session of its own: without the terminal, and not
// ended by the signals that the terminal sends.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
