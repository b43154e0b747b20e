package remote

import (
	"cmp"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestAddSettings(t *testing.T) {
	t.Parallel()
	settings := []setting{{"credential.https://h/r.helper", ""}, {"credential.https://h/r.helper", "!'/a b'"}}
	const ours = `'credential.https://h/r.helper=' 'credential.https://h/r.helper=!'\''/a b'\'''`
	for name, c := range map[string]struct{ environ, want []string }{
		"none":  {[]string{"A=1", "B="}, []string{"A=1", "B=", "GIT_CONFIG_PARAMETERS=" + ours}},
		"empty": {[]string{"GIT_CONFIG_PARAMETERS=", "A=1"}, []string{"A=1", "GIT_CONFIG_PARAMETERS=" + ours}},
		"more":  {[]string{"GIT_CONFIG_PARAMETERS='a.b'='c'", "GIT_CONFIG_COUNT=1", "A=1"}, []string{"GIT_CONFIG_COUNT=1", "A=1", "GIT_CONFIG_PARAMETERS='a.b'='c' " + ours}},
	} {
		before := slices.Clone(c.environ)
		if got := addSettings(c.environ, settings); !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
		if !slices.Equal(c.environ, before) {
			t.Errorf("%s: the environment that was passed in has changed", name)
		}
	}
}

// This test runs git to evaluate the configuration if the user's differs: in files,
// in the environment and with -c. OLD_GIT is the git to run, such as one before
// 2.31; the default is the one on PATH.
func TestSettingsOverrideAllOthers(t *testing.T) {
	t.Parallel()
	const url = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/Repo"
	home := t.TempDir()
	other := `[credential]
	helper = "!other() { echo username=other; echo password=other; }; other"
	username = other
[credential "` + url + `"]
	helper = "!other() { echo username=other; echo password=other; }; other"
	useHttpPath = false
	username = other
[http "` + url + `/"]
	proactiveAuth = none
	emptyAuth = true
`
	if err := os.WriteFile(home+"/.gitconfig", []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	// The password is the request: the path, unless there is also a username.
	const ours = `!f() { echo username=ours; sed -n 's/^path=/password=/p; s/^username=./password=for &/p'; }; f`
	git := cmp.Or(os.Getenv("OLD_GIT"), "git")
	environ := addSettings([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=!other",
		"GIT_CONFIG_PARAMETERS='credential.helper=' 'credential.helper=!other' 'credential.usehttppath=false' 'credential.username=other'",
	}, settingsFor(url, ours))
	run := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Dir, cmd.Env, cmd.Stdin = home, environ, strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %q: %v", args, err)
		}
		return string(out)
	}
	if got := run("url="+url+"\n\n", "credential", "fill"); !strings.Contains(got, "\nusername=ours\npassword=v1/repos/Repo\n") {
		t.Errorf("git credential fill: %q", got)
	}
	if got := run("", "config", "--get-urlmatch", "http", url+"/"); got != "http.emptyauth false\nhttp.maxretries 3\nhttp.maxretrytime 120\nhttp.proactiveauth basic\nhttp.retryafter 2\n" {
		t.Errorf("http.*: %q", got)
	}
}

// Git parses GIT_PROTOCOL_FROM_USER as a boolean: each form of false forbids the
// profile in a submodule's URL.
func TestIsFromUser(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"": false, "0": false, "false": false, "No": false, "off": false, "00": false, "?": false, "1": true, "true": true, "2": true} {
		if got := isFromUser(func(string) (string, bool) { return value, true }); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	if !isFromUser(func(string) (string, bool) { return "", false }) {
		t.Error("not set: false")
	}
}
