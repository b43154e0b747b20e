//go:build unix

package gitconfig

import "syscall"

// apart keeps a terminal's Ctrl-C from a process.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
