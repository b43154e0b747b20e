package doctor

import (
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/gitconfig"
)

// A helperLine is an entry of git's configuration whose value runs this program.
type helperLine struct {
	entry gitconfig.Entry
	helper.Line
}

// parseLine reports whether an entry of credential.helper runs this program.
func parseLine(e gitconfig.Entry) (line helperLine, ok bool) {
	l, ok := helper.ParseLine(e.Value)
	return helperLine{e, l}, ok && len(l.Env) == 0
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
// in a line of shell may be secret, and so may what a variable is set to.
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
