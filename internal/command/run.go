// Package command has one file per command, with its flags, help text and exit
// code. Main is the process edge.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/remote"
)

// Run runs the command that p.Args name and returns the exit code.
func Run(p cli.Process) (exit int) {
	defer func() {
		if r := recover(); r != nil {
			// Do not print a stack trace: it could show a secret.
			p.Report(cli.WithHints(errors.New("internal error: this is a bug in "+cli.Name), cli.RunThis("version").When("to report it with what you did")))
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
	stdout := &checkedWriter{w: p.Stdout}
	p.Stdout = stdout
	done, err := runForGit(p)
	if !done {
		err = runTree(p)
	}
	// A failed write is an error, even for a help text.
	if stdout.err != nil && (err == nil || errors.Is(err, stdout.err)) {
		err = fmt.Errorf("cannot write to standard output: %w", stdout.err)
	}
	return p.Report(err)
}

// A checkedWriter remembers the error of its first failed write.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = err
		var path *fs.PathError
		if errors.As(err, &path) {
			c.err = path.Err
		}
	}
	return n, err
}

// runTree runs a command through cobra's tree of commands.
func runTree(p cli.Process) error {
	root := newRoot(p)
	args := p.Args[1:]
	root.SetArgs(args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	// In the style of the other commands.
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil && help != root {
		help.Short, help.Long = "print the help of a command", "Prints the help of a command."
	}
	// Cobra would show the general help for any unknown word.
	if len(args) > 1 && args[0] == "help" && !strings.HasPrefix(args[1], "-") {
		if cmd, _, err := root.Find(args[1:2]); err != nil || cmd == root {
			return unknownCommand(args[1])
		}
	}
	var unknown error
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if words := cmd.Flags().Args(); cmd == root && len(words) > 0 {
			unknown = unknownCommand(words[0])
			return
		}
		help(cmd, args)
	})
	return errors.Join(root.ExecuteContext(context.Background()), unknown)
}

// newRoot builds the tree of commands.
func newRoot(p cli.Process) *cobra.Command {
	var f flags
	root := &cobra.Command{
		Use:   cli.Name + " [flags] get|store|erase|capability",
		Short: "git credential helper for AWS CodeCommit",
		Long: `Gives git access to AWS CodeCommit over HTTPS. To configure git to run it, use
setup, or:

  git config --global credential.helper "codecommit --profile NAME"
  git config --global credential.useHttpPath true`,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
	}
	f.define(root.PersistentFlags())
	showVersion := root.Flags().Bool("version", false, "print version, commit, Go version and platform")
	root.RunE = func(_ *cobra.Command, args []string) error {
		if *showVersion && len(args) == 0 {
			return writeVersion(p)
		}
		return unknownAction(p, args)
	}
	// Cobra's derived flag sets would be sorted instead of keeping the order of
	// define.
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
		newLogin(p, &f),
		newLogout(p, &f),
		newDoctor(p, &f),
		newForget(p, &f),
		newPolicy(p),
		newURL(p),
		newVersion(p),
		newCompletion(p),
	)
	addCompletions(p, root)
	return root
}

// noArgs returns a usage error if there are arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return cli.UsageError(cmd.CommandPath(), fmt.Errorf("%s takes no argument: %s", cmd.Name(), cli.Quote(args[0])))
	}
	return nil
}
