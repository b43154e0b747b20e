package doctor

import (
	"slices"
	"testing"

	"git-credential-codecommit/internal/gitconfig"
)

func TestParseLine(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct {
		program string
		gits    bool
		args    []string
	}{
		"codecommit":                 {helperName, true, nil},
		"codecommit --profile dev":   {helperName, true, []string{"--profile", "dev"}},
		"codecommit --profile 'a b'": {helperName, true, []string{"--profile", "a b"}},
		"/usr/local/bin/git-credential-codecommit --profile dev":           {"/usr/local/bin/git-credential-codecommit", false, []string{"--profile", "dev"}},
		"!'/opt/my tools/git-credential-codecommit' --profile dev":         {"/opt/my tools/git-credential-codecommit", false, []string{"--profile", "dev"}},
		"!git-credential-codecommit --profile dev $@":                      {helperName, false, []string{"--profile", "dev"}},
		"!git credential-codecommit --profile dev":                         {helperName, true, []string{"--profile", "dev"}},
		"git-credential-codecommit --profile dev":                          {"git-credential-git-credential-codecommit", true, []string{"--profile", "dev"}}, // a common slip
		"!'C:/Program Files/bin/git-credential-codecommit.exe' --no-cache": {"C:/Program Files/bin/git-credential-codecommit.exe", false, []string{"--no-cache"}},
	} {
		line, ok := parseLine(gitconfig.Entry{Value: value})
		if !ok || line.program != want.program || line.gits != want.gits || !slices.Equal(line.args, want.args) {
			t.Errorf("%q: %+v, %v", value, line, ok)
		}
	}
	for _, value := range []string{
		"", "store", "manager", "osxkeychain", "!codecommit", "!aws codecommit credential-helper $@", "!f() { git-credential-codecommit; }; f",
		"cache --timeout 60", "codecommit2", "!AWS_PROFILE=dev git-credential-codecommit", "/usr/bin/codecommit", "!'unclosed",
	} {
		if line, ok := parseLine(gitconfig.Entry{Value: value}); ok {
			t.Errorf("%q: %+v", value, line)
		}
	}
}

// What follows the first word of somebody else's line may be secret.
func TestNameOf(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"store":                          "store",
		"store --file x":                 "store …",
		"!f() { echo password=secret; }": "!f() …",
		"!AWS_SECRET_ACCESS_KEY=secret":  "!AWS_SECRET_ACCESS_KEY …",
		"":                               `""`,
	} {
		if got := nameOf(gitconfig.Entry{Value: value}); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
}

func TestProfileOf(t *testing.T) {
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
		if got := profileOf(gitconfig.Entry{Value: value}); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}
