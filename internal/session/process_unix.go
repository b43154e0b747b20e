//go:build unix

package session

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// runInGroup runs the command in a process group of its own, so that its
// children end with it when its time is up. Where git was started from a
// terminal, the group has the terminal while it runs: it may ask a person for
// something, as it may when the AWS CLI runs it, and Ctrl-C is for it.
func runInGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return cmd.Run()
	}
	defer tty.Close()
	fd := int(tty.Fd())
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group == syscall.Getpgrp() {
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, fd
		// Who takes the terminal, or takes it back, is in the background: the
		// signal would stop it. It stays ignored, for another command may be
		// running beside this one.
		signal.Ignore(syscall.SIGTTOU)
		defer func() { _ = unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, group) }()
	}
	return cmd.Run()
}
