package gitconfig

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	host   = "https://git-codecommit.*.amazonaws.com"
	alice  = "/usr/local/bin/git-credential-codecommit --profile alice"
	bob    = "/opt/bin/git-credential-codecommit --profile bob"
	spaced = "!'/opt/my tools/git-credential-codecommit' --profile alice"
)

var newest = Version{Major: 2, Minor: 55}

func list(t *testing.T, config string) []Entry {
	t.Helper()
	entries, err := parseList(run(t, "config", "--file", config, "--list", "-z"), 0)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// execute has git do to a file what was planned for a scope.
func execute(t *testing.T, config string, commands []Command) {
	t.Helper()
	for _, c := range commands {
		args := slices.Concat([]string{c[0], "--file", config}, c[2:])
		out, err := exec.Command("git", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %s: %s", args, err, out)
		}
	}
}

func helpers(entries []Entry, url string) (lines []string) {
	for _, e := range CredentialOf(entries, url, newest).Helpers {
		lines = append(lines, e.Value)
	}
	return lines
}

func write(t *testing.T, text string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

// What stands in the file before, and what git makes of it afterwards. Undo
// must bring back every byte unless the case says otherwise.
func TestSetupAndUndo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before  string
		targets []Target
		url     string // repository if empty
		want    []string
		lossy   bool // undo brings back the values, not every byte
	}{
		"nothing": {
			targets: []Target{{URL: host, Helper: alice}},
			want:    []string{alice},
		},
		"a path with a space": {
			targets: []Target{{URL: host, Helper: spaced}},
			want:    []string{spaced},
		},
		"a keychain for everything": {
			before:  "[credential]\n\thelper = osxkeychain\n[user]\n\tname = Alice ; me\n",
			targets: []Target{{URL: host, Helper: alice}},
			want:    []string{alice},
		},
		"the AWS CLI for the same pattern": {
			before:  "[credential \"" + host + "\"]\n\t# from a guide\n\thelper = !aws codecommit credential-helper $@\n\tUseHttpPath = true\n",
			targets: []Target{{URL: host, Helper: alice}},
			want:    []string{alice},
			lossy:   true, // git writes the user's own value again
		},
		"the AWS CLI behind an empty line": {
			before:  "[credential \"" + host + "\"]\n\thelper =\n\thelper = !aws codecommit credential-helper $@\n",
			targets: []Target{{URL: host, Helper: alice}},
			want:    []string{alice},
			lossy:   true,
		},
		"a repository, then all hosts": {
			targets: []Target{{URL: repository, Helper: bob}, {URL: host, Helper: alice}},
			want:    []string{bob},
		},
		"proactiveAuth of the user's own": {
			before:  "[http \"" + host + "\"]\n\tproactiveAuth = none\n\tproxy = http://proxy:3128\n",
			targets: []Target{{URL: host, Helper: alice}},
			want:    []string{alice},
		},
		"emptyAuth": {
			before:  "[http]\n\temptyAuth\n",
			targets: []Target{{URL: host, Helper: alice, NoEmptyAuth: true}},
			want:    []string{alice},
		},
		"emptyAuth of the user's own": {
			before:  "[http \"" + host + "\"]\n\temptyAuth = false\n",
			targets: []Target{{URL: host, Helper: alice}},
			want:    []string{alice},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := write(t, c.before)
			before := list(t, config)
			for _, target := range c.targets {
				execute(t, config, Setup(Global, list(t, config), []Target{target}))
			}
			after := list(t, config)
			if got := helpers(after, repository); !slices.Equal(got, c.want) {
				t.Errorf("helpers: %q", got)
			}
			if !CredentialOf(after, repository, newest).UseHTTPPath {
				t.Error("useHttpPath is not true")
			}
			for _, target := range c.targets {
				if again := Setup(Global, after, []Target{target}); len(again) > 0 {
					t.Errorf("a second time: %q", again)
				}
			}
			execute(t, config, Undo(Global, after))
			if got := list(t, config); !equal(got, before) {
				t.Errorf("after undo: %v", got)
			}
			if text, _ := os.ReadFile(config); !c.lossy && string(text) != c.before {
				t.Errorf("after undo: %q", text)
			}
		})
	}
}

func equal(a, b []Entry) bool {
	return slices.EqualFunc(a, b, func(a, b Entry) bool { return a.Is(b.Key) && a.Value == b.Value })
}

// Another profile takes the place of the first one.
func TestSetupAgainWithAnotherProfile(t *testing.T) {
	t.Parallel()
	config := write(t, "")
	execute(t, config, Setup(Global, nil, []Target{{URL: host, Helper: alice}}))
	execute(t, config, Setup(Global, list(t, config), []Target{{URL: host, Helper: bob}}))
	want := "[credential \"" + host + "\"]\n\thelper = \n\thelper = " + bob + "\n\tuseHttpPath = true\n[http \"" + host + "\"]\n\tproactiveAuth = basic\n"
	if text, _ := os.ReadFile(config); string(text) != want {
		t.Errorf("%s", text)
	}
}

// A helper that came behind ours is overruled by moving ours to the end, with
// those for single repositories behind those for hosts.
func TestSetupMovesBehindOthers(t *testing.T) {
	t.Parallel()
	config := write(t, "")
	for _, target := range []Target{{URL: host, Helper: alice}, {URL: repository, Helper: bob}} {
		execute(t, config, Setup(Global, list(t, config), []Target{target}))
	}
	for _, line := range []string{"store", "osxkeychain"} {
		run(t, "config", "--file", config, "--add", "credential.helper", line)
	}
	run(t, "config", "--file", config, "credential.useHttpPath", "false")
	execute(t, config, Setup(Global, list(t, config), []Target{{URL: host, Helper: alice}}))
	after := list(t, config)
	if got := helpers(after, repository); !slices.Equal(got, []string{bob}) {
		t.Errorf("helpers of the repository: %q", got)
	}
	if got := helpers(after, repository+"2"); !slices.Equal(got, []string{alice}) {
		t.Errorf("helpers of another one: %q", got)
	}
	if !CredentialOf(after, repository, newest).UseHTTPPath {
		t.Error("useHttpPath is not true")
	}
	if again := Setup(Global, after, []Target{{URL: host, Helper: alice}}); len(again) > 0 {
		t.Errorf("a second time: %q", again)
	}
}

// What was typed for all hosts or for one region is not ours to take back.
func TestUndoLeavesTheUsersOwn(t *testing.T) {
	t.Parallel()
	text := `[credential]
	helper = /usr/local/bin/git-credential-codecommit --profile alice
	useHttpPath = true
[credential "https://git-codecommit.us-east-2.amazonaws.com"]
	helper =
	helper = /usr/local/bin/git-credential-codecommit --profile alice
	useHttpPath = true
[http "https://git-codecommit.us-east-2.amazonaws.com"]
	proactiveAuth = basic
`
	config := write(t, text)
	if commands := Undo(Global, list(t, config)); len(commands) > 0 {
		t.Errorf("%q", commands)
	}
}

func TestUndoOfOnePattern(t *testing.T) {
	t.Parallel()
	config := write(t, "")
	for _, target := range []Target{{URL: host, Helper: alice}, {URL: repository, Helper: bob}} {
		execute(t, config, Setup(Global, list(t, config), []Target{target}))
	}
	execute(t, config, Undo(Global, list(t, config), repository))
	if got := helpers(list(t, config), repository); !slices.Equal(got, []string{alice}) {
		t.Errorf("helpers: %q", got)
	}
}

// Whatever stands in the file: the plan foresees what git does, one setup is
// enough, and undo brings back what was there.
func TestSetupAndUndoAnything(t *testing.T) {
	t.Parallel()
	rounds := 40
	if testing.Short() {
		rounds = 5
	}
	sections := []string{
		"[credential]", "[credential \"" + host + "\"]", "[http \"" + host + "\"]", "[credential \"" + repository + "\"]", "[credential \"https://example.com\"]",
	}
	lines := []string{
		"\thelper = store", "\thelper =", "\thelper = !aws codecommit credential-helper $@", "\tuseHttpPath = true", "\tuseHttpPath = false", "\tproactiveAuth = basic", "\temptyAuth = false", "\temptyAuth = true", "\tusername = alice",
	}
	for round := range rounds {
		random := rand.New(rand.NewPCG(1, uint64(round)))
		// An empty section, which git does not list, would decide where a new
		// line goes.
		text := []string{"[user]", "\tname = Alice"}
		for range random.IntN(6) {
			text = append(text, sections[random.IntN(len(sections))], lines[random.IntN(len(lines))])
		}
		config := write(t, strings.Join(text, "\n")+"\n")
		before := list(t, config)
		targets := []Target{{URL: host, Helper: alice, NoEmptyAuth: random.IntN(2) == 0}}
		if random.IntN(2) == 0 {
			targets = append(targets, Target{URL: repository, Helper: bob})
		}
		p := &plan{scope: Global, entries: slices.Clone(before)}
		for _, target := range targets {
			p.setUp(target)
		}
		execute(t, config, p.commands)
		if got := list(t, config); !equal(got, p.entries) {
			t.Errorf("%q: planned %v, got %v", text, p.entries, got)
		}
		execute(t, config, Setup(Global, list(t, config), targets))
		if again := Setup(Global, list(t, config), targets); len(again) > 0 {
			t.Errorf("%q: a second time: %q", text, again)
		}
		execute(t, config, Undo(Global, list(t, config)))
		if got := list(t, config); !sameSettings(got, before) {
			t.Errorf("%q: after undo %v, before %v", text, got, before)
		}
	}
}

// sameSettings says whether every key has the same values in the same order.
func sameSettings(a, b []Entry) bool {
	byKey := func(entries []Entry) map[string][]string {
		m := map[string][]string{}
		for _, e := range entries {
			key := strings.ToLower(e.Key.String())
			m[key] = append(m[key], e.Value)
		}
		return m
	}
	x, y := byKey(a), byKey(b)
	if len(x) != len(y) {
		return false
	}
	for key, values := range x {
		if !slices.Equal(values, y[key]) {
			return false
		}
	}
	return true
}

// A repository's section that somebody wrote stands above what setup wrote for
// all hosts, and stays there: setup for that repository must count all the same.
func TestSetupOfARepositoryWithASectionAbove(t *testing.T) {
	t.Parallel()
	text := "[credential \"" + repository + "\"]\n\t# mine\n\thelper = codecommit --profile carol\n" +
		"[http \"" + repository + "\"]\n\tproactiveAuth = basic\n"
	config := write(t, text)
	execute(t, config, Setup(Global, list(t, config), []Target{{URL: host, Helper: alice}}))
	execute(t, config, Setup(Global, list(t, config), []Target{{URL: repository, Helper: bob}}))
	after := list(t, config)
	if got := helpers(after, repository); !slices.Equal(got, []string{bob}) {
		t.Errorf("helpers: %q", got)
	}
	if again := Setup(Global, after, []Target{{URL: repository, Helper: bob}}); len(again) > 0 {
		t.Errorf("a second time: %q", again)
	}
	execute(t, config, Undo(Global, after))
	if got, _ := os.ReadFile(config); string(got) != text {
		t.Errorf("after undo: %q", got)
	}
}
