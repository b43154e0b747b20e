//go:build unix

package main

import "syscall"

// noCoreFile keeps a crash from writing memory, and with it secrets, to disk.
// The hard limit stays as it is, for the git that the remote helper becomes.
// Where the system refuses, the program goes on.
func noCoreFile() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	}
}
