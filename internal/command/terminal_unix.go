//go:build unix

package command

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// endingSignals end a prompt.
var endingSignals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// openTerminal opens the terminal of this process for reading and writing. It returns
// an error in the background of the terminal, where no one expects a prompt, and
// reading would stop this process.
func openTerminal() (in, out *os.File, err error) {
	// The same file twice, so that each can be closed separately.
	if in, err = os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	group, err := unix.IoctlGetInt(int(in.Fd()), unix.TIOCGPGRP)
	if err == nil && group != syscall.Getpgrp() {
		err = syscall.ENOTTY // as without a terminal
	}
	if err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	if out, err = os.OpenFile("/dev/tty", os.O_WRONLY|syscall.O_NOCTTY, 0); err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, out, nil
}
