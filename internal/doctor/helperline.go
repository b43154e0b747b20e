package doctor

import (
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// A helperLine is an entry of git's configuration that runs this program.
type helperLine struct {
	entry gitconfig.Entry
	helper.Line
	// isCode is true if the value is shell code beyond a simple command, such as a
	// function. doctor cannot determine what it does, and Line is zero.
	isCode bool
}

// isShellCode is why doctor does not check what such a line does.
const isShellCode = "the helper line is shell code, which doctor does not interpret: git itself shows whether it works"

// parseLine parses a credential.helper entry. Ok reports whether it runs this
// program, directly or in shell code.
func parseLine(e gitconfig.Entry) (line helperLine, ok bool) {
	if l, ok := helper.ParseLine(e.Value); ok {
		return helperLine{entry: e, Line: l}, true
	}
	if helper.IsCode(e.Value) {
		return helperLine{entry: e, isCode: true}, true
	}
	return helperLine{}, false
}

// same reports whether two lines select the same credentials, as far as doctor can
// tell.
func (l helperLine) same(other helperLine) bool {
	return l.isCode == other.isCode && slices.Equal(l.flags(), other.flags())
}

// envProfile returns the profile that the line sets in AWS_PROFILE, unless
// --profile overrides it; "" if there is none.
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

// flags returns the flags with which setup writes a line that selects the same
// credentials.
func (l helperLine) flags() []string {
	if profile := l.envProfile(); profile != "" {
		return slices.Concat([]string{profileFlag, profile}, l.Args)
	}
	return l.Args
}

// shown returns the line for the report, without possible secrets: shell code, and
// values of variables other than AWS_PROFILE.
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

// where says where an entry is configured.
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

// nameOf returns the first word of another helper's line, for the report: later
// words and values of variables may be secret.
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
