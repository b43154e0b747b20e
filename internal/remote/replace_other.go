//go:build !unix

package remote

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"

	"git-credential-codecommit/internal/cli"
)

// replace runs another program, waits for it and returns its exit code, because
// this system cannot replace a process. Both processes receive an interrupt; the
// other program handles it.
func replace(p cli.Process, path string, args, environ []string) (exit int, err error) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	cmd := exec.Command(path, args[1:]...)
	cmd.Env = environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.Stdin, p.Stdout, p.Stderr
	err = cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	return cli.ExitOK, err
}
