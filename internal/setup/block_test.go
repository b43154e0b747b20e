package setup

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// Each line that setup writes changes what git, or a client without wildcard
// support, does for one of CodeCommit's hosts: ~/.gitconfig has no superfluous
// lines.
func TestEveryLineOfTheBlockIsNeeded(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	h.write(t, ".gitconfig", "[credential]\n\thelper = store\n")
	if err := h.run(profile("alice")); err != nil {
		t.Fatal(err)
	}
	text := h.read(t)
	d, err := parseDocument([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	block := d.block()
	whole := effects(t, text, block)
	for i, item := range d.items {
		if item.Kind == gitconfig.Setting && i > 1 {
			if without := text[:item.Start] + text[item.End:]; effects(t, without, block) == whole {
				t.Errorf("nothing needs line %d: %s", strings.Count(text[:item.Start], "\n")+1, text[item.Start:item.End])
			}
		}
	}
}

// effects describes how git and other clients behave for a block's hosts with a
// configuration.
func effects(t *testing.T, text string, block Block) string {
	t.Helper()
	config, err := gitconfig.Configuration{}.With(gitconfig.Global, "/config", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	entries := config.Under(func(string) bool { return false })
	var b strings.Builder
	for _, target := range block.Targets {
		url := strings.ReplaceAll(target.URL, "*", "any") + "/v1/repos/any"
		c := gitconfig.CredentialOf(entries, url, gitconfig.Proactive)
		fmt.Fprintln(&b, url, c.UseHTTPPath, len(c.Helpers))
		for _, s := range gitconfig.Transport {
			fmt.Fprintln(&b, s.Name, gitconfig.ValueFor(entries, "http", s.Name, url))
		}
		if target.Literal {
			fmt.Fprintln(&b, withoutWildcards(entries, target.URL, "helper"), withoutWildcards(entries, target.URL, "useHttpPath"))
		}
	}
	return b.String()
}

// withoutWildcards looks up a setting as clients without wildcards do: git2-rs (cargo)
// and dulwich (DVC) take the last value of the section for the host.
//
// See CredentialHelper::config in git2-rs's src/cred.rs and
// urlmatch_credential_sections in dulwich's credentials.py.
func withoutWildcards(entries []gitconfig.Entry, host, name string) (value string) {
	for _, e := range entries {
		if e.Section == "credential" && e.Subsection == host && strings.EqualFold(e.Name, name) {
			value = e.Value
		}
	}
	return value
}

// A user's section for a literal host, without setup's comments around it, is not
// treated as setup's.
func TestUndoKeepsASectionForALiteralHost(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	mine := "[credential \"https://git-codecommit.eu-west-1.amazonaws.com\"]\n\thelper = " + filepath.Join(h.dir, cli.Name) + " --profile mine\n\tuseHttpPath = true\n"
	h.write(t, ".gitconfig", mine)
	if err := h.run(profile("alice")); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(h.read(t), "\t"+beginMarker+"\n", "", 1)
	h.write(t, ".gitconfig", text)
	if err := h.run(Request{Undo: true}); err != nil || h.read(t) != mine {
		t.Errorf("%v:\n%s", err, h.read(t))
	}
}
