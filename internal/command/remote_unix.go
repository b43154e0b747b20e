//go:build unix

package command

import "syscall"

// replace makes this process another program. It returns only when that fails.
func replace(_ Process, path string, args, environ []string) (exit int, err error) {
	return exitFailed, syscall.Exec(path, args, environ)
}
