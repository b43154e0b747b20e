package command

import (
	"context"

	"github.com/spf13/pflag"
)

// runForGit runs get, store or erase when the arguments are as git gives them:
// flags, and the action behind them. Git starts this program for every request
// it makes, and for these three the tree of commands is not built first: that
// takes longer than the answer (doc/performance.md). All else, and what is
// wrong with the arguments, is the tree's.
func runForGit(p Process) (done bool, err error) {
	var f flags
	set := pflag.NewFlagSet(Name, pflag.ContinueOnError)
	set.Usage = func() {}
	f.define(set)
	if set.Parse(p.Args[1:]) != nil || set.NArg() != 1 {
		return false, nil
	}
	switch set.Arg(0) {
	case "get":
		return true, get(context.Background(), p, &f, f.check(set))
	case "store":
		return true, nil
	case "erase":
		if f.check(set) == nil {
			erase(p, &f)
		}
		return true, nil
	}
	return false, nil
}
