package setup

import (
	"path/filepath"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

func TestHelperLine(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"/usr/local/bin/git-credential-codecommit":       "/usr/local/bin/git-credential-codecommit --profile 'a b'",
		"/opt/my tools/git-credential-codecommit":        "!'/opt/my tools/git-credential-codecommit' --profile 'a b'",
		"/opt/it's/git-credential-codecommit":            `!'/opt/it'\''s/git-credential-codecommit' --profile 'a b'`,
		"C:/Program Files/git-credential-codecommit.exe": "!'C:/Program Files/git-credential-codecommit.exe' --profile 'a b'",
	} {
		if got, err := helperLine(program, []string{"--profile", "a b"}); err != nil || got != want {
			t.Errorf("%s: %s, %v", program, got, err)
		}
	}
}

// Setup must recognize its lines in order to change and remove them.
func TestHelperLineOfAnotherName(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"/opt/my tools/gcc-codecommit-1.2", "/usr/bin/git-credential-codecommit-1.2", "/git-credential-codecommit/x"} {
		value, err := helperLine(program, nil)
		if err == nil {
			t.Errorf("%s: %q", program, value)
			continue
		}
		hints := cli.HintsOf(err)
		link := shell.Word(filepath.Dir(program) + "/" + cli.Name)
		if !strings.Contains(err.Error(), filepath.Base(program)) || hints[0] != cli.Run("ln -s "+shell.Word(program)+" "+link) {
			t.Errorf("%v: %v", err, hints)
		}
	}
}

// Lines from guides and scripts.
func TestProfileOf(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"codecommit --profile a":                                         "a",
		"!AWS_PROFILE=a git-credential-codecommit":                       "a",
		`!f() { AWS_PROFILE=a git-credential-codecommit "$@"; }; f`:      "a",
		`!f(){ git credential-codecommit --profile 'a' "$@";};f`:         "a",
		"!aws codecommit --profile a credential-helper $@":               "a",
		"!aws --profile a codecommit credential-helper $@":               "a",
		`!f() { aws --profile a codecommit credential-helper "$@"; }; f`: "a",
		"/usr/local/bin/git-credential-codecommit --role-arn x":          "",
		"!aws codecommit credential-helper $@":                           "",
		"store --profile a":                                              "",
		"!other --profile a":                                             "",
		"'/opt/my tools/git-credential-codecommit' --profile a":          "a",
	} {
		if got := profileOf(value); got != want {
			t.Errorf("%s: %q", value, got)
		}
	}
}
