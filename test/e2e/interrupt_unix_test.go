//go:build unix

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"git-credential-codecommit/test/program"
)

// faultyGit runs git, except the nth time that it is called: then it runs THEN first.
const faultyGit = `#!/bin/sh
echo >>"$HOME/calls"
[ "$(wc -l <"$HOME/calls")" -ne "$NTH" ] || eval "$THEN"
exec "$GIT" "$@"
`

// How setup may end before it is done: a git that cannot write or was killed, or
// setup itself killed or interrupted. A terminal's signals go to setup and to its
// git.
const (
	noSpace      = "echo 'error: could not write config file: No space left on device' >&2; exit 4"
	gitKilled    = "kill -KILL $$"
	setupKilled  = "kill -KILL $PPID; exit"
	interruption = "kill -INT -$PPID; kill -TERM -$PPID; kill -HUP -$PPID"
)

// whileLocked interrupts setup while the file is locked, which means that it is
// being written.
const whileLocked = `(while kill -0 $PPID; do [ ! -e "$HOME/FILE.lock" ] || kill -TERM $PPID; done) </dev/null >/dev/null 2>&1 &`

// Setup itself writes these files.
var (
	atConfig  = strings.Replace(whileLocked, "FILE", ".gitconfig", 1)
	atProfile = strings.Replace(whileLocked, "FILE", ".aws/config", 1)
)

// A halfwayHome is a home folder with faultyGit.
type halfwayHome struct {
	dir, config string
	temporary   string // the folder for temporary files
	git         string
}

func newHalfwayHome(t *testing.T) *halfwayHome {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	h := &halfwayHome{dir: t.TempDir(), git: git}
	h.config, h.temporary = filepath.Join(h.dir, ".gitconfig"), filepath.Join(h.dir, "tmp")
	for _, dir := range []string{h.temporary, filepath.Join(h.dir, "bin")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(h.dir, "bin", "git"), []byte(faultyGit), 0o700); err != nil {
		t.Fatal(err)
	}
	return h
}

// setup runs setup on a configuration with the content before. FaultyGit runs then
// at its nth call. It returns the content at the end, and whether there was an nth
// call.
func (h *halfwayHome) setup(t *testing.T, before string, nth int, then string, args ...string) (after string, called bool) {
	t.Helper()
	if err := os.WriteFile(h.config, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	calls := filepath.Join(h.dir, "calls")
	if err := os.WriteFile(calls, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git-credential-codecommit", append([]string{"setup"}, args...)...)
	cmd.Env = []string{
		"PATH=" + filepath.Join(h.dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + h.dir, "TMPDIR=" + h.temporary, "GIT_CONFIG_NOSYSTEM=1", program.NoExitSleep,
		"GIT=" + h.git, "NTH=" + strconv.Itoa(nth), "THEN=" + then,
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	_ = cmd.Run() // it may be killed
	text, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), bytes.Count(made, []byte("\n")) >= nth
}

// Whatever ends setup, and whenever, git's configuration is either unchanged or
// complete: half of it would turn off the earlier helpers. The same applies to
// setup --undo.
func TestSetupHalfway(t *testing.T) {
	t.Parallel()
	const repository = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo"
	set := []string{"--role-arn", "arn:aws:iam::111122223333:role/X", "--credential-source", "Environment", "--repo", repository}
	undo := []string{"--undo"}
	for name, before := range map[string]string{
		"nothing":                "",
		"a helper of one's own":  "[user]\n\tname = Alice\n[credential \"" + repository + "\"]\n\t# mine\n\thelper = store\n\tusername = alice\n",
		"ours, and one after it": "[credential \"" + repository + "\"]\n\thelper = \n\thelper = /opt/git-credential-codecommit\n\tuseHttpPath = true\n[credential]\n\thelper = store\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHalfwayHome(t)
			whole, _ := h.setup(t, before, 0, "", set...)
			undone, _ := h.setup(t, whole, 0, "", undo...)
			if whole == before || undone == whole || strings.Contains(undone, "codecommit --role-arn") {
				t.Fatalf("set up: %q; undone: %q", whole, undone)
			}
			for _, then := range []string{noSpace, gitKilled, setupKilled, interruption, atConfig} {
				for _, run := range []struct {
					from, to string
					args     []string
				}{{before, whole, set}, {whole, undone, undo}} {
					nth, called := 1, true
					for ; called; nth++ {
						var text string
						if text, called = h.setup(t, run.from, nth, then, run.args...); text != run.from && text != run.to {
							t.Errorf("%q: %s at call %d leaves %q", run.args, then, nth, text)
						}
					}
					if calls := nth - 2; calls < 1 { // the last setup of the loop made no nth call
						t.Errorf("%q: %d calls of git", run.args, calls)
					}
				}
				if left, err := filepath.Glob(h.config + "?*"); err != nil || len(left) > 0 {
					t.Errorf("%s leaves %q, %v", then, left, err)
				}
				// A killed process leaves a copy, which does not block others.
				if left, err := os.ReadDir(h.temporary); err != nil || len(left) > 0 && then != setupKilled {
					t.Errorf("%s leaves %q, %v", then, left, err)
				}
				_ = os.RemoveAll(h.temporary)
				if err := os.Mkdir(h.temporary, 0o700); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// However setup ends, git does not use a profile that does not exist, no unused
// profile remains, and no lock remains, which would block all other processes.
func TestSetupHalfwayWithProfile(t *testing.T) {
	t.Parallel()
	const repository = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo"
	set := []string{"--profile", "contributor", "--role-arn", "arn:aws:iam::111122223333:role/X", "--source-profile", "default", "--repo", repository}
	undo := []string{"--undo"}
	h := newHalfwayHome(t)
	aws := filepath.Join(h.dir, ".aws")
	if err := os.Mkdir(aws, 0o700); err != nil {
		t.Fatal(err)
	}
	const none = "[default]\nregion = us-east-2\n"
	// setup runs h.setup with an AWS config file that contains config.
	setup := func(before, config string, nth int, then string, args []string) (after, profiles string, called bool) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(aws, "config"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		after, called = h.setup(t, before, nth, then, args...)
		text, err := os.ReadFile(filepath.Join(aws, "config"))
		if err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(aws, "*.lock")); len(left) > 0 {
			t.Errorf("%q: %s at call %d leaves %q", args, then, nth, left)
			_ = os.Remove(left[0])
		}
		return after, string(text), called
	}
	whole, profile, _ := setup("", none, 0, "", set)
	if whole == "" || profile == none {
		t.Fatalf("%q, %q", whole, profile)
	}
	for _, then := range []string{noSpace, setupKilled, interruption, atConfig, atProfile} {
		for nth, called := 1, true; called; nth++ {
			var text, profiles string
			text, profiles, called = setup("", none, nth, then, set)
			if (text != "" || profiles != none) && (text != whole || profiles != profile) && (text != "" || then != setupKilled) {
				t.Errorf("%s at call %d leaves %q and %q", then, nth, text, profiles)
			}
			// --undo removes the profile last: git's configuration never refers to
			// a profile that has been removed.
			text, profiles, _ = setup(whole, profile, nth, then, undo)
			if text != "" && profiles != profile {
				t.Errorf("undo: %s at call %d leaves %q and %q", then, nth, text, profiles)
			}
		}
	}
}
