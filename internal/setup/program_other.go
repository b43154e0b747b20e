//go:build !unix

package setup

// replaceable returns false: modes and owners exist only on Unix.
func replaceable(string) (path string, yes bool) { return "", false }
