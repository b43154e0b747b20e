//go:build !unix

package main

import "os"

// memoryOf returns zero values: this system does not report memory usage.
func memoryOf(*os.ProcessState) memory { return memory{} }
