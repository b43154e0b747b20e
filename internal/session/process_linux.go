package session

import (
	"runtime"
	"syscall"
)

// endWithThisProcess makes the kernel end the command if this process ends, even
// by SIGKILL. The signal comes when the thread ends that started the command, so
// that it stays locked until the returned function is called.
func endWithThisProcess(attr *syscall.SysProcAttr) (done func()) {
	runtime.LockOSThread()
	attr.Pdeathsig = syscall.SIGKILL
	return runtime.UnlockOSThread
}
