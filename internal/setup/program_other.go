//go:build !unix

package setup

// replaceable is about modes and owners, which other systems do not have.
func replaceable(string) (path string, yes bool) { return "", false }
