//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// memoryOf returns the memory that the process used.
func memoryOf(state *os.ProcessState) memory {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return memory{}
	}
	m := memory{peak: int64(usage.Maxrss), faults: int64(usage.Minflt)}
	if runtime.GOOS != "darwin" {
		m.peak <<= 10 // in KiB on Linux and the BSDs
	}
	return m
}
