package doctor

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// The names under which git runs this program.
const (
	helperName = "git-credential-codecommit"
	shortName  = "codecommit" // credential.helper = codecommit
	remoteName = "git-remote-codecommit"
)

// A helperLine is a value of credential.helper that runs this program.
type helperLine struct {
	entry gitconfig.Entry
	// program is what git or a shell will look for: a path, or a name to be
	// found on PATH.
	program string
	// gits says that git itself looks, in its own folder first.
	gits bool
	args []string
}

// parseLine says whether a value of credential.helper runs this program. See
// credential_do in git's credential.c: a line that begins with "!" is a
// command, one that is an absolute path is run, and any other is a name to
// which git adds git-credential-.
func parseLine(e gitconfig.Entry) (line helperLine, ok bool) {
	value, command := strings.CutPrefix(e.Value, "!")
	words, err := shell.Split(value)
	if err != nil || len(words) == 0 {
		return helperLine{}, false
	}
	line = helperLine{entry: e, program: words[0], args: words[1:]}
	if command && words[0] == "git" && len(words) > 1 && words[1] == "credential-"+shortName {
		line.program, line.gits, line.args = helperName, true, words[2:]
	} else if name := path.Base(words[0]); name != shortName && strings.TrimSuffix(name, ".exe") != helperName {
		return helperLine{}, false
	} else if !command && !isAbsolute(words[0]) {
		line.program, line.gits = "git-credential-"+words[0], true
	} else if name == shortName {
		return helperLine{}, false
	}
	line.args = slices.DeleteFunc(line.args, func(arg string) bool { return arg == "$@" }) // git adds the action itself
	return line, true
}

// profileOf is the profile that a line of the AWS CLI's credential helper names,
// "" for none: its flags stand before its command's name or behind it. See
// https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html.
func profileOf(e gitconfig.Entry) string {
	value, command := strings.CutPrefix(e.Value, "!")
	words, err := shell.Split(value)
	if err != nil || !command || !slices.Contains(words, "credential-helper") {
		return ""
	}
	if name := strings.TrimSuffix(path.Base(filepath.ToSlash(words[0])), ".exe"); name != "aws" {
		return ""
	}
	for i, word := range words {
		if profile, ok := strings.CutPrefix(word, profileFlag+"="); ok {
			return profile
		}
		if word == profileFlag && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}

// isAbsolute says whether git takes a helper for an absolute path; on Windows
// it may begin with a drive.
func isAbsolute(helper string) bool {
	return strings.HasPrefix(helper, "/") || filepath.IsAbs(filepath.FromSlash(helper))
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
