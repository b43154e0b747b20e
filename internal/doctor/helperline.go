package doctor

import (
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// A helperLine is an entry of git's configuration whose value runs this program.
type helperLine struct {
	entry gitconfig.Entry
	helper.Line
	// isCode reports that the value is shell code other than a simple command, such
	// as a function: what it does cannot be read from it, and Line is zero.
	isCode bool
}

// parseLine parses an entry of credential.helper. Ok reports whether it runs this
// program, directly or within shell code.
func parseLine(e gitconfig.Entry) (line helperLine, ok bool) {
	if l, ok := helper.ParseLine(e.Value); ok {
		return helperLine{entry: e, Line: l}, true
	}
	if strings.HasPrefix(e.Value, "!") && strings.Contains(e.Value, strings.TrimPrefix(cli.Name, "git-")) {
		return helperLine{entry: e, isCode: true}, true
	}
	return helperLine{}, false
}

// same reports whether two lines select the same credentials, as far as that can be
// read from them.
func (l helperLine) same(other helperLine) bool {
	return l.isCode == other.isCode && slices.Equal(l.flags(), other.flags())
}

// envProfile returns the profile that the line sets in AWS_PROFILE and does not
// override with --profile; "" for none.
func (l helperLine) envProfile() string {
	if slices.Contains(l.Args, profileFlag) || slices.ContainsFunc(l.Args, func(arg string) bool { return strings.HasPrefix(arg, profileFlag+"=") }) {
		return ""
	}
	for _, variable := range slices.Backward(l.Env) {
		if profile, ok := strings.CutPrefix(variable, "AWS_PROFILE="); ok {
			return profile
		}
	}
	return ""
}

// setsMore reports whether the line sets variables other than AWS_PROFILE.
func (l helperLine) setsMore() bool {
	return slices.ContainsFunc(l.Env, func(variable string) bool { return !strings.HasPrefix(variable, "AWS_PROFILE=") })
}

// flags returns the flags that setup needs for a line that selects the same
// credentials.
func (l helperLine) flags() []string {
	if profile := l.envProfile(); profile != "" {
		return slices.Concat([]string{profileFlag, profile}, l.Args)
	}
	return l.Args
}

// shown returns the line for people, without what may be secret in it: the values
// of the variables that it sets, except AWS_PROFILE, and shell code.
func (l helperLine) shown() string {
	if l.isCode {
		return nameOf(l.entry)
	}
	if len(l.Env) == 0 {
		return l.entry.Value
	}
	words := slices.Clone(l.Env)
	for i, assignment := range words {
		if name, _, _ := strings.Cut(assignment, "="); name != "AWS_PROFILE" {
			words[i] = name + "=***"
		}
	}
	for _, word := range append([]string{l.Program}, l.Args...) {
		words = append(words, shell.Word(word))
	}
	return "!" + strings.Join(words, " ")
}

// where names the place of an entry for people.
func where(e gitconfig.Entry) string {
	origin := strings.TrimPrefix(e.Origin, "file:")
	switch {
	case origin == "" || e.Scope == "command":
		return "in the environment or on git's command line"
	case e.Scope == "":
		return "in " + origin
	}
	return "in git's " + string(e.Scope) + " configuration, " + origin
}

// nameOf names another helper for people: its first word, because what follows
// in a line of shell may be secret, and so may the value of a variable.
func nameOf(e gitconfig.Entry) string {
	words := strings.Fields(e.Value)
	if len(words) == 0 {
		return `""`
	}
	name, _, assigned := strings.Cut(words[0], "=")
	if assigned || len(words) > 1 {
		return name + " …"
	}
	return name
}
