package command

import "golang.org/x/sys/unix"

// notDumpable keeps the system from passing a core to a program, as systemd's and
// Ubuntu's core_pattern do whatever RLIMIT_CORE is, and other processes of the same
// user from reading this one's memory. It ends at the next exec. See prctl(2),
// PR_SET_DUMPABLE, and core(5), "Piping core dumps to a program".
func notDumpable() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
