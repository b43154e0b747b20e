//go:build unix

package main

import "syscall"

// noCoreFile keeps a crash from writing memory, and with it secrets, to disk.
// Where the system refuses, the program goes on.
func noCoreFile() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
