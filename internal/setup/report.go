package setup

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// report prints what setup did. It returns an error if git does not use this
// helper, and it alone, in the current folder.
func (s *Setup) report(w *writing, changed bool, effective []gitconfig.Entry) error {
	what, url := "CodeCommit", "URL"
	if s.Repository != "" {
		what, url = s.Repository, shell.Word(s.Repository)
	}
	if w.folder.File != "" {
		what += " below " + strings.TrimPrefix(w.folder.Condition, "gitdir:")
	}
	value, nothing := w.targets[0].Helper, "nothing to do: "
	say := func(format string, args ...any) { fmt.Fprintf(s.Process.Stdout, format+"\n", args...) }
	if w.added {
		say("added profile %s to %s", cli.Quote(s.NewProfile.Name), s.AWS.ConfigPath())
		nothing = ""
	}
	var overruled error
	if w.folder.File == "" {
		overruled = s.overruled(effective, w)
	}
	switch {
	case overruled == nil && changed:
		say("git now uses this helper for %s (%s configuration): %s", what, s.Scope, value)
	case overruled == nil:
		say("%sgit already uses this helper for %s (%s configuration): %s", nothing, what, s.Scope, value)
	case changed:
		say("git's %s configuration now names this helper for %s: %s", s.Scope, what, value)
	default:
		say("%sgit's %s configuration names this helper for %s already: %s", nothing, s.Scope, what, value)
	}
	for _, include := range w.plan.kept {
		say("%s keeps precedence where %s applies%s", include.IncludedFile, cli.Quote(include.Subsection), namedProfile(include))
	}
	s.reportReplaced(w)
	s.warnOfProfile()
	s.warnOfDisplaced(effective, w.targets)
	if overruled == nil {
		return nil
	}
	if errors.Is(overruled, errNotRead) {
		s.Process.Warn(overruled, cli.RunThis("doctor "+url))
		return nil
	}
	return cli.WithHints(overruled, cli.RunThis("doctor "+url))
}

// namedProfile says which profile an include names for CodeCommit.
func namedProfile(include gitconfig.ConditionalInclude) string {
	for _, e := range gitconfig.Everything(include.Included) {
		if e.Section == "credential" && strings.EqualFold(e.Name, "helper") {
			if profile := profileOf(e.Value); profile != "" {
				return ": profile " + cli.Quote(profile)
			}
		}
	}
	return ""
}

// reportReplaced names the lines of other helpers for CodeCommit, such as that of
// the AWS CLI, that git no longer uses for CodeCommit.
func (s *Setup) reportReplaced(w *writing) {
	if w.folder.File != "" {
		return
	}
	var named []string
	for _, e := range w.config.Under(func(string) bool { return false }) {
		if e.Section != "credential" || !strings.EqualFold(e.Name, "helper") || isOurs(e.Value) || !namesCodeCommit(e.Value) || e.Scope == gitconfig.Local {
			continue
		}
		covers := func(t Target) bool {
			return e.Subsection == "" || gitconfig.Covers(e.Subsection, t.URL) && e.Subsection != t.URL
		}
		if line := e.Redacted() + place(e); slices.ContainsFunc(w.targets, covers) && !slices.Contains(named, line) {
			named = append(named, line)
			fmt.Fprintf(s.Process.Stdout, "git no longer uses %s for CodeCommit\n", line)
		}
	}
}

// warnOfProfile warns of what would keep the helper from answering. It is no
// error: the profile may be added later. Nothing is known of the other users of
// this machine.
func (s *Setup) warnOfProfile() {
	if s.Scope == gitconfig.System {
		if s.NewProfile != nil {
			s.Process.Warn(errors.New("all users of this machine will use profile "+cli.Quote(s.NewProfile.Name)+", which the others do not have"),
				cli.Advice("leave out --profile: then the role is in git's configuration"))
		}
		return
	}
	if _, err := s.AWS.Resolve(s.Query); err != nil {
		s.Process.Warn(err, s.Hints(err)...)
	}
}

// warnOfDisplaced warns of helpers for a repository or a region that no longer
// apply because of what setup writes. Entries are git's configuration with it.
func (s *Setup) warnOfDisplaced(entries []gitconfig.Entry, targets []Target) {
	for _, e := range displaced(entries, targets) {
		again, name := "to use its profile again", helper.LineProfile(e.Value)
		url := e.Subsection
		if !hasPath(url) || name == "" || cli.RedactURL(url) != url {
			again, name, url = "to use another profile for a repository", "NAME", "URL"
		}
		request := Request{Repository: url}
		s.Process.Warn(fmt.Errorf("the helper for %s no longer applies: setup's entries override it%s", cli.RedactURL(e.Subsection), place(e)),
			cli.RunThis(request.typed(s.Scope, nil)+" --profile "+shell.Word(name)).When(again))
	}
}

// displaced are the helper lines for a region, a repository or the like that would
// apply if setup had written nothing for targets.
func displaced(entries []gitconfig.Entry, targets []Target) []gitconfig.Entry {
	isHelper := func(e gitconfig.Entry) bool { return e.Section == "credential" && strings.EqualFold(e.Name, "helper") }
	others := slices.DeleteFunc(slices.Clone(entries), func(e gitconfig.Entry) bool {
		return isHelper(e) && slices.ContainsFunc(targets, func(t Target) bool { return e.Subsection == t.URL })
	})
	var found []gitconfig.Entry
	for _, e := range others {
		if !isHelper(e) || e.Subsection == "" || isTarget(e.Subsection) && isOurs(e.Value) {
			continue
		}
		url := strings.ReplaceAll(asURL(e.Subsection), "*", "any")
		covered := slices.ContainsFunc(targets, func(t Target) bool { return gitconfig.Covers(t.URL, asURL(e.Subsection)) })
		applies := func(entries []gitconfig.Entry) bool {
			return slices.ContainsFunc(gitconfig.CredentialOf(entries, url, gitconfig.Proactive).Helpers, func(h gitconfig.Entry) bool {
				return h.Is(e.Key) && h.Value == e.Value && h.Origin == e.Origin
			})
		}
		if covered && applies(others) && !applies(entries) {
			found = append(found, e)
		}
	}
	return found
}

// errNotRead is returned where git does not read the configuration of the scope.
var errNotRead = errors.New("git does not read it here")

// overruled is why git does not do here what setup wrote; nil if it does, or if
// an include that keeps precedence applies here. Entries are what git reads.
func (s *Setup) overruled(entries []gitconfig.Entry, w *writing) error {
	for _, url := range probes(w.targets, entries) {
		want := lastFor(w.plan.block.Targets, url)
		c := gitconfig.CredentialOf(entries, url, gitconfig.Proactive)
		isOther := func(e gitconfig.Entry) bool { return e.Value != want }
		other := slices.IndexFunc(c.Helpers, isOther)
		first := len(c.Helpers) > 0 && c.Helpers[0].Value == want
		switch {
		case first && other < 0 && c.UseHTTPPath:
			continue
		case len(c.Helpers) > 0 && slices.ContainsFunc(w.plan.kept, func(i gitconfig.ConditionalInclude) bool { return isIn(c.Helpers[0], i.Included) }):
			continue
		case first && !c.UseHTTPPath:
			return fmt.Errorf("git does not send the path: %s sets useHttpPath to false%s", c.HTTPPath.Redacted(), place(c.HTTPPath))
		case first:
			return fmt.Errorf("another helper runs after this one: %s%s", c.Helpers[other].Redacted(), place(c.Helpers[other]))
		case !slices.ContainsFunc(entries, func(e gitconfig.Entry) bool { return e.Section == "credential" && e.Value == want }):
			return fmt.Errorf("git's %s configuration has no effect: %w", s.Scope, errNotRead)
		case len(c.Helpers) == 0:
			return fmt.Errorf("git does not use this helper: %s is empty%s", c.Reset.Redacted(), place(c.Reset))
		case slices.ContainsFunc(c.Helpers, func(e gitconfig.Entry) bool { return !isOther(e) }):
			return fmt.Errorf("another helper runs before this one: %s%s", c.Helpers[0].Redacted(), place(c.Helpers[0]))
		}
		return fmt.Errorf("git uses another helper instead of this one: %s%s", c.Helpers[0].Redacted(), place(c.Helpers[0]))
	}
	return nil
}

// uses reports whether a setting uses a profile: by a helper line, or by a URL of
// the remote helper.
func uses(e gitconfig.Entry, profile string) bool {
	if e.Section == "credential" && strings.EqualFold(e.Name, "helper") {
		return helper.LineProfile(e.Value) == profile
	}
	for _, s := range []string{e.Value, e.Subsection} { // such as remote.origin.url and url.<base>.insteadOf
		if strings.HasPrefix(s, "codecommit:") && strings.Contains(s, "://"+profile+"@") {
			return true
		}
	}
	return false
}
