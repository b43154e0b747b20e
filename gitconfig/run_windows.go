package gitconfig

import "syscall"

// apart keeps a console's Ctrl-C from a process.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
