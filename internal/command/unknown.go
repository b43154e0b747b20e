package command

import (
	"errors"
	"fmt"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/spelling"
)

// commandNames are the commands that a person types.
var commandNames = []string{"setup", "login", "logout", "doctor", "forget", "policy", "url", "version", "completion"}

// unknownAction handles a word that is no command. As gitcredentials(7) requires,
// an action that a later git may send is ignored; for a person it is an error. A
// misspelt command is always one.
func unknownAction(p cli.Process, args []string) error {
	switch {
	case len(args) == 0:
		return cli.UsageError(cli.Name, errors.New("no action given"))
	case p.StdinIsTerminal(), misspelt(args[0]) != "":
		return unknownCommand(args[0])
	}
	return nil
}

// unknownCommand returns the error for a word that is no command.
func unknownCommand(word string) error {
	e := &cli.Error{Err: fmt.Errorf("unknown command %s", cli.Quote(word)), Fix: []cli.Hint{cli.RunThis("--help")}, Exit: cli.ExitUsage}
	if name := misspelt(word); name != "" {
		e.Fix = []cli.Hint{cli.RunThis(name + " --help").When("if you meant " + name)}
	}
	return e
}

// maxMisspelt is how many letters of a command may be wrong. It is one of a name of
// three letters, which would otherwise resemble too many words.
const maxMisspelt = 2

// misspelt returns the command that a word resembles; "" for none.
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
