//go:build unix

package awsprofile

import (
	"os"
	"syscall"
)

// openFlags keep a FIFO from blocking the open until somebody writes to it,
// and a terminal from becoming ours.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOCTTY
