package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// checkHelpers looks at git's configuration for the URL: whom git asks, in
// which order, and who is told what to store.
func (x *examination) checkHelpers(ctx context.Context) {
	helpers := x.credential.Helpers
	lines := ours(helpers)
	if len(lines) == 0 {
		x.add(x.notAsked())
		x.skip("git does not ask this helper", CheckOthers, CheckPath, CheckProgram)
		return
	}
	if first := helpers[0]; first.Value != x.line.entry.Value {
		x.add(x.othersFirst(first))
		x.skip("the line above mends it", CheckOthers)
	} else {
		x.ok(CheckHelper, "git asks this helper first, "+where(first)+": "+first.Value)
		x.checkOthers(lines)
	}
	x.checkUsername()
	x.checkPath()
	x.checkProgram(ctx)
}

// checkUsername looks whether git's configuration names the user of static Git
// credentials, with whom git asks and this helper leaves the answer to another.
func (x *examination) checkUsername() {
	e := x.credential.Username
	if !codecommit.IsGitCredential(e.Value) {
		return
	}
	c := Check{Name: CheckUsername, Status: Failed, Summary: "git is told the user name of static Git credentials, for which this helper does not answer (" + where(e) + ")"}
	c.Run, c.Notes = x.unset(e)
	x.add(c)
}

// unset is what takes an entry out of git's configuration.
func (x *examination) unset(e gitconfig.Entry) (run, notes []string) {
	if e.Scope == command {
		return nil, []string{"take " + e.Key.String() + " out of " + commandScope}
	}
	if key := e.Key.String(); cli.RedactURL(key) != key {
		return nil, []string{"remove " + cli.RedactURL(key) + " " + where(e)} // a command would have to show it
	}
	file := "--" + string(e.Scope)
	// What git names from the top of the working tree is the scope's own file.
	if path, ok := strings.CutPrefix(e.Origin, "file:"); ok && path != ".git/config" && path != ".git/config.worktree" {
		file = "--file " + x.Word(path) // which may be one that the scope's file includes
	}
	return []string{"git config " + file + " --unset-all " + x.Word(e.Key.String())}, nil
}

// notAsked is for a configuration without this helper, or one that makes git
// forget it.
func (x *examination) notAsked() Check {
	c := Check{Name: CheckHelper, Status: Failed, Summary: "git asks no helper for this URL"}
	args, helpers, reset := x.selection.Args, x.credential.Helpers, x.credential.Reset
	switch {
	case len(helpers) > 0:
		c.Summary = fmt.Sprintf("git asks %s for this URL (%s), and not this helper", nameOf(helpers[0]), where(helpers[0]))
		if i := slices.IndexFunc(helpers, func(e gitconfig.Entry) bool { return helper.AWSProfile(e.Value) != "" }); x.Given == nil && i >= 0 {
			args = []string{profileFlag, helper.AWSProfile(helpers[i].Value)}
		}
		c.Run, c.Notes = x.overriding(args, helpers...)
	case reset.Name == "":
		c.Run = []string{x.setup(reset, args)}
	default:
		c.Summary += fmt.Sprintf(": an empty %s makes it forget them (%s)", reset.Key, where(reset))
		c.Run, c.Notes = x.overriding(args, reset)
	}
	return c
}

// othersFirst is for another helper that git asks before this one: it answers
// with what it kept, which CodeCommit refuses after fifteen minutes, and git
// does not have it dropped.
func (x *examination) othersFirst(first gitconfig.Entry) Check {
	c := Check{
		Name:    CheckHelper,
		Status:  Failed,
		Summary: fmt.Sprintf("git asks %s before this helper (%s): what it once kept is refused with 403", nameOf(first), where(first)),
	}
	last := x.credential.Helpers[len(x.credential.Helpers)-1]
	if _, isOurs := parseLine(last); isOurs && last.Scope == command {
		c.Notes = []string{"put an empty " + last.Key.String() + " before that of " + commandScope + ": git then forgets the others"}
		return c
	}
	c.Run, c.Notes = x.overriding(x.selection.Args, x.credential.Helpers...)
	return c
}

// checkOthers looks at the helpers behind this one.
func (x *examination) checkOthers(lines []helperLine) {
	var others []gitconfig.Entry
	for _, e := range x.credential.Helpers {
		if _, isOurs := parseLine(e); !isOurs {
			others = append(others, e)
		}
	}
	differ := slices.IndexFunc(lines, func(l helperLine) bool { return !l.same(lines[0]) })
	switch {
	case differ > 0:
		a, b := lines[0], lines[differ]
		c := Check{
			Name:   CheckOthers,
			Status: Failed,
			Summary: fmt.Sprintf("two lines run this helper, with %s and with %s: the first one always answers (%s, %s)",
				flagsShown(a), flagsShown(b), where(a.entry), where(b.entry)),
		}
		c.Run, c.Notes = x.overriding(a.flags(), x.credential.Helpers...)
		run, _ := x.overriding(b.flags(), x.credential.Helpers...)
		c.Run = append(c.Run, run...)
		c.Notes = append(c.Notes, "choose between the two commands by whose credentials you want")
		x.add(c)
	case len(others) > 0:
		c := Check{
			Name:    CheckOthers,
			Status:  Failed,
			Summary: fmt.Sprintf("git has %s store each password (%s), which CodeCommit refuses after 15 minutes", nameOf(others[0]), where(others[0])),
		}
		if x.Version.AtLeast(gitconfig.Proactive) {
			c.Status = Warning
			c.Summary = fmt.Sprintf("git also asks %s, and tells it what to store (%s); this git keeps passwords for CodeCommit from it, an older one does not", nameOf(others[0]), where(others[0]))
		}
		c.Run, c.Notes = x.overriding(x.line.flags(), others...)
		x.add(c)
	case len(lines) > 1:
		c := Check{Name: CheckOthers, Status: Warning, Summary: "this helper is listed twice, and asked twice when it cannot answer"}
		c.Run, c.Notes = x.overriding(x.line.flags(), x.credential.Helpers...)
		x.add(c)
	default:
		x.ok(CheckOthers, "git asks no other helper, and has none store passwords")
	}
}

// checkPath looks whether git tells helpers the path, which the signature is
// made for.
func (x *examination) checkPath() {
	if x.credential.UseHTTPPath {
		x.ok(CheckPath, "git tells the repository's path (useHttpPath)")
		return
	}
	c := Check{Name: CheckPath, Status: Failed, Summary: "git does not tell the repository's path, which the signature needs: useHttpPath is not set"}
	e, left := x.credential.HTTPPath, x.credential
	if e.Name != "" {
		c.Summary = "git does not tell the repository's path, which the signature needs: useHttpPath is false " + where(e)
		// Git writes a line where others of its section stand: that may be
		// before this one, which would then still count.
		if e.Scope != gitconfig.System || x.scope(e) == gitconfig.System {
			c.Run, c.Notes = x.unset(e)
			left = x.without(e)
		}
	}
	url := x.hostURL()
	if hasPath(e) {
		url = x.plainURL()
	}
	if !left.UseHTTPPath {
		c.Run = append(c.Run, fmt.Sprintf("git config --%s credential.%s.useHttpPath true", x.scope(e), url))
	}
	x.add(c)
}

// without is what git's configuration says for the URL once unset has taken an
// entry out.
func (x *examination) without(e gitconfig.Entry) gitconfig.Credential {
	left := slices.DeleteFunc(slices.Clone(x.Entries), func(o gitconfig.Entry) bool { return o.Is(e.Key) && o.Origin == e.Origin })
	return gitconfig.CredentialOf(left, x.target.URL, x.Version)
}

// Scopes that setup does not write to.
const (
	worktree gitconfig.Scope = "worktree"
	command  gitconfig.Scope = "command"
)

// commandScope is where people find what git calls the command scope.
const commandScope = "git -c, GIT_CONFIG_PARAMETERS, or GIT_CONFIG_COUNT and its companions"

// resetting is the setup that makes git forget helpers, which stand in git's
// order: in the scope of the last one, and for the repository alone if one of
// them is. Out of a worktree's configuration they are taken: then there is a
// setup only if git would not ask this helper with args all the same.
func (x *examination) overriding(args []string, helpers ...gitconfig.Entry) (run, notes []string) {
	last, unset := helpers[len(helpers)-1], ""
	switch last.Scope {
	case command:
		return x.unset(last)
	case worktree:
		unset = "git config --worktree --unset-all " + x.Word(last.Key.String())
		if left := x.without(last).Helpers; len(left) > 0 {
			if line, isOurs := parseLine(left[0]); isOurs && slices.Equal(line.flags(), args) {
				return []string{unset}, nil
			}
		}
		unset += " && "
	}
	if i := slices.IndexFunc(helpers, hasPath); i >= 0 {
		last.Subsection = helpers[i].Subsection
	}
	return []string{unset + x.setup(last, args)}, nil
}

// Flags of setup.
const (
	repoFlag    = "--repo"
	profileFlag = "--profile"
)

// setup is the command line of a setup that overrules an entry, zero for none.
func (x *examination) setup(e gitconfig.Entry, args []string) string {
	words := []string{x.Command, "setup"}
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
	for _, arg := range args {
		words = append(words, x.Word(arg))
	}
	return strings.Join(words, " ")
}

// scope is where to write what is to overrule an entry. What stands for
// everybody on the machine is read first, and a user may overrule it: but not
// for everybody, as root has in mind, nor without a home folder.
func (x *examination) scope(e gitconfig.Entry) gitconfig.Scope {
	switch {
	case e.Scope == gitconfig.Local, e.Scope == worktree:
		return e.Scope
	case x.NoHome, x.Root && e.Scope == gitconfig.System:
		return gitconfig.System
	}
	return gitconfig.Global
}

// hasPath says whether an entry is for one repository, or a folder of them: what
// is for all of the host does not overrule it wherever it stands.
func hasPath(e gitconfig.Entry) bool {
	_, rest, _ := strings.Cut(e.Subsection, "://")
	return strings.Contains(strings.TrimRight(rest, "/"), "/")
}

// skip notes checks that could not be made.
func (x *examination) skip(why string, names ...string) {
	for _, name := range names {
		x.add(Check{Name: name, Status: Skipped, Summary: "not checked: " + why})
	}
}

// flagsShown names the flags of a line for people.
func flagsShown(l helperLine) string {
	switch flags := l.flags(); {
	case l.isCode:
		return "shell code"
	case len(flags) == 0:
		return "no flags"
	default:
		return strings.Join(flags, " ")
	}
}
