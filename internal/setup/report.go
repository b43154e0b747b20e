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
// helper, and only this helper, in the current folder.
func (s *Setup) report(w *writer, changed bool, effective []gitconfig.Entry) error {
	what, url := "CodeCommit", "URL"
	if s.Repository != "" {
		what, url = s.Repository, shell.Typed(s.Repository)
	}
	if w.folder.File != "" {
		what += " below " + strings.TrimPrefix(w.folder.Condition, "gitdir:")
	}
	value, nothing := w.targets[0].Helper, "nothing to do: "
	say := func(format string, args ...any) {
		fmt.Fprintln(s.Process.Stdout, cli.OneLine(fmt.Sprintf(format, args...)))
	}
	if w.added {
		say("added profile %s to %s", cli.Quote(s.NewProfile.Name), s.AWS.ConfigPath())
		nothing = ""
	}
	var overridden error
	served := w.servedBy()
	if w.folder.File == "" {
		overridden = s.overridden(effective, w)
	}
	switch used := overridden == nil && served == nil; {
	case used && changed:
		say("git now uses this helper for %s (%s configuration): %s", what, s.Scope, value)
	case used:
		say("%sgit already uses this helper for %s (%s configuration): %s", nothing, what, s.Scope, value)
	case changed:
		say("git's %s configuration now names this helper for %s: %s", s.Scope, what, value)
	default:
		say("%sgit's %s configuration already names this helper for %s: %s", nothing, s.Scope, what, value)
	}
	for _, include := range w.plan.kept {
		say("%s keeps precedence where %s%s", include.IncludedFile, applies(include), namedProfile(include))
	}
	if served != nil {
		s.Process.Warn(fmt.Errorf("git does not use this helper for %s: %s keeps precedence in the whole folder", what, served.IncludedFile),
			cli.Advice("to use it there, remove the includeIf "+cli.Quote(served.Subsection)+" from "+served.File()))
	}
	s.reportReplaced(w)
	s.warnOfProfile()
	s.warnOfDisplaced(effective, w.targets)
	if overridden == nil {
		return nil
	}
	if errors.Is(overridden, errNotRead) {
		s.Process.Warn(overridden, cli.RunThis("doctor "+url))
		return nil
	}
	return cli.WithHints(overridden, cli.RunThis("doctor "+url))
}

// servedBy returns an include that keeps precedence in all of the folder that the
// request is for; nil if there is none.
func (w *writer) servedBy() *gitconfig.ConditionalInclude {
	if w.folder.File == "" {
		return nil
	}
	for _, include := range w.plan.kept {
		if (&planner{file: w.s.file, home: w.s.Process.Home()}).overlapOf(w.folder, include) == every {
			return &include
		}
	}
	return nil
}

// applies returns the conditions under which git reads an include, as part of a
// message.
func applies(include gitconfig.ConditionalInclude) string {
	var quoted []string
	for _, condition := range include.Conditions() {
		quoted = append(quoted, cli.Quote(condition))
	}
	if len(quoted) == 1 {
		return quoted[0] + " applies"
	}
	return strings.Join(quoted, " and ") + " apply"
}

// namedProfile returns the profile that an include names for CodeCommit, as the end
// of a message.
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

// reportReplaced lists the helpers for CodeCommit, such as the AWS CLI's, that git
// no longer uses.
func (s *Setup) reportReplaced(w *writer) {
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
		if line := e.Redacted() + location(e); slices.ContainsFunc(w.targets, covers) && !slices.Contains(named, line) {
			named = append(named, line)
			fmt.Fprintf(s.Process.Stdout, "git no longer uses %s for CodeCommit\n", line)
		}
	}
}

// warnOfProfile warns about credentials that cannot be resolved. It is not an
// error, because the profile may be added later. For the system scope, other users'
// profiles cannot be checked.
func (s *Setup) warnOfProfile() {
	if s.Scope == gitconfig.System {
		if s.NewProfile != nil {
			s.Process.Warn(errors.New("all users of this machine will use profile "+cli.Quote(s.NewProfile.Name)+", which only this user has"),
				cli.Advice("leave out --profile, so that git's configuration contains the role itself"))
		}
		return
	}
	if _, err := s.AWS.Resolve(s.Query); err != nil {
		s.Process.Warn(err, s.Hints(err)...)
	}
}

// warnOfDisplaced warns about helpers for a repository or region that no longer
// apply because of what setup writes. Entries are git's configuration after the
// change.
func (s *Setup) warnOfDisplaced(entries []gitconfig.Entry, targets []Target) {
	for _, e := range displaced(entries, targets) {
		again, name := "to use its profile again", helper.LineProfile(e.Value)
		url := e.Subsection
		if !hasPath(url) || name == "" || cli.RedactURL(url) != url {
			again, name, url = "to use another profile for a repository", "NAME", "URL"
		}
		request := Request{Repository: url}
		s.Process.Warn(fmt.Errorf("the helper for %s no longer applies: setup's entries override it%s", cli.RedactURL(e.Subsection), location(e)),
			cli.RunThis(request.typed(s.Scope, nil)+" --profile "+shell.Typed(name)).When(again))
	}
}

// displaced returns the helper lines for a region, a repository or another pattern
// that would apply if setup had written nothing for targets.
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
		url := strings.ReplaceAll(gitconfig.AsURL(e.Subsection), "*", "any")
		covered := slices.ContainsFunc(targets, func(t Target) bool { return gitconfig.Covers(t.URL, gitconfig.AsURL(e.Subsection)) })
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

// errNotRead is returned if git does not read the configuration file that setup
// wrote.
var errNotRead = errors.New("git does not read this file here")

// overridden returns why git does not use what setup wrote in the current folder;
// nil if it does, or if an include that keeps precedence applies here. Entries are
// git's effective configuration.
func (s *Setup) overridden(entries []gitconfig.Entry, w *writer) error {
	for _, url := range probes(gitconfig.NewCache(), w.targets, entries) {
		want := helperFor(w.plan.block.Targets, url)
		c := gitconfig.CredentialOf(entries, url, gitconfig.Proactive)
		isOther := func(e gitconfig.Entry) bool { return e.Value != want }
		other := slices.IndexFunc(c.Helpers, isOther)
		first := len(c.Helpers) > 0 && c.Helpers[0].Value == want
		switch {
		case first && other < 0 && c.UseHTTPPath:
			continue
		case len(c.Helpers) > 0 && slices.ContainsFunc(w.plan.kept, func(i gitconfig.ConditionalInclude) bool { return comesFrom(c.Helpers[0], i.Included) }):
			continue
		case first && !c.UseHTTPPath:
			return fmt.Errorf("git does not send the path: %s sets useHttpPath to false%s", c.HTTPPath.Redacted(), location(c.HTTPPath))
		case first:
			return fmt.Errorf("another helper runs after this one: %s%s", c.Helpers[other].Redacted(), location(c.Helpers[other]))
		case !slices.ContainsFunc(entries, func(e gitconfig.Entry) bool { return e.Section == "credential" && e.Value == want }):
			return fmt.Errorf("git's %s configuration has no effect: %w", s.Scope, errNotRead)
		case len(c.Helpers) == 0:
			return fmt.Errorf("git does not use this helper: %s is empty%s", c.Reset.Redacted(), location(c.Reset))
		case slices.ContainsFunc(c.Helpers, func(e gitconfig.Entry) bool { return !isOther(e) }):
			return fmt.Errorf("another helper runs before this one: %s%s", c.Helpers[0].Redacted(), location(c.Helpers[0]))
		}
		return fmt.Errorf("git uses another helper instead of this one: %s%s", c.Helpers[0].Redacted(), location(c.Helpers[0]))
	}
	return nil
}

// uses reports whether a setting uses a profile, in a helper line or in a
// codecommit:// URL.
func uses(e gitconfig.Entry, profile string) bool {
	if e.Section == "credential" && strings.EqualFold(e.Name, "helper") {
		return helper.LineProfile(e.Value) == profile
	}
	for _, s := range []string{e.Value, e.Subsection} { // for example remote.origin.url and url.<base>.insteadOf
		if strings.HasPrefix(s, "codecommit:") && strings.Contains(s, "://"+profile+"@") {
			return true
		}
	}
	return false
}
