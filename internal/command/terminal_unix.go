//go:build unix

package command

import (
	"os"
	"syscall"
)

// endingSignals end a prompt.
var endingSignals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// openTerminal opens the terminal of this process, to read and to write.
func openTerminal() (in, out *os.File, err error) {
	// One file serves both, but each is closed on its own.
	if in, err = os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	if out, err = os.OpenFile("/dev/tty", os.O_WRONLY|syscall.O_NOCTTY, 0); err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, out, nil
}
