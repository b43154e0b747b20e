//go:build unix

package command

import "syscall"

// noCoreFile keeps a crash from writing memory, which holds secrets, to disk. The
// hard limit does not change, for the git that the remote helper becomes. If the
// system refuses, the program continues.
func noCoreFile() {
	notDumpable()
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	}
}
