// Git-credential-codecommit gives git access to AWS CodeCommit over HTTPS.
// It is a git credential helper; see gitcredentials(7).
package main

import (
	"os"

	"git-credential-codecommit/internal/command"
)

func main() { os.Exit(command.Main()) }
