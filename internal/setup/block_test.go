package setup

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// Each line that setup writes changes what git, or a client without wildcards, does
// for one of CodeCommit's hosts: ~/.gitconfig grows by no more than that.
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

// effects describes what a configuration makes git and other clients do for the
// hosts of a block.
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

// withoutWildcards looks up a setting as clients without wildcards do. Those of
// git2-rs (cargo) and dulwich (DVC) take the last value of the section for the host,
// and a reset has no meaning for them.
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

// What earlier versions wrote, with a reset for each literal host, after the
// patterns, is replaced by setup and removed by --undo, even if git has removed one
// of its comments.
func TestUndoOfAnEarlierBlock(t *testing.T) { //nolint:paralleltest // it sets the environment
	const before = "[user]\n\tname = Alice\n"
	h := newHome(t)
	if err := h.run(profile("alice")); err != nil {
		t.Fatal(err)
	}
	ours := filepath.Join(h.dir, cli.Name) + " --profile alice"
	first, last := hosts, "https://codestar-connections.us-east-2.amazonaws.com"
	now := strings.Replace(h.read(t), newFile, "", 1)
	d, err := parseDocument([]byte(now))
	if err != nil {
		t.Fatal(err)
	}
	const reset = "\thelper =\n"
	var patterns, literals string
	for _, target := range d.block().Targets {
		section := "[credential \"" + target.URL + "\"]\n" + reset + "\thelper = " + ours + "\n\tuseHttpPath = true\n"
		if target.Literal {
			literals += section
			continue
		}
		patterns += section + "[http \"" + target.URL + "\"]\n"
		for _, s := range gitconfig.Transport {
			patterns += "\t" + s.Name + " = " + s.Value + "\n"
		}
	}
	earlier := strings.Replace(patterns+literals, reset, "\t"+beginMarker+"\n"+reset, 1) + "\t" + endMarker + "\n"
	for name, c := range map[string]struct{ text, remove string }{
		"as it was":               {text: before + earlier},
		"without its first mark":  {text: before + earlier, remove: "credential." + first},
		"without its last mark":   {text: before + earlier, remove: "credential." + last},
		"now, without its first":  {text: before + now, remove: "credential." + oneHost},
		"now, without its second": {text: before + now, remove: "http." + hosts},
	} {
		t.Run(name, func(t *testing.T) {
			for _, again := range []bool{false, true} {
				h.write(t, ".gitconfig", c.text)
				if c.remove != "" {
					if out, err := exec.CommandContext(context.Background(), "git", "config", "--global", "--remove-section", c.remove).CombinedOutput(); err != nil {
						t.Fatalf("%v: %s", err, out)
					}
				}
				if again {
					if err := h.run(profile("alice")); err != nil {
						t.Fatal(err)
					}
					if text := strings.TrimPrefix(h.read(t), before); c.remove == "" && text != now {
						t.Errorf("setup writes\n%s", text)
					}
				}
				if err := h.run(Request{Undo: true}); err != nil || h.read(t) != before {
					t.Errorf("again %v: undo: %v:\n%s", again, err, h.read(t))
				}
			}
		})
	}
}

// A section of the user's for a literal host, without setup's comments around it, is
// not taken for setup's.
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
