package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"
)

// gitActions are those that git asks of a helper.
var gitActions = []string{"get", "store", "erase"}

// runForGit runs get, store or erase when the arguments are as git gives them:
// flags, and the action behind them. Git starts this program for every request
// it makes, and for these three the tree of commands is not built first: that
// takes longer than the answer (doc/performance.md). A helper line that leaves
// git's action without its place is seen here, too: it is an error for our hosts
// alone. All else is the tree's.
func runForGit(p Process) (done bool, err error) {
	var f flags
	set := pflag.NewFlagSet(Name, pflag.ContinueOnError)
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
		err = errors.New("a flag of the helper line has no value: it takes git's " + quote(action))
	case !slices.Contains(gitActions, action):
		return false, nil
	default: // the helper line has an action of its own before git's
		err = fmt.Errorf("the helper line holds %s, which is no flag", quote(action))
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
