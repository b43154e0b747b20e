package doctor

import (
	"slices"
	"strings"

	"git-credential-codecommit/internal/shell"
)

// A Command is a command line that fixes a problem. Its JSON is the text.
type Command struct {
	text   string
	steps  [][]string // programs to run, with their arguments; nil if the command is only shown
	effect effect
}

// An effect is what a command changes. It decides whether Fixes includes the
// command.
type effect int

const (
	// The command is only shown: it changes AWS, contains a placeholder, works only
	// in the user's shell, or changes nothing.
	shownOnly effect = iota
	// The command changes only the configuration of this machine.
	configures
	// The command also selects the account that git uses, which only a person can
	// decide.
	selectsAccount
	// The command signs the user in.
	signsIn
)

// Shown returns a command that is only shown, never run.
func Shown(text string) Command { return Command{text: text} }

// String returns the command line.
func (c Command) String() string { return c.text }

// MarshalText returns the command line.
func (c Command) MarshalText() ([]byte, error) { return []byte(c.text), nil }

// Steps returns the programs that the command runs in order, each with its
// arguments; nil if the command is only shown.
func (c Command) Steps() [][]string { return c.steps }

// NeedsPerson reports whether the command must be confirmed even with --yes.
func (c Command) NeedsPerson() bool { return c.effect == selectsAccount || c.effect == signsIn }

// runs reports whether the command runs one of the programs.
func (c Command) runs(programs ...string) bool {
	return slices.ContainsFunc(c.steps, func(step []string) bool { return slices.Contains(programs, step[0]) })
}

// then returns a command that runs c and, if c succeeds, next.
func (c Command) then(next Command) Command {
	if c.text == "" {
		return next
	}
	return Command{
		text:   c.text + " && " + next.text,
		steps:  slices.Concat(c.steps, next.steps),
		effect: max(c.effect, next.effect),
	}
}

// configure returns a command that changes this machine's configuration. Name is
// how the user types the program.
func (d *Doctor) configure(program, name string, args ...string) Command {
	words := []string{name}
	for _, arg := range args {
		words = append(words, d.Word(arg))
	}
	return Command{text: strings.Join(words, " "), steps: [][]string{append([]string{program}, args...)}, effect: configures}
}

// git returns a git command that changes git's configuration.
func (d *Doctor) git(args ...string) Command { return d.configure(d.Git.Path, "git", args...) }

// self returns a command of this program that changes git's configuration.
func (d *Doctor) self(args ...string) Command { return d.configure(d.Program, d.Command, args...) }

// hinted returns the command of a hint. Fixes includes it if it is a sign-in.
func (d *Doctor) hinted(text string) Command {
	rest, ok := strings.CutPrefix(text, d.Command+" ")
	args, err := shell.Split(rest)
	if !ok || err != nil || len(args) == 0 || args[0] != "login" {
		return Shown(text)
	}
	c := d.self(args...)
	c.effect = signsIn
	return c
}

// Fixes returns the commands for failed checks and warnings that change only this
// machine: the first one of each check, in the order of the checks, or all of them
// if a person must choose.
func (r Report) Fixes() []Command {
	var fixes []Command
	for _, e := range r.Repositories {
		for _, c := range e.Checks {
			for _, command := range c.Run {
				known := slices.ContainsFunc(fixes, func(f Command) bool { return f.text == command.text })
				if command.effect == shownOnly || known {
					continue
				}
				fixes = append(fixes, command)
				if command.effect != selectsAccount {
					break
				}
			}
		}
	}
	return fixes
}
