package command

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestNoCoreIsWrittenOrPiped(t *testing.T) { //nolint:paralleltest // it changes the process
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &before)
		_ = unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)
	})
	noCoreFile()
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if dumpable != 0 || err != nil {
		t.Errorf("dumpable: %d, %v", dumpable, err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != before.Max {
		t.Errorf("RLIMIT_CORE: %+v, was %+v, %v", limit, before, err)
	}
}
