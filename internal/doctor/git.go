package doctor

import (
	"fmt"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
)

// checkGit checks git's version.
func (x *examination) checkGit() {
	summary := fmt.Sprintf("git %s at %s", x.Version, x.Git.Path)
	switch {
	case !x.Version.AtLeast(gitconfig.Wildcards) && x.target.CodeCommitURL == "" && x.missesPatterns():
		x.add(Check{
			Name:    CheckGit,
			Status:  Failed,
			Summary: summary + " is too old: it does not support patterns in credential.<url>, which require git " + gitconfig.Wildcards.String(),
			Run:     []Command{x.forRepository(x.line.flags())},
			Notes:   []string{"or install git " + gitconfig.Proactive.String() + " or later"},
		})
	case !x.Version.AtLeast(gitconfig.Proactive):
		x.ok(CheckGit, summary+" (git "+gitconfig.Proactive.String()+" and later save a round trip, and keep the session token out of traces)")
	default:
		x.ok(CheckGit, summary)
	}
}

// missesPatterns reports whether git does not run this helper only because it does
// not support patterns.
func (x *examination) missesPatterns() bool {
	return len(x.linesWith(gitconfig.Proactive)) > 0 && len(x.linesWith(x.Version)) == 0
}

// linesWith returns this program's helper lines that a git of that version would
// run.
func (x *examination) linesWith(version gitconfig.Version) []helperLine {
	return ours(gitconfig.CredentialOf(x.Entries, x.target.URL, version).Helpers)
}

// linesFor returns this program's helper lines that git runs for a URL, or would
// run if no later line reset the list.
func (d *Doctor) linesFor(address string) []helperLine {
	isReset := func(e gitconfig.Entry) bool {
		return e.Section == "credential" && strings.EqualFold(e.Name, "helper") && e.Value == ""
	}
	entries := d.Entries
	for {
		lines := ours(gitconfig.CredentialOf(entries, address, gitconfig.Proactive).Helpers)
		last := len(entries) - 1
		for last >= 0 && !isReset(entries[last]) {
			last--
		}
		if len(lines) > 0 || last < 0 {
			return lines
		}
		entries = entries[:last]
	}
}

func ours(helpers []gitconfig.Entry) []helperLine {
	var lines []helperLine
	for _, e := range helpers {
		if line, ok := parseLine(e); ok {
			lines = append(lines, line)
		}
	}
	return lines
}
