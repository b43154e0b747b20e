//go:build unix

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// flags open an existing lock file. A FIFO in its place does not block.
const flags = os.O_RDWR | syscall.O_NONBLOCK | syscall.O_NOCTTY

// lock tries to lock an open file; locked is false if another process holds the
// lock.
func lock(f *os.File) (locked bool, err error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return err == nil, err
		}
	}
}
