package command

import (
	"errors"
	"fmt"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/spelling"
)

// commandNames are the commands for people.
var commandNames = []string{"setup", "login", "logout", "doctor", "forget", "policy", "url", "version", "completion"}

// unknownAction handles a word that is not a command. Git may send actions that
// this version does not know, and gitcredentials(7) requires that helpers ignore
// them. If the word was typed by a person or is a misspelt command, it is an error.
func unknownAction(p cli.Process, args []string) error {
	switch {
	case len(args) == 0:
		return cli.UsageError(cli.Name, errors.New("no action given"))
	case p.StdinIsTerminal(), misspelt(args[0]) != "":
		return unknownCommand(args[0])
	}
	return nil
}

// unknownCommand returns the error for a word that is not a command.
func unknownCommand(word string) error {
	e := &cli.Error{Err: fmt.Errorf("unknown command %s", cli.Quote(word)), Fix: []cli.Hint{cli.RunThis("--help")}, Exit: cli.ExitUsage}
	if name := misspelt(word); name != "" {
		e.Fix = []cli.Hint{cli.RunThis(name + " --help").When("if you meant " + name)}
	}
	return e
}

// maxMisspelt is how many letters of a command may be wrong; one in a name of three
// letters, which would resemble too many words otherwise.
const maxMisspelt = 2

// misspelt returns the command that a word resembles; "" if none.
func misspelt(word string) string {
	best, least := "", maxMisspelt+1
	for _, name := range commandNames {
		limit := min(least, len(name)/2+1)
		if d := spelling.Distance(word, name, limit); d < limit {
			best, least = name, d
		}
	}
	return best
}
