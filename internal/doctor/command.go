package doctor

import (
	"slices"
	"strings"

	"git-credential-codecommit/internal/shell"
)

// A Command is a command line that helps. In JSON it is its text.
type Command struct {
	text   string
	steps  [][]string // the programs that it runs, with their arguments; nil for one that is only shown
	effect effect
}

// An effect is what a command changes, which decides whether Fixes offers it.
type effect int

const (
	// The command is only shown: it changes AWS, contains a placeholder, works only
	// in the shell where it is typed, or changes nothing.
	shownOnly effect = iota
	// The command changes only the configuration of this machine.
	configures
	// The same, but it also selects which account git uses, which only a person can
	// decide.
	selectsAccount
	// The command signs a person in.
	signsIn
)

// Shown returns a command line that is only shown.
func Shown(text string) Command { return Command{text: text} }

// String returns the command line as a person types it.
func (c Command) String() string { return c.text }

// MarshalText returns the command line.
func (c Command) MarshalText() ([]byte, error) { return []byte(c.text), nil }

// Steps returns the programs that the command runs one after the other, each with
// its arguments; nil for a command that is only shown.
func (c Command) Steps() [][]string { return c.steps }

// NeedsPerson reports whether the command needs a person even if all others run
// without confirmation.
func (c Command) NeedsPerson() bool { return c.effect == selectsAccount || c.effect == signsIn }

// then returns the command that runs next if c succeeds.
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

// configure returns the command that changes the configuration of this machine with
// a program, which a person types as name.
func (d *Doctor) configure(program, name string, args ...string) Command {
	words := []string{name}
	for _, arg := range args {
		words = append(words, d.Word(arg))
	}
	return Command{text: strings.Join(words, " "), steps: [][]string{append([]string{program}, args...)}, effect: configures}
}

// git returns the git command that changes git's configuration.
func (d *Doctor) git(args ...string) Command { return d.configure(d.Git.Path, "git", args...) }

// this returns the command of this program that changes git's configuration.
func (d *Doctor) this(args ...string) Command { return d.configure(d.Program, d.Command, args...) }

// hinted returns the command of a hint. A sign-in is offered too.
func (d *Doctor) hinted(text string) Command {
	rest, ok := strings.CutPrefix(text, d.Command+" ")
	args, err := shell.Split(rest)
	if !ok || err != nil || len(args) == 0 || args[0] != "login" {
		return Shown(text)
	}
	c := d.this(args...)
	c.effect = signsIn
	return c
}

// Fixes lists the commands of failed checks and warnings that change only this
// machine, the first of each check, in the order of the checks. If a person must
// choose between several, it lists them all.
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
