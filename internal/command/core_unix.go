//go:build unix

package command

import "syscall"

// noCoreFile prevents core files, which would contain secrets. Only the soft limit
// changes, so that git, which replaces the remote helper's process, can raise it again.
// Errors are ignored.
func noCoreFile() {
	notDumpable()
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
	}
}
