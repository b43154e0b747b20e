package doctor

import (
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// Scopes that setup never writes to.
const (
	worktree gitconfig.Scope = "worktree"
	command  gitconfig.Scope = "command"
)

// commandScope names the places where settings of git's command scope come from.
const commandScope = "git -c, GIT_CONFIG_PARAMETERS or the GIT_CONFIG_COUNT variables"

const (
	repoFlag    = "--repo"
	profileFlag = "--profile"
)

// overriding returns the commands that make git use this helper with args instead
// of helpers, which are in git's order. They change the place of the last helper:
// the scope's file, or the file of a conditional include, so that the account of
// other folders never changes. If a helper is for a single repository, so is the
// change.
//
// An entry in a worktree's configuration is removed; setup follows only if git
// would then still not use this helper with args.
func (x *examination) overriding(args []string, helpers ...gitconfig.Entry) (run []Command, notes []string) {
	last := helpers[len(helpers)-1]
	if i := slices.IndexFunc(helpers, hasPath); i >= 0 {
		last.Subsection = helpers[i].Subsection
	} else if x.path != "" && x.hasOtherLines() {
		last.Subsection = x.plainURL()
	}
	var before Command
	switch last.Scope {
	case command:
		return x.unset(last, "")
	case worktree:
		before = x.git("config", "--worktree", "--unset-all", helpers[len(helpers)-1].Key.String())
		if left := x.without(helpers[len(helpers)-1]).Helpers; len(left) > 0 {
			if line, isOurs := parseLine(left[0]); isOurs && slices.Equal(line.flags(), args) {
				return []Command{before}, nil
			}
		}
	}
	if include, ok := x.includeOf(last); ok {
		change := before.then(x.inIncluded(include, last, args))
		if other, ok := x.otherInclude(include); ok {
			change.effect = selectsAccount
			return []Command{change}, []string{"in some of these folders, " + other.IncludedFile + " names a helper for CodeCommit, which this command may override"}
		}
		return []Command{change}, []string{"git reads " + include.IncludedFile + " only where " + cli.Quote(include.Subsection) + " applies: other folders are not affected"}
	}
	if include, ok := x.includeOf(x.line.entry); ok && x.Given == nil {
		// Setup would apply this folder's account to all other folders.
		if args, ok = x.argsElsewhere(); !ok {
			return nil, []string{"move the includeIf " + cli.Quote(include.Subsection) + " to the end of " + include.File() + ", so that git ignores the helpers before it"}
		}
	}
	return []Command{before.then(x.setup(last, args))}, nil
}

// hasOtherLines reports whether git's configuration names a helper for another
// CodeCommit host or repository only. A change for all hosts would override it, and
// so change the account there. Setup's own lines are not included: setup keeps them.
func (x *examination) hasOtherLines() bool {
	var patterns []string
	for _, host := range codecommit.HostPatterns() {
		patterns = append(patterns, "https://"+host)
	}
	isHelper := func(e gitconfig.Entry) bool {
		return e.Section == "credential" && strings.EqualFold(e.Name, "helper") && e.Value != "" && e.Subsection != ""
	}
	return slices.ContainsFunc(x.Entries, func(e gitconfig.Entry) bool {
		if !isHelper(e) || slices.Contains(patterns, e.Subsection) || gitconfig.Matches(e.Subsection, x.target.URL) {
			return false
		}
		ofSetup := func(o gitconfig.Entry) bool {
			return isHelper(o) && o.Value == e.Value && o.Subsection != e.Subsection && slices.Contains(patterns, o.Subsection) && gitconfig.Covers(o.Subsection, gitconfig.AsURL(e.Subsection))
		}
		return slices.ContainsFunc(patterns, func(p string) bool { return gitconfig.Covers(p, gitconfig.AsURL(e.Subsection)) }) && !slices.ContainsFunc(x.Entries, ofSetup)
	})
}

// argsElsewhere returns the flags of the helper line that git uses where no
// conditional include applies; ok is false if it does not use this helper there.
func (x *examination) argsElsewhere() (args []string, ok bool) {
	entries := x.Configuration().Under(func(string) bool { return false })
	lines := ours(gitconfig.CredentialOf(entries, x.target.URL, x.Version).Helpers)
	if len(lines) == 0 {
		return nil, false
	}
	return lines[0].flags(), true
}

// inIncluded returns the command that makes git use this helper with args wherever
// it reads an included file. If setup --folder wrote that file, the command is a
// setup.
func (x *examination) inIncluded(include gitconfig.ConditionalInclude, e gitconfig.Entry, args []string) Command {
	if folder, ok := x.FolderOf(include); ok {
		return x.self(slices.Concat([]string{"setup", "--folder", folder}, args)...)
	}
	url := x.hostURL()
	if hasPath(e) || slices.Contains(args, repoFlag) {
		url = x.plainURL()
	}
	if i := slices.Index(args, repoFlag); i >= 0 {
		args = slices.Delete(slices.Clone(args), i, i+2)
	}
	config := func(words ...string) Command {
		return x.git(slices.Concat([]string{"config", "--file", include.IncludedFile}, words)...)
	}
	key := "credential." + url + "."
	return config("--replace-all", key+"helper", "").
		then(config("--add", key+"helper", helper.Line{Program: x.Program, Args: args}.String())).
		then(config(key+"useHttpPath", "true"))
}

// includeOf returns the innermost conditional include that contains an entry; ok is
// false if git reads the entry unconditionally.
func (x *examination) includeOf(e gitconfig.Entry) (include gitconfig.ConditionalInclude, ok bool) {
	if e.File() == "" || !slices.ContainsFunc(x.Entries, gitconfig.Entry.Conditional) {
		return include, false
	}
	for _, i := range x.Configuration().ConditionalIncludes() {
		if slices.ContainsFunc(gitconfig.Everything(i.Included), func(in gitconfig.Entry) bool { return in.Origin == e.Origin }) {
			include, ok = i, true
		}
	}
	return include, ok
}

// isSpecific reports whether a helper is configured for CodeCommit hosts only. Unlike a
// keychain for all hosts, it may select another account.
func isSpecific(e gitconfig.Entry) bool {
	covers := func(host string) bool { return gitconfig.Covers("https://"+host, gitconfig.AsURL(e.Subsection)) }
	return e.Subsection != "" && slices.ContainsFunc(codecommit.HostPatterns(), covers)
}

// overridingAnother is overriding in place of helpers that git runs now. If one of
// them is specific to CodeCommit, only a person can decide to replace it.
func (x *examination) overridingAnother(args []string, helpers ...gitconfig.Entry) (run []Command, notes []string) {
	run, notes = x.overriding(args, helpers...)
	isOther := func(e gitconfig.Entry) bool {
		_, isOurs := parseLine(e)
		return !isOurs && !helper.RunsAWSHelper(e.Value) && isSpecific(e)
	}
	for i := range run {
		if slices.ContainsFunc(helpers, isOther) {
			run[i].effect = selectsAccount
		}
	}
	return run, notes
}

// otherInclude returns a conditional include that names a helper for CodeCommit in
// other folders than this one, where git may also read the given include; ok is false
// if there is none.
func (x *examination) otherInclude(include gitconfig.ConditionalInclude) (other gitconfig.ConditionalInclude, ok bool) {
	names := func(e gitconfig.Entry) bool {
		if e.Section != "credential" || !strings.EqualFold(e.Name, "helper") || e.Value == "" {
			return false
		}
		_, isOurs := parseLine(e)
		return isOurs || helper.RunsAWSHelper(e.Value) || isSpecific(e)
	}
	config := x.Configuration()
	for _, i := range config.ConditionalIncludes() {
		if i.IncludedFile != include.IncludedFile && !config.Active(i.Entry) && slices.ContainsFunc(i.Included, names) && x.Overlap(i, include) {
			return i, true
		}
	}
	return other, false
}

// unset returns the command that removes an entry from git's configuration if its
// value matches a regular expression; "" matches every value.
func (x *examination) unset(e gitconfig.Entry, value string) (run []Command, notes []string) {
	if e.Scope == command {
		return nil, []string{"remove " + e.Redacted() + " from " + commandScope}
	}
	if e.Redacted() != e.Key.String() {
		return nil, []string{"remove " + e.Redacted() + " " + where(e)} // a command would show the value
	}
	args := []string{"config", "--" + string(e.Scope)}
	// Paths that are relative to the working tree are the scope's default files.
	if path, ok := strings.CutPrefix(e.Origin, "file:"); ok && path != ".git/config" && path != ".git/config.worktree" {
		if !filepath.IsAbs(path) {
			path = x.Configuration().Path(e)
		}
		args = []string{"config", "--file", path} // possibly one that the scope's file includes
	}
	args = append(args, "--unset-all", e.Key.String())
	if value != "" {
		args = append(args, value)
	}
	return []Command{x.git(args...)}, nil
}

// setup returns the setup command that overrides an entry. A zero entry means that
// there is none to override.
func (x *examination) setup(e gitconfig.Entry, args []string) Command {
	words := []string{"setup"}
	scope := x.scope(e)
	if scope == worktree {
		scope = gitconfig.Local
	}
	if scope != gitconfig.Global {
		words = append(words, "--scope", string(scope))
	}
	if hasPath(e) && !slices.Contains(args, repoFlag) {
		words = append(words, repoFlag, x.plainURL())
	}
	c := x.self(append(words, args...)...)
	if !slices.Contains(c.steps[0], repoFlag) && x.hasOtherLines() {
		c.effect = selectsAccount
	}
	return c
}

// forRepository returns the command that makes git use this helper with flags for
// the repository, in the place where git now configures it.
func (x *examination) forRepository(flags []string) Command {
	args := slices.Concat([]string{repoFlag, x.plainURL()}, flags)
	if include, ok := x.includeOf(x.line.entry); ok {
		return x.inIncluded(include, x.line.entry, args)
	}
	return x.setup(x.line.entry, args)
}

// transport returns the command that sets a setting of git's transport for the
// host. That is setup, which configures all hosts, unless setup would also change
// the credentials that git uses here or in other folders.
func (x *examination) transport(name, value string) Command {
	_, included := x.includeOf(x.line.entry)
	if included || x.Given != nil || x.line.isCode || x.line.setsMore() {
		return x.git("config", "--"+string(x.scope(x.line.entry)), "http."+x.hostURL()+"."+name, value)
	}
	return x.setup(x.line.entry, x.selection.Args)
}

// scope returns the scope in which to override an entry. A user can override the
// system configuration, because git reads it first, unless this is root (whose
// change must apply to all users) or there is no home folder.
func (x *examination) scope(e gitconfig.Entry) gitconfig.Scope {
	switch {
	case e.Scope == gitconfig.Local, e.Scope == worktree:
		return e.Scope
	case x.NoHome, x.Root && e.Scope == gitconfig.System:
		return gitconfig.System
	}
	return gitconfig.Global
}

// hasPath reports whether an entry is for one repository or a folder of
// repositories. An entry for the whole host does not override it.
func hasPath(e gitconfig.Entry) bool {
	_, rest, _ := strings.Cut(e.Subsection, "://")
	return strings.Contains(strings.TrimRight(rest, "/"), "/")
}

// shownFlags returns the flags of a line for the report.
func shownFlags(l helperLine) string {
	switch flags := l.flags(); {
	case l.isCode:
		return "shell code"
	case len(flags) == 0:
		return "no flags"
	default:
		return strings.Join(flags, " ")
	}
}
