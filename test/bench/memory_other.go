//go:build !unix

package main

import "os"

// memoryOf returns nothing: this system does not report it.
func memoryOf(*os.ProcessState) memory { return memory{} }
