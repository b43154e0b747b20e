package doctor

import (
	"context"
	"fmt"
	"slices"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// checkHelpers checks git's credential configuration for the URL: which helpers git
// runs, in which order, and which of them store passwords.
func (x *examination) checkHelpers(ctx context.Context) {
	helpers := x.credential.Helpers
	lines := ours(helpers)
	if len(lines) == 0 {
		x.add(x.notConfigured())
		x.skip("git does not use this helper", CheckOthers, CheckPath, CheckProgram)
		return
	}
	if first := helpers[0]; first.Value != x.line.entry.Value {
		x.add(x.othersFirst(first))
		x.skip("run the command above first", CheckOthers)
	} else {
		x.ok(CheckHelper, "git runs this helper first ("+where(first)+"): "+x.line.shown())
		x.checkOthers(lines)
	}
	x.checkUsername()
	x.checkPath()
	x.checkProgram(ctx)
	x.checkOtherRemoteHelper(ctx)
}

// checkUsername checks that git's configuration does not set a static Git
// credential's username, because this helper ignores requests with such a name.
func (x *examination) checkUsername() {
	e := x.credential.Username
	if !codecommit.IsGitCredential(e.Value) {
		return
	}
	c := Check{Name: CheckUsername, Status: Failed, Summary: "git's configuration sets the username of static Git credentials, for which this helper does not answer (" + where(e) + ")"}
	c.Run, c.Notes = x.unset(e, "")
	x.add(c)
}

// notConfigured returns the failed check of a configuration without this helper, or
// with an empty entry that resets it.
func (x *examination) notConfigured() Check {
	c := Check{Name: CheckHelper, Status: Failed, Summary: "git runs no helper for this URL"}
	args, helpers, reset := x.selection.Args, x.credential.Helpers, x.credential.Reset
	switch {
	case len(helpers) > 0:
		c.Summary = fmt.Sprintf("git runs %s for this URL (%s), not this helper", nameOf(helpers[0]), where(helpers[0]))
		if i := slices.IndexFunc(helpers, func(e gitconfig.Entry) bool { return helper.RunsAWSHelper(e.Value) }); i >= 0 && x.Given == nil {
			last := helpers[len(helpers)-1]
			if _, included := x.includeOf(last); included || x.scope(last) != gitconfig.Global {
				args = awsHelperArgs(helpers[i]) // setup keeps the profile in the global scope only
			}
		}
		c.Run, c.Notes = x.overridingAnother(args, helpers...)
	case reset.Name == "":
		if x.path != "" && x.hasOtherLines() {
			reset.Subsection = x.plainURL()
		}
		c.Run = []Command{x.setup(reset, args)}
	default:
		c.Summary += fmt.Sprintf(": an empty %s removes them (%s)", reset.Redacted(), where(reset))
		c.Run, c.Notes = x.overriding(args, reset)
		if reset.Scope == command {
			c.Notes = append(c.Notes, "JetBrains IDEs do this unless Settings > Version Control > Git > Use credential helper is enabled; GitHub Desktop runs no configured helper")
		}
	}
	return c
}

// othersFirst returns the failed check of a helper that runs before this one. It
// returns a stored password, which CodeCommit rejects with a 403 after fifteen
// minutes, and git does not erase it.
func (x *examination) othersFirst(first gitconfig.Entry) Check {
	c := Check{
		Name:    CheckHelper,
		Status:  Failed,
		Summary: fmt.Sprintf("git runs %s before this helper (%s): CodeCommit refuses the passwords that it stored with 403", nameOf(first), where(first)),
	}
	if helper.RunsAWSHelper(first.Value) {
		c.Summary = fmt.Sprintf("git runs the AWS CLI's helper before this one (%s), so this one is not used", where(first))
	}
	last := x.credential.Helpers[len(x.credential.Helpers)-1]
	if _, isOurs := parseLine(last); isOurs && last.Scope == command {
		c.Notes = []string{"put an empty " + last.Redacted() + " before the one in " + commandScope + ": git then ignores the others"}
		return c
	}
	lines := ours(x.credential.Helpers)
	if differ := differing(lines); differ > 0 {
		d := x.linesDiffer(lines[0], lines[differ])
		c.Run, c.Notes = d.Run, d.Notes
		return c
	}
	if args := awsHelperArgs(first); helper.RunsAWSHelper(first.Value) && x.Given == nil && !slices.Equal(args, x.line.flags()) {
		c.Run, c.Notes = x.eitherOf(args, x.line.flags())
		return c
	}
	c.Run, c.Notes = x.overridingAnother(x.selection.Args, x.credential.Helpers...)
	return c
}

// awsHelperArgs returns the flags that make this helper use the profile of the AWS
// CLI's helper.
func awsHelperArgs(e gitconfig.Entry) []string {
	if profile := helper.AWSProfile(e.Value); profile != "" {
		return []string{profileFlag, profile}
	}
	return nil
}

// eitherOf returns the commands that make git use this helper with one of several
// lists of flags. Only the user knows which one is right.
func (x *examination) eitherOf(lists ...[]string) (all []Command, notes []string) {
	for _, args := range lists {
		var run []Command
		run, notes = x.overriding(args, x.credential.Helpers...)
		for i := range run {
			run[i].effect = selectsAccount
		}
		all = append(all, run...)
	}
	all = slices.CompactFunc(all, func(a, b Command) bool { return a.text == b.text })
	if len(all) > 1 {
		notes = append(notes, "choose the command for the account that you need here")
	}
	return all, notes
}

// differing returns the index of the first line that selects different credentials
// than lines[0]; -1 if there is none.
func differing(lines []helperLine) int {
	return slices.IndexFunc(lines, func(l helperLine) bool { return !l.same(lines[0]) })
}

// checkOthers checks the helpers that run after this one.
func (x *examination) checkOthers(lines []helperLine) {
	var others []gitconfig.Entry
	for _, e := range x.credential.Helpers {
		if _, isOurs := parseLine(e); !isOurs {
			others = append(others, e)
		}
	}
	differ := differing(lines)
	switch {
	case differ > 0:
		x.add(x.linesDiffer(lines[0], lines[differ]))
	case len(others) > 0 && helper.RunsAWSHelper(others[0].Value):
		c := Check{
			Name:    CheckOthers,
			Status:  Warning,
			Summary: fmt.Sprintf("git also runs the AWS CLI's helper (%s) when this one does not answer", where(others[0])),
		}
		c.Run, c.Notes = x.overriding(x.line.flags(), others...)
		x.add(c)
	case len(others) > 0:
		c := Check{
			Name:    CheckOthers,
			Status:  Failed,
			Summary: fmt.Sprintf("git also saves each password in %s (%s), but CodeCommit refuses it after 15 minutes", nameOf(others[0]), where(others[0])),
		}
		if x.Version.AtLeast(gitconfig.Proactive) {
			c.Status = Warning
			c.Summary = fmt.Sprintf("git also runs %s (%s); this version of git does not give it CodeCommit's passwords to store, but older versions do", nameOf(others[0]), where(others[0]))
		}
		c.Run, c.Notes = x.overriding(x.line.flags(), others...)
		x.add(c)
	case len(lines) > 1:
		c := Check{Name: CheckOthers, Status: Warning, Summary: "this helper is listed twice, and runs twice when it cannot answer"}
		c.Run, c.Notes = x.overriding(x.line.flags(), x.credential.Helpers...)
		x.add(c)
	default:
		x.ok(CheckOthers, "git runs no other helper, and no helper stores passwords")
	}
}

// linesDiffer returns the warning about two lines of this helper that select
// different credentials. Git uses the first one; only the user knows which one is
// right.
func (x *examination) linesDiffer(first, second helperLine) Check {
	c := Check{
		Name:   CheckOthers,
		Status: Failed,
		Summary: fmt.Sprintf("two lines run this helper, with %s and with %s: the first one always answers (%s, %s)",
			shownFlags(first), shownFlags(second), where(first.entry), where(second.entry)),
	}
	if second.entry.Scope == gitconfig.Local && first.entry.Scope != gitconfig.Local {
		c.Summary = fmt.Sprintf("the repository's own configuration adds this helper with %s, but the one with %s is earlier and always answers (%s, %s)",
			shownFlags(second), shownFlags(first), where(second.entry), where(first.entry))
	}
	c.Run, c.Notes = x.eitherOf(first.flags(), second.flags())
	return c
}

// checkPath checks that git sends the URL's path to helpers, because the signature
// requires it.
func (x *examination) checkPath() {
	if x.credential.UseHTTPPath {
		x.ok(CheckPath, "git sends the repository path (useHttpPath)")
		return
	}
	c := Check{Name: CheckPath, Status: Failed, Summary: "git does not send the repository path, which the signature needs: useHttpPath is not set"}
	e, left := x.credential.HTTPPath, x.credential
	if e.Name != "" {
		c.Summary = "git does not send the repository path, which the signature needs: useHttpPath is false " + where(e)
		// Remove this entry: git adds the new line to an existing section, and this
		// entry would still apply if it came later.
		if e.Scope != gitconfig.System || x.scope(e) == gitconfig.System {
			c.Run, c.Notes = x.unset(e, "")
			left = x.without(e)
		}
	}
	if !left.UseHTTPPath {
		url := x.hostURL()
		if hasPath(e) {
			url = x.plainURL()
		}
		file := []string{"--" + string(x.scope(e))}
		if include, ok := x.includeOf(x.line.entry); ok {
			file = []string{"--file", include.IncludedFile}
		}
		c.Run = append(c.Run, x.git(slices.Concat([]string{"config"}, file, []string{"credential." + url + ".useHttpPath", "true"})...))
	}
	x.add(c)
}

// without returns git's credential configuration for the URL without one of its
// entries.
func (x *examination) without(e gitconfig.Entry) gitconfig.Credential {
	left := slices.DeleteFunc(slices.Clone(x.Entries), func(o gitconfig.Entry) bool { return o.Is(e.Key) && o.Origin == e.Origin })
	return gitconfig.CredentialOf(left, x.target.URL, x.Version)
}

// skip adds checks that cannot be made.
func (x *examination) skip(why string, names ...string) {
	for _, name := range names {
		x.add(Check{Name: name, Status: Skipped, Summary: "not checked: " + why})
	}
}
