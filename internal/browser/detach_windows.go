package browser

import (
	"os/exec"
	"syscall"
)

// detachedProcess is DETACHED_PROCESS:
// https://learn.microsoft.com/en-us/windows/win32/procthread/process-creation-flags.
const detachedProcess = 0x00000008

// detach starts the browser without the console.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess}
}
