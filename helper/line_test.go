package helper

import (
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
)

func TestParseLine(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]Line{
		"codecommit":                 {Program: cli.Name, ByGit: true},
		"codecommit --profile dev":   {Program: cli.Name, ByGit: true, Args: []string{"--profile", "dev"}},
		"codecommit --profile 'a b'": {Program: cli.Name, ByGit: true, Args: []string{"--profile", "a b"}},
		"/usr/local/bin/git-credential-codecommit --profile dev":           {Program: "/usr/local/bin/git-credential-codecommit", Args: []string{"--profile", "dev"}},
		"!'/opt/my tools/git-credential-codecommit' --profile dev":         {Program: "/opt/my tools/git-credential-codecommit", Args: []string{"--profile", "dev"}},
		"!git-credential-codecommit --profile dev $@":                      {Program: cli.Name, Args: []string{"--profile", "dev"}},
		`!git-credential-codecommit --profile dev "$@"`:                    {Program: cli.Name, Args: []string{"--profile", "dev"}},
		"!git credential-codecommit --profile dev":                         {Program: cli.Name, ByGit: true, Args: []string{"--profile", "dev"}},
		"!'C:/Program Files/bin/git-credential-codecommit.exe' --no-cache": {Program: "C:/Program Files/bin/git-credential-codecommit.exe", Args: []string{"--no-cache"}},
		"!AWS_PROFILE=dev git-credential-codecommit":                       {Program: cli.Name, Env: []string{"AWS_PROFILE=dev"}},
		"!A=1 B='2 3' git credential-codecommit --no-cache":                {Program: cli.Name, ByGit: true, Env: []string{"A=1", "B=2 3"}, Args: []string{"--no-cache"}},
		// Git cannot run these, although they try to run this program.
		"git-credential-codecommit --profile dev":                  {Program: "git-credential-git-credential-codecommit", ByGit: true, Args: []string{"--profile", "dev"}},
		"'/opt/my tools/git-credential-codecommit' --profile dev":  {Program: "git-credential-/opt/my tools/git-credential-codecommit", ByGit: true, Args: []string{"--profile", "dev"}},
		`"/usr/local/bin/git-credential-codecommit" --profile dev`: {Program: "git-credential-/usr/local/bin/git-credential-codecommit", ByGit: true, Args: []string{"--profile", "dev"}},
	} {
		line, ok := ParseLine(value)
		if !ok || line.Program != want.Program || line.ByGit != want.ByGit || !slices.Equal(line.Args, want.Args) || !slices.Equal(line.Env, want.Env) {
			t.Errorf("%q: %+v, %v", value, line, ok)
		}
	}
	for _, value := range []string{
		"", "!", "store", "manager", "osxkeychain", "!codecommit", "!aws codecommit credential-helper $@", "!f() { git-credential-codecommit; }; f",
		"cache --timeout 60", "codecommit2", "/usr/bin/codecommit", "!'unclosed", "!1=2 git-credential-codecommit", "!A=b",
	} {
		if line, ok := ParseLine(value); ok {
			t.Errorf("%q: %+v", value, line)
		}
	}
}

func TestAWSProfile(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"!aws codecommit --profile team credential-helper $@":             "team",
		"!aws --profile team codecommit credential-helper $@":             "team",
		"!aws --profile=team codecommit credential-helper $@":             "team",
		"!'/opt/a b/aws' codecommit credential-helper --profile 'a b' $@": "a b",
		"!aws.exe codecommit --profile team credential-helper $@":         "team",
		"!aws codecommit credential-helper $@":                            "",
		"!aws codecommit credential-helper --profile":                     "",
		"!aws s3 ls --profile team":                                       "",
		"!other --profile team credential-helper":                         "",
		"aws codecommit --profile team credential-helper":                 "",
		"!":  "",
		"!'": "",
		"":   "",
	} {
		if got := AWSProfile(value); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

// awkward are arguments that a shell would change if they were not quoted.
var awkward = []string{"p", "a b", "--evil", "-x", "x; touch owned", "$(touch owned)", "`touch owned`", `it's "so"`, `back\slash`, "*", "~", "#", "!x", "zoë", "a=b", ""}

// A shell splits the line as git's shell would.
func TestLineRunsTheProgramWithItsArguments(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("git includes a shell there")
	}
	for _, program := range []string{"/usr/bin/git-credential-codecommit", "/a folder/it's/git-credential-codecommit"} {
		line := Line{Program: program, Args: awkward}
		out, err := exec.Command("sh", "-c", `printf '%s\n' `+strings.TrimPrefix(line.String(), "!")+" get").Output()
		want := slices.Concat([]string{program}, awkward, []string{"get"})
		if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", line, got, err, want)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, arg := range awkward {
		f.Add("/usr/bin", arg)
	}
	f.Add("/a folder/it's", "--profile=a b")
	f.Fuzz(func(t *testing.T, dir, arg string) {
		if !strings.HasPrefix(dir, "/") || strings.Contains(dir+arg, "\x00") || arg == "$@" {
			return
		}
		line := Line{Program: dir + "/" + cli.Name, Args: []string{"--profile", arg}}
		got, ok := ParseLine(line.String())
		if !ok || got.Program != line.Program || got.ByGit || len(got.Env) != 0 || !slices.Equal(got.Args, line.Args) {
			t.Errorf("%s: %+v, %v", line, got, ok)
		}
		if got := LineProfile(line.String()); got != arg {
			t.Errorf("%s: profile %q", line, got)
		}
	})
}
