//go:build unix

package cli

import (
	"os"
	"syscall"
)

// traceFlags open a trace file for appending. A FIFO without a reader does not
// block, and a terminal does not become the controlling terminal.
const traceFlags = os.O_WRONLY | os.O_APPEND | os.O_CREATE | syscall.O_NONBLOCK | syscall.O_NOCTTY
