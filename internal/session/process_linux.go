package session

import (
	"runtime"
	"syscall"
)

// endWithThisProcess makes the kernel kill the command when this process ends, even
// by SIGKILL. The kernel sends the signal when the thread that started the command
// ends, so the thread stays locked until the returned function is called.
func endWithThisProcess(attr *syscall.SysProcAttr) (done func()) {
	runtime.LockOSThread()
	attr.Pdeathsig = syscall.SIGKILL
	return runtime.UnlockOSThread
}
