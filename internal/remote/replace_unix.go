//go:build unix

package remote

import (
	"syscall"

	"git-credential-codecommit/internal/cli"
)

// replace replaces this process with another program. It returns only if that
// fails.
func replace(_ cli.Process, path string, args, environ []string) (exit int, err error) {
	return cli.ExitFailed, syscall.Exec(path, args, environ)
}
