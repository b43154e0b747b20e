package setup

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

const (
	hosts         = "https://git-codecommit.*.amazonaws.com"
	oneHost       = "https://git-codecommit.us-east-2.amazonaws.com"
	repository    = oneHost + "/v1/repos/MyDemoRepo"
	alice         = "/usr/local/bin/git-credential-codecommit --profile alice"
	byteOrderMark = "\uFEFF"
	bob           = "/opt/bin/git-credential-codecommit --profile bob"
)

// pieces are parts of realistic configuration files.
var pieces = []string{
	"[user]\n\tname = Alice ; me\n",
	"# a comment\n",
	"\n",
	"[credential]\n",
	"[credential]\n\thelper = store\n",
	"[credential]\n\thelper =\n",
	"[credential]\n\thelper = codecommit --profile builder\n\tuseHttpPath = true\n",
	"[credential]\n\thelper = !aws codecommit credential-helper $@\n\tUseHttpPath = true\n",
	"[credential]\n\tuseHttpPath = false\n",
	"[credential \"" + hosts + "\"]\n",
	"[credential \"" + hosts + "\"]\n\t# mine\n",
	"[credential \"" + hosts + "\"]\n\thelper = store\n\tusername = alice\n",
	"[credential \"" + oneHost + "\"]\n\thelper = store\n",
	"[credential \"" + oneHost + "\"]\n\thelper =\n",
	"[credential \"" + repository + "\"]\n\thelper = \"!f() { echo; }; f\"\n\tuseHttpPath = false\n",
	"[credential \"https://example.com\"]\n\thelper = store\n",
	"[credential \"git-codecommit.us-east-2.amazonaws.com\"]\n\thelper = cache\n",
	"[http \"" + hosts + "\"]\n  proactiveAuth=auto\n",
	"[http]\n\temptyAuth = true\n",
	"[include]\n\tpath = included\n",
	"[includeIf \"gitdir:~/elsewhere/\"]\n\tpath = included\n",
	"[unknown \"x\\\"y\"] key = \"a;b\" # comment\n",
	"[a]\n\tlong = one \\\n  two\n",
	"[core]\n\teditor",
}

// randomConfig joins pieces, sometimes with a byte order mark, CRLF, or no final
// line ending.
func randomConfig(random *rand.Rand) string {
	text := ""
	for range random.IntN(7) {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		text += pieces[random.IntN(len(pieces))]
	}
	if random.IntN(4) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if random.IntN(4) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	if random.IntN(6) == 0 {
		text = byteOrderMark + text
	}
	return text
}

// home is a HOME in which setup can run.
type home struct {
	dir    string
	file   string
	output bytes.Buffer
	errors bytes.Buffer
}

// newHome makes this process and git use a new HOME and no other configuration.
func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	if runtime.GOOS == "windows" {
		t.Skip("git finds its files by other variables")
	}
	for name, value := range map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": filepath.Join(dir, "xdg"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "", "GIT_CONFIG_COUNT": "",
		"GIT_CONFIG_PARAMETERS": "", "TMPDIR": filepath.Join(dir, "tmp"), "AWS_REGION": "us-east-2", "AWS_CONFIG_FILE": filepath.Join(dir, "aws"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "keys"),
	} {
		t.Setenv(name, value)
	}
	os.Unsetenv("GIT_CONFIG_GLOBAL")
	t.Chdir(dir)
	return &home{dir: dir, file: filepath.Join(dir, ".gitconfig")}
}

// run runs setup as the program at a path.
func (h *home) run(r Request) error {
	h.output.Reset()
	h.errors.Reset()
	git, err := gitconfig.Find()
	if err != nil {
		return err
	}
	if r.Scope == "" {
		r.Scope = gitconfig.Global
	}
	p := cli.Process{
		Args: []string{"nowhere"}, Stdout: &h.output, Stderr: &h.errors, LookupEnv: os.LookupEnv, Environ: os.Environ,
		Executable: func() (string, error) { return filepath.Join(h.dir, cli.Name), nil }, Home: func() string { return h.dir }, Now: time.Now, Stdin: strings.NewReader(""),
	}
	return Run(context.Background(), Setup{
		Request: r, Process: p, Git: git,
		AWS:   awsprofile.Open(awsprofile.Environment{LookupEnv: os.LookupEnv, Home: p.Home}),
		Hints: func(error) []cli.Hint { return nil },
	})
}

// profile returns the request of setup --profile NAME.
func profile(name string) Request {
	return Request{Query: awsprofile.Query{Profile: name}, Args: []string{"--profile", name}, Flags: []string{"--profile", name}}
}

// addedProfileRequest is profile with a new profile.
func addedProfileRequest() Request {
	r := profile("added")
	r.NewProfile = &awsprofile.NewProfile{Name: "added", Role: awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/X"}, CredentialSource: "Environment", Region: "us-east-2"}
	return r
}

func (h *home) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h *home) read(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(h.file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// helpers returns the helpers that git runs for a URL in a folder, and whether git
// sends them the path.
func (h *home) helpers(t *testing.T, folder, url string) (lines []string, path bool) {
	t.Helper()
	c := h.credential(t, folder, url)
	for _, e := range c.Helpers {
		lines = append(lines, e.Value)
	}
	return lines, c.UseHTTPPath
}

// credential returns git's credential configuration for a URL in a folder.
func (h *home) credential(t *testing.T, folder, url string) gitconfig.Credential {
	t.Helper()
	t.Chdir(folder)
	defer t.Chdir(h.dir)
	git, err := gitconfig.Find()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := git.Effective(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return gitconfig.CredentialOf(entries, url, gitconfig.Proactive)
}

// TestSetupOnRandomConfigurations checks that afterwards git uses only this helper,
// or setup failed; that the user's settings are unchanged; that a second run
// changes nothing; and that --undo restores every byte.
func TestSetupOnRandomConfigurations(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	seed := uint64(5)
	if os.Getenv("SETUP_SEED") != "" {
		fmt.Sscan(os.Getenv("SETUP_SEED"), &seed)
	}
	random := rand.New(rand.NewPCG(seed, 6))
	ours := filepath.Join(h.dir, cli.Name) + " --profile alice"
	failed, kept := 0, 0
	elsewhere := initRepository(t, h, "elsewhere/x")
	const rounds = 25
	for range rounds {
		before := randomConfig(random)
		included := randomConfig(random)
		included = strings.ReplaceAll(included, "path = included", "path = none")
		if random.IntN(2) == 0 {
			before = strings.TrimRight(before, "\n") + "\n[includeIf \"gitdir:~/elsewhere/\"]\n\tpath = included\n"
			included = strings.TrimRight(included, "\n") + "\n" + strings.Replace(own, "\thelper =\n", []string{"", "\thelper =\n"}[random.IntN(2)], 1)
		}
		h.write(t, ".gitconfig", before)
		h.write(t, "included", included)
		list := func() string {
			out, err := exec.Command("git", "config", "--file", h.file, "--list", "-z").Output()
			if err != nil {
				t.Fatalf("%q: %v", before, err)
			}
			return string(out)
		}
		settings := list()
		was := h.credential(t, elsewhere, repository)
		err := h.run(profile("alice"))
		after := h.read(t)
		if err != nil {
			failed++
			if after != before {
				t.Errorf("%q, included %q: %v, but the file is changed: %q", before, included, err, after)
			}
			continue
		}
		for _, url := range []string{repository, oneHost + "/v1/repos/Other", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/X"} {
			if lines, path := h.helpers(t, h.dir, url); !slices.Equal(lines, []string{ours}) || !path {
				t.Errorf("%q, included %q: %s: %q, %v:\n%s", before, included, url, lines, path, after)
			}
		}
		// A helper that the conditional include names for CodeCommit, and that answers.
		if first := answeringHelper(gitconfig.NewCache(), was.Helpers, []Target{{URL: hosts}}); strings.HasSuffix(first.File(), "included") && !strings.Contains(before, "[include]") {
			is := h.credential(t, elsewhere, repository)
			if named := namesCodeCommit(first.Value) || strings.Contains(first.Subsection, "codecommit"); named && answeringHelper(gitconfig.NewCache(), is.Helpers, []Target{{URL: hosts}}).Value != first.Value {
				t.Errorf("%q, included %q: elsewhere %v, was %v:\n%s", before, included, is.Helpers, was.Helpers, after)
			}
			kept++
		}
		rest := list()
		for setting := range strings.SplitSeq(strings.TrimSuffix(settings, "\x00"), "\x00") {
			var found bool
			if _, rest, found = strings.Cut(rest, setting+"\x00"); !found && setting != "" {
				t.Errorf("%q: %q is lost:\n%s", before, setting, after)
			}
		}
		if err := h.run(profile("alice")); err != nil || h.read(t) != after {
			t.Errorf("%q: a second time: %v:\n%s", before, err, h.read(t))
		}
		if err := h.run(Request{Undo: true}); err != nil || h.read(t) != before {
			t.Errorf("%q: undo: %v: %q", before, err, h.read(t))
		}
	}
	if failed > rounds/4 || kept == 0 {
		t.Errorf("%d of %d failed, %d with another helper elsewhere: the test shows little", failed, rounds, kept)
	}
}

// FuzzRoundTrip writes blocks to random files in memory, and removes them.
func FuzzRoundTrip(f *testing.F) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 40 {
		f.Add([]byte(randomConfig(random)), true)
	}
	f.Add([]byte("[a]\n\tx = end\\"), false)
	f.Add([]byte(byteOrderMark), true)
	f.Add([]byte("[user]\r\n\tname = Alice\r\n"), true)
	f.Add([]byte("[credential \""+hosts+"\"]\n\t# begin"), false)
	f.Fuzz(func(t *testing.T, text []byte, twice bool) {
		if bytes.Contains(text, []byte(cli.Name)) {
			t.Skip("the text could contain setup's own lines")
		}
		items, err := gitconfig.Parse(text)
		if err != nil {
			return
		}
		for _, item := range items { // no files but this one
			if item.Section == "include" || item.Section == "includeif" {
				t.Skip()
			}
		}
		file := filepath.Join(t.TempDir(), "config")
		s := &Setup{Request: Request{Scope: gitconfig.Global}, file: file, AWS: awsprofile.Open(awsprofile.Environment{
			LookupEnv: func(name string) (string, bool) { return "", strings.HasPrefix(name, "AWS_") }, Home: func() string { return "" },
		}), Process: cli.Process{Stdout: io.Discard, Stderr: io.Discard, Home: func() string { return "" }}}
		w := writer{s: s, targets: []Target{{URL: hosts, Helper: alice}, {URL: oneHost, Helper: alice, Literal: true}}}
		after, err := w.scopeText(text)
		if err != nil && bytes.HasSuffix(bytes.TrimRight(text, "\r\n"), []byte(`\`)) {
			return // refused: the block would become part of the last value
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if twice {
			w = writer{s: s, targets: []Target{{URL: hosts, Helper: bob}, {URL: repository, Helper: bob}}}
			if after, err = w.scopeText(after); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
		}
		if again, err := w.scopeText(after); err != nil || !bytes.Equal(again, after) {
			t.Errorf("%q: again: %v:\n%q, was\n%q", text, err, again, after)
		}
		config, err := gitconfig.Configuration{}.With(gitconfig.Global, file, after)
		if err != nil {
			t.Fatalf("%q: %v", after, err)
		}
		want := w.targets[len(w.targets)-1].Helper
		if c := gitconfig.CredentialOf(config.Under(func(string) bool { return false }), repository, gitconfig.Proactive); len(c.Helpers) != 1 || c.Helpers[0].Value != want || !c.UseHTTPPath {
			t.Errorf("%q: %v", after, c.Helpers)
		}
		if crlf := bytes.Count(text, []byte("\r\n")); crlf > 0 && crlf == bytes.Count(text, []byte("\n")) && bytes.Count(after, []byte("\n")) != bytes.Count(after, []byte("\r\n")) {
			t.Errorf("%q: other line ends: %q", text, after)
		}
		restored, err := undoAll(after)
		if err != nil || !bytes.Equal(restored, text) {
			t.Errorf("%q: %v, restored %q", text, err, restored)
		}
	})
}
