//go:build unix

package command

import (
	"os"
	"syscall"
)

// endingSignals end a prompt.
var endingSignals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// openTerminal opens the terminal of this process for reading and writing.
func openTerminal() (in, out *os.File, err error) {
	// The same file twice, so that each can be closed separately.
	if in, err = os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	if out, err = os.OpenFile("/dev/tty", os.O_WRONLY|syscall.O_NOCTTY, 0); err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, out, nil
}
