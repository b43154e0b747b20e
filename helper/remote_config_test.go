package helper

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestAddConfig(t *testing.T) {
	t.Parallel()
	entries := []ConfigEntry{{"credential.https://h/r.helper", ""}, {"credential.https://h/r.helper", "!'/a b'"}}
	for _, test := range []struct {
		name          string
		environ, want []string
	}{
		{
			name:    "none",
			environ: []string{"A=1", "B="},
			want: []string{
				"A=1", "B=",
				"GIT_CONFIG_COUNT=2",
				"GIT_CONFIG_KEY_0=credential.https://h/r.helper", "GIT_CONFIG_VALUE_0=",
				"GIT_CONFIG_KEY_1=credential.https://h/r.helper", "GIT_CONFIG_VALUE_1=!'/a b'",
			},
		},
		{
			name:    "empty",
			environ: []string{"GIT_CONFIG_COUNT=", "GIT_CONFIG_PARAMETERS=", "GIT_CONFIG_KEY_0=stale.key"},
			want: []string{
				"GIT_CONFIG_PARAMETERS=",
				"GIT_CONFIG_COUNT=2",
				"GIT_CONFIG_KEY_0=credential.https://h/r.helper", "GIT_CONFIG_VALUE_0=",
				"GIT_CONFIG_KEY_1=credential.https://h/r.helper", "GIT_CONFIG_VALUE_1=!'/a b'",
			},
		},
		{
			name:    "both",
			environ: []string{"GIT_CONFIG_PARAMETERS='a.b'='c'", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=x.y", "GIT_CONFIG_VALUE_0=z=1", "A=1"},
			want: []string{
				"GIT_CONFIG_KEY_0=x.y", "GIT_CONFIG_VALUE_0=z=1", "A=1",
				"GIT_CONFIG_COUNT=3",
				"GIT_CONFIG_KEY_1=credential.https://h/r.helper", "GIT_CONFIG_VALUE_1=",
				"GIT_CONFIG_KEY_2=credential.https://h/r.helper", "GIT_CONFIG_VALUE_2=!'/a b'",
				`GIT_CONFIG_PARAMETERS='a.b'='c' 'credential.https://h/r.helper'='' 'credential.https://h/r.helper'='!'\''/a b'\'''`,
			},
		},
	} {
		before := slices.Clone(test.environ)
		got, err := AddConfig(test.environ, entries)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: got\n%s\n%v, want\n%s", test.name, strings.Join(got, "\n"), err, strings.Join(test.want, "\n"))
		}
		if !slices.Equal(test.environ, before) {
			t.Errorf("%s: the environment that was handed in has changed", test.name)
		}
	}
}

func TestAddConfigRefusesBogusCount(t *testing.T) {
	t.Parallel()
	for _, count := range []string{"x", "-1", "1x", "2147483647", "99999999999999999999"} {
		if got, err := AddConfig([]string{"GIT_CONFIG_COUNT=" + count}, []ConfigEntry{{"a.b", "c"}}); err == nil {
			t.Errorf("%q: got %q", count, got)
		}
	}
}

// TestRemoteConfigWins asks git itself what the configuration comes to when
// the user's own says otherwise, in files, in the environment and behind -c.
func TestRemoteConfigWins(t *testing.T) {
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
	// What it is asked for becomes the password: the path, unless a user name is there, too.
	const ours = `!f() { echo username=ours; sed -n 's/^path=/password=/p; s/^username=./password=for &/p'; }; f`
	environ, err := AddConfig([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=!other",
		"GIT_CONFIG_PARAMETERS='credential.helper'='' 'credential.helper'='!other' 'credential.usehttppath'='false' 'credential.username'='other'",
	}, RemoteConfig(url, ours))
	if err != nil {
		t.Fatal(err)
	}
	git := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(context.Background(), "git", args...)
		cmd.Dir, cmd.Env, cmd.Stdin = home, environ, strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %q: %v", args, err)
		}
		return string(out)
	}
	if got := git("url="+url+"\n\n", "credential", "fill"); !strings.Contains(got, "\nusername=ours\npassword=v1/repos/Repo\n") {
		t.Errorf("git credential fill: %q", got)
	}
	if got := git("", "config", "--get-urlmatch", "http", url+"/"); got != "http.emptyauth false\nhttp.maxretries 3\nhttp.maxretrytime 120\nhttp.proactiveauth basic\nhttp.retryafter 2\n" {
		t.Errorf("http.*: %q", got)
	}
}
