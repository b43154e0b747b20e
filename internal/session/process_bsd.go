//go:build unix && !linux

package session

import "syscall"

// endWithThisProcess does nothing: this kernel has no such signal.
func endWithThisProcess(*syscall.SysProcAttr) (done func()) { return func() {} }
