//go:build unix

package command

import (
	"os"
	"syscall"
)

// traceFlags open a trace to append to. They keep a FIFO that nobody reads from
// blocking the open, and a terminal from becoming ours.
const traceFlags = os.O_WRONLY | os.O_APPEND | os.O_CREATE | syscall.O_NONBLOCK | syscall.O_NOCTTY
