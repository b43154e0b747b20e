package command

import "golang.org/x/sys/unix"

// notDumpable prevents core dumps that are piped to a program, which RLIMIT_CORE
// does not prevent (systemd's and Ubuntu's core_pattern), and stops other processes
// of the same user from reading this process's memory. It lasts until the next
// exec. See PR_SET_DUMPABLE in prctl(2), and "Piping core dumps to a program" in
// core(5).
func notDumpable() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
