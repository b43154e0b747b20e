//go:build !unix

package main

// noCoreFile does nothing: this system writes no core files.
func noCoreFile() {}
