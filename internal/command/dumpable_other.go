//go:build unix && !linux

package command

// notDumpable does nothing: RLIMIT_CORE is enough on this system.
func notDumpable() {}
