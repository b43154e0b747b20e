//go:build unix

package regularfile

import (
	"os"
	"syscall"
)

// Flags open a file for reading. A FIFO does not block until another process writes
// to it, and a terminal does not become the controlling terminal.
const Flags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOCTTY
