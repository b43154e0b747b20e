package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/doctor"
	"git-credential-codecommit/internal/gitconfig"
)

// A fixer runs the commands from doctor's report that change this machine's
// configuration, each at most once.
type fixer struct {
	process cli.Process
	yes     bool // run without confirmation, except for decisions that only a person can make

	terminal   *bufio.Reader // nil if there is no terminal
	in, out    *os.File
	considered []string // commands that were already run or declined
}

// newFixer returns a fixer that asks on the terminal. Without a terminal it returns
// an error unless yes is true.
func newFixer(p cli.Process, yes bool) (*fixer, error) {
	x := &fixer{process: p, yes: yes}
	in, out, err := openTerminal()
	if err == nil {
		x.in, x.out, x.terminal = in, out, bufio.NewReader(in)
		return x, nil
	}
	if yes {
		return x, nil
	}
	return nil, cli.WithHints(errors.New("doctor --fix asks before each command, but there is no terminal"),
		cli.RunThis("doctor --fix --yes").When("to run them all without confirmation"))
}

func (x *fixer) close() {
	if x.terminal != nil {
		_ = x.in.Close()
		_ = x.out.Close()
	}
}

// fix runs the first command of a report that the user confirms. Ran is false if
// there is none; the report is then final.
func (x *fixer) fix(ctx context.Context, report doctor.Report) (ran bool, err error) {
	for _, c := range report.Fixes() {
		if slices.Contains(x.considered, c.String()) {
			continue
		}
		confirmed, err := x.confirm(c)
		if err != nil {
			return false, err
		}
		x.considered = append(x.considered, c.String())
		if confirmed {
			return true, x.run(ctx, c)
		}
	}
	return false, nil
}

// confirm reports whether to run a command.
func (x *fixer) confirm(c doctor.Command) (bool, error) {
	text := cli.OneLine(c.String())
	if x.yes && !c.NeedsPerson() {
		_, err := io.WriteString(x.process.Stderr, "run: "+text+"\n")
		return true, err
	}
	if x.terminal == nil {
		return false, nil
	}
	if _, err := fmt.Fprintf(x.out, "run: %s\nRun it now? [y/N] ", text); err != nil {
		return false, err
	}
	answer, err := x.terminal.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}

// run runs the programs of a command in order, without a shell, until one fails.
func (x *fixer) run(ctx context.Context, c doctor.Command) error {
	for _, words := range c.Steps() {
		cmd := exec.CommandContext(ctx, words[0], words[1:]...)
		cmd.Env = gitconfig.Environ(cmd.Environ())
		cmd.Stdout, cmd.Stderr = x.process.Stderr, x.process.Stderr // standard output is for the report
		if x.in != nil {
			cmd.Stdin = x.in
		}
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", cli.OneLine(c.String()), err)
		}
	}
	return nil
}
