package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// warnOfProfile tells what would keep the helper from answering. It is no
// error: the profile may come later. Of whoever else uses this machine nothing
// is known.
func (s *setupFlags) warnOfProfile(p cli.Process) {
	if s.scope == string(gitconfig.System) {
		if s.addsProfile() {
			p.Warn(errors.New("git asks for profile "+cli.Quote(s.profile)+" for everybody on this machine, and other users do not have it"),
				cli.Advice("leave out --profile: then the role stands in git's configuration"))
		}
		return
	}
	q := s.query()
	if s.addsProfile() {
		q = awsprofile.Query{Profile: s.profile}
	}
	if _, err := awsprofile.Resolve(awsEnvironment(p), q); err != nil {
		p.Warn(err, hints(p, err)...)
	}
}

// warnOfDisplaced tells of helpers for a repository or a region that what setup
// writes takes the place of. Entries are what counts then.
func (s *setupFlags) warnOfDisplaced(p cli.Process, entries []gitconfig.Entry, targets []gitconfig.Target) {
	for _, e := range gitconfig.Displaced(entries, targets) {
		one := setupFlags{flags: s.flags, repository: e.Subsection}
		again, name := "to have its profile again", helper.LineProfile(e.Value)
		url, err := one.repositoryURL()
		if err != nil || name == "" {
			again, name = "to have another profile for a repository", "NAME"
		}
		if err != nil {
			url = "URL"
		}
		args := "setup"
		if s.scope != setupScopes[0] {
			args += " --scope " + s.scope
		}
		p.Warn(fmt.Errorf("the helper for %s counts no more: what setup writes stands behind it%s", e.Subsection, in(e)),
			cli.RunThis(args+" --repo "+shell.Word(url)+" --profile "+shell.Word(name)).When(again))
	}
}

// overruledBy is what keeps git from doing what setup wrote to a scope for
// targets; nil if it does. Entries are what counts.
func overruledBy(entries []gitconfig.Entry, scope gitconfig.Scope, targets []gitconfig.Target) error {
	for _, t := range targets {
		first := func(entries []gitconfig.Entry) (c gitconfig.Credential, asked bool) {
			c = gitconfig.CredentialOf(entries, t.URL, gitconfig.Proactive)
			return c, len(c.Helpers) > 0 && c.Helpers[0].Value == t.Helper
		}
		c, asked := first(entries)
		others := slices.IndexFunc(c.Helpers, func(e gitconfig.Entry) bool { return e.Value != t.Helper })
		switch {
		case asked && c.UseHTTPPath && others < 0:
			continue
		case asked && c.UseHTTPPath:
			return fmt.Errorf("git asks another helper behind this one here: that of %s%s", c.Helpers[others].Key, in(c.Helpers[others]))
		case asked:
			return fmt.Errorf("git does not tell this helper the path here: %s says otherwise%s", c.HTTPPath.Key, in(c.HTTPPath))
		}
		for i := len(entries) - 1; i >= 0; i-- {
			if _, asked := first(entries[:i]); asked {
				return fmt.Errorf("git does not ask this helper here: %s says otherwise%s", entries[i].Key, in(entries[i]))
			}
		}
		if slices.ContainsFunc(c.Helpers, func(e gitconfig.Entry) bool { return e.Value == t.Helper }) {
			return fmt.Errorf("git asks another helper before this one here: that of %s%s", c.Helpers[0].Key, in(c.Helpers[0]))
		}
		return fmt.Errorf("git does not read its %s configuration here", scope)
	}
	return nil
}

// in names the place of an entry.
func in(e gitconfig.Entry) string {
	switch path, ok := strings.CutPrefix(e.Origin, "file:"); {
	case ok:
		return " (" + path + ")"
	case e.Scope == "command":
		return " (command line or environment)"
	}
	return ""
}
