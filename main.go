// Git-credential-codecommit gives git access to AWS CodeCommit over HTTPS.
// It is a git credential helper; see gitcredentials(7).
package main

import (
	"os"
	"time"

	"golang.org/x/term"

	"git-credential-codecommit/internal/command"
)

// main is the process edge: nothing else reads the environment or the clock,
// or exits.
func main() {
	noCoreFile()
	os.Exit(command.Run(command.Process{
		Args:             os.Args,
		Stdin:            os.Stdin,
		Stdout:           os.Stdout,
		Stderr:           os.Stderr,
		StdinIsTerminal:  func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		StdoutIsTerminal: func() bool { return term.IsTerminal(int(os.Stdout.Fd())) },
		LookupEnv:        os.LookupEnv,
		Environ:          os.Environ,
		Executable:       executable,
		Home:             home,
		Now:              time.Now,
	}))
}
