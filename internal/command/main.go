package command

import (
	"os"
	"time"

	"golang.org/x/term"

	"git-credential-codecommit/internal/cli"
	_ "git-credential-codecommit/internal/stack" // makes get faster
)

// Main runs the command in the process's arguments and returns the exit code. It is
// the process edge: only Main, executable.go, home.go and core_*.go read the
// environment or the clock.
func Main() (exit int) {
	noCoreFile()
	return Run(cli.Process{
		Args:            os.Args,
		Stdin:           os.Stdin,
		Stdout:          os.Stdout,
		Stderr:          os.Stderr,
		StdinIsTerminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		StdoutColumns:   stdoutColumns,
		LookupEnv:       os.LookupEnv,
		Environ:         os.Environ,
		Executable:      executable,
		Home:            home,
		Now:             time.Now,
	})
}

// stdoutColumns returns the width of the terminal on standard output in columns: 0
// if it is not a terminal, 80 if its size is unknown.
func stdoutColumns() int {
	fd := int(os.Stdout.Fd())
	if !term.IsTerminal(fd) {
		return 0
	}
	columns, _, err := term.GetSize(fd)
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}
