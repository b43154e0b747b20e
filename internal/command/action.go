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

// actions are the actions of the credential protocol: git appends one to the helper
// line.
var actions = []struct{ name, short string }{
	{"get", "return a username and password to git"},
	{"store", "do nothing: passwords are not stored"},
	{"erase", "remove the stored role session whose credentials CodeCommit rejected"},
	{"capability", "list the optional protocol features that this helper supports"},
}

// newActions returns the commands for git's actions. They exist for their help
// texts: runForGit has already handled an action without other words.
func newActions() []*cobra.Command {
	var cmds []*cobra.Command
	for _, a := range actions {
		cmds = append(cmds, &cobra.Command{Use: a.name, Short: a.short, RunE: noArgs})
	}
	return cmds
}

// runAction runs one of git's actions. FlagErr is an error in the flags of the
// helper line; nil if there is none.
func runAction(ctx context.Context, p cli.Process, f *flags, action string, flagErr error) error {
	h := newHelper(p, f)
	switch action {
	case "get":
		if flagErr != nil {
			flagErr = cli.UsageError(cli.Name, flagErr)
		}
		return h.Get(ctx, p.Stdin, p.Stdout, flagErr)
	case "store":
		return h.Store(p.Stdin)
	case "erase":
		if flagErr != nil {
			return nil // git expects no answer to erase
		}
		return h.Erase(p.Stdin)
	default:
		return h.Capability(p.Stdout)
	}
}

// isAction reports whether word is one of git's actions.
func isAction(word string) bool {
	for _, a := range actions {
		if a.name == word {
			return true
		}
	}
	return false
}

// runForGit runs an action if the arguments have the form that git passes: flags,
// then the action. Git starts this program for every request, and building the tree
// of commands would take longer than answering (see doc/performance.md). Done is
// false if the arguments have another form.
//
// If the helper line itself is wrong, that is an error for our hosts only.
func runForGit(p cli.Process) (done bool, err error) {
	var f flags
	set := pflag.NewFlagSet(cli.Name, pflag.ContinueOnError)
	set.Usage = func() {}
	f.define(set)
	if set.Parse(p.Args[1:]) != nil {
		return false, nil // see flagError
	}
	action, flagErr := set.Arg(0), f.check(set)
	switch {
	case set.NArg() == 1:
	case p.StdinIsTerminal(): // typed by a person
		return false, nil
	case set.NArg() == 0: // the last flag took git's action as its value
		action = p.Args[len(p.Args)-1]
		flagErr = fmt.Errorf("the last flag of the helper line has no value: git's %s was taken as its value", cli.Quote(action))
	case action == "help", strings.HasPrefix(action, cobra.ShellCompRequestCmd):
		return false, nil // a user's command line that ends in an action: help get
	default: // the helper line contains a stray word before git's action
		flagErr = strayWordError(action)
		action = set.Arg(set.NArg() - 1)
	}
	if !isAction(action) {
		return false, nil
	}
	return true, runAction(context.Background(), p, &f, action, flagErr)
}

// strayWordError returns the error for a word in a helper line that is not a flag.
func strayWordError(word string) error {
	return fmt.Errorf("the helper line contains %s, which is not a flag", cli.Quote(word))
}

// flagError handles a flag that cannot be parsed. For git's actions it is an error
// only if the request is for one of our hosts.
func flagError(cmd *cobra.Command, p cli.Process, f *flags, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool" {
		err = fmt.Errorf("--%s must be true or false, not %s", invalid.GetFlag().Name, cli.Quote(invalid.GetValue()))
	}
	if action := p.Args[len(p.Args)-1]; isAction(action) && !p.StdinIsTerminal() {
		return runAction(cmd.Context(), p, f, action, err)
	}
	return cli.UsageError(cmd.CommandPath(), err)
}
