package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/internal/cli"
)

// runForGit runs get, store or erase when the arguments are as git gives them:
// flags, and the action behind them. Git starts this program for every request
// it makes, and for these three the tree of commands is not built first: that
// takes longer than the answer (doc/performance.md). A helper line that leaves
// git's action without its place is seen here, too: it is an error for our hosts
// alone. All else is the tree's.
func runForGit(p cli.Process) (done bool, err error) {
	var f flags
	set := pflag.NewFlagSet(cli.Name, pflag.ContinueOnError)
	set.Usage = func() {}
	f.define(set)
	if set.Parse(p.Args[1:]) != nil {
		return false, nil
	}
	action, err := set.Arg(0), f.check(set)
	switch {
	case set.NArg() == 1:
	case p.StdinIsTerminal():
		return false, nil
	case set.NArg() == 0: // git's action, the last word, is the value of a flag
		action = p.Args[len(p.Args)-1]
		err = errors.New("a flag of the helper line has no value: it takes git's " + cli.Quote(action))
	case action == "help", strings.HasPrefix(action, cobra.ShellCompRequestCmd): // of the command behind it
		return false, nil
	default: // the helper line has a word of its own before git's
		err = strayWord(action)
		action = set.Arg(set.NArg() - 1)
	}
	switch action {
	case "get":
		return true, get(context.Background(), p, &f, err)
	case "store":
		return true, nil
	case "erase":
		if err == nil {
			erase(p, &f)
		}
		return true, nil
	}
	return false, nil
}

// strayWord says that a helper line holds a word that belongs to no flag. Git's
// action, behind it, is then not where it belongs.
func strayWord(word string) error {
	return fmt.Errorf("the helper line holds %s, which is no flag", cli.Quote(word))
}
