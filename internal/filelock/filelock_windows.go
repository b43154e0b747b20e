package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// flags open an existing lock file.
const flags = os.O_RDWR

// lock tries to lock an open file; locked is false if another process holds the
// lock.
func lock(f *os.File) (locked bool, err error) {
	const wholeFile = ^uint32(0)
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, wholeFile, wholeFile, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}
