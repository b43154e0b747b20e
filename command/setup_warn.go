package command

import (
	"fmt"
	"strings"

	"git-credential-codecommit/gitconfig"
)

// warnOfDisplaced tells of helpers for a repository or a region that what setup
// writes takes the place of. Entries are what counts then.
func (s *setupFlags) warnOfDisplaced(p Process, entries []gitconfig.Entry, targets []gitconfig.Target) {
	for _, e := range gitconfig.Displaced(entries, targets) {
		one := setupFlags{flags: s.flags, repository: e.Subsection}
		again, name := "to have its profile again", profileIn(e.Value)
		url, err := one.repositoryURL()
		if err != nil || name == "" {
			again, name = "to have another profile for a repository", "NAME"
		}
		if err != nil {
			url = "URL"
		}
		hint := again + ", run: " + Name + " setup"
		if s.scope != setupScopes[0] {
			hint += " --scope " + s.scope
		}
		warn(p.Stderr, fmt.Errorf("the helper for %s counts no more: what setup writes stands behind it%s", e.Subsection, in(e)),
			hint+" --repo "+shellWord(url)+" --profile "+shellWord(name))
	}
}

// in names the file that an entry stands in.
func in(e gitconfig.Entry) string {
	if path, ok := strings.CutPrefix(e.Origin, "file:"); ok {
		return " (" + path + ")"
	}
	return ""
}
