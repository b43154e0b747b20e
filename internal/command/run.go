// Package command holds one file per command that a person or git can type,
// and the words in which this program speaks to people.
package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/remote"
)

// Run runs the command that p.Args name and returns the exit code.
func Run(p cli.Process) (exit int) {
	defer func() {
		if r := recover(); r != nil {
			// A stack trace could show a secret; where it happened cannot.
			p.Report(&cli.Error{Err: errors.New("internal error: this is a bug in " + cli.Name), Fix: []cli.Hint{cli.RunThis("version").When("to report it with what you did")}})
			exit = cli.ExitFailed
		}
	}()
	if remote.Named(p) {
		exit, err := remote.Run(p, parseQuery)
		if err != nil {
			return p.Report(err)
		}
		return exit
	}
	if done, err := runForGit(p); done {
		return p.Report(err)
	}
	root := newRoot(p)
	root.SetArgs(p.Args[1:])
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(context.Background())
	return p.Report(err)
}

// newRoot builds the tree of commands.
func newRoot(p cli.Process) *cobra.Command {
	var f flags
	root := &cobra.Command{
		Use:   cli.Name + " [flags] get|store|erase|capability",
		Short: "git credential helper for AWS CodeCommit",
		Long: `Gives git access to AWS CodeCommit over HTTPS. Git runs it:

  git config --global credential.helper "codecommit --profile NAME"
  git config --global credential.useHttpPath true`,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		RunE:              func(_ *cobra.Command, args []string) error { return unknownAction(p, args) },
	}
	f.define(root.PersistentFlags())
	// Neither set of flags that cobra makes of these keeps to define's order.
	root.Flags().SortFlags = false
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.InheritedFlags().SortFlags = false
		help(cmd, args)
	})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, p, &f, err) })
	root.AddCommand(newActions()...)
	root.AddCommand(
		newSetup(p, &f),
		newDoctor(p, &f),
		newPolicy(p),
		newURL(p),
		newVersion(p),
		newCompletion(p),
	)
	addCompletions(p, root)
	return root
}

// noArgs refuses words behind an action.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cli.UsageError(cmd.CommandPath(), fmt.Errorf("%s takes no argument, and got %s", cmd.Name(), cli.Quote(args[0])))
	}
	return nil
}

// unknownAction is what gitcredentials(7) asks of helpers: an action that a
// later git may bring is passed over in silence. A person gets told.
func unknownAction(p cli.Process, args []string) error {
	switch {
	case len(args) == 0:
		return cli.UsageError(cli.Name, errors.New("no action given"))
	case p.StdinIsTerminal():
		return cli.UsageError(cli.Name, errors.New("unknown action "+cli.Quote(args[0])))
	}
	return nil
}
