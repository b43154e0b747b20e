//go:build !unix

package command

// noCoreFile does nothing: this system writes no core files.
func noCoreFile() {}
