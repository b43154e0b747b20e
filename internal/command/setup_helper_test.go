package command

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// A line that the shell takes apart is the flags again.
func TestHelperArgs(t *testing.T) {
	t.Parallel()
	var d duration
	if err := d.Set("90m"); err != nil {
		t.Fatal(err)
	}
	f := flags{
		profile: "it's mine", roleARN: "arn:aws:iam::111122223333:role/X", externalID: "a b", mfaSerial: "s", roleSessionName: "alice", duration: d,
		region: "us-east-2", account: "111122223333", allowHosts: []string{"git.example.com", "b.example.com"}, noCache: true,
	}
	line := ""
	for _, arg := range f.args() {
		line += shell.Word(arg) + " "
	}
	const want = `--profile 'it'\''s mine' --role-arn arn:aws:iam::111122223333:role/X --external-id 'a b' --mfa-serial s --role-session-name alice ` +
		`--duration 1h30m --region us-east-2 --account 111122223333 --allow-host git.example.com --allow-host b.example.com --no-cache `
	if line != want {
		t.Errorf("%s", line)
	}
	words, err := shell.Split(line)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := wantedBy(cli.Process{LookupEnv: func(string) (string, bool) { return "", false }, Home: func() string { return "" }}, words)
	if err != nil || len(wanted.Args) != len(words) {
		t.Errorf("%q, %v", wanted.Args, err)
	}
}

func TestHelperValue(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"/usr/local/bin/git-credential-codecommit":       "/usr/local/bin/git-credential-codecommit --profile 'a b'",
		"/opt/my tools/git-credential-codecommit":        "!'/opt/my tools/git-credential-codecommit' --profile 'a b'",
		"/opt/it's/git-credential-codecommit":            `!'/opt/it'\''s/git-credential-codecommit' --profile 'a b'`,
		"C:/Program Files/git-credential-codecommit.exe": "!'C:/Program Files/git-credential-codecommit.exe' --profile 'a b'",
	} {
		p := cli.Process{Args: []string{"nowhere"}, Executable: func() (string, error) { return program, nil }}
		s := setupFlags{flags: &flags{profile: "a b"}}
		if got, err := s.helperValue(p); err != nil || got != want {
			t.Errorf("%s: %s, %v", program, got, err)
		}
	}
}

// Setup must know its own lines again, to change them and to take them back.
func TestHelperValueOfAnotherName(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"/opt/my tools/gcc-codecommit-1.2", "/usr/bin/git-credential-codecommit-1.2", "/git-credential-codecommit/x"} {
		p := cli.Process{Args: []string{"nowhere"}, Executable: func() (string, error) { return program, nil }}
		s := setupFlags{flags: &flags{profile: "a b"}}
		value, err := s.helperValue(p)
		var f *cli.Error
		if !errors.As(err, &f) {
			t.Errorf("%s: %q, %v", program, value, err)
			continue
		}
		link := shell.Word(filepath.Dir(program) + "/" + cli.Name)
		if !strings.Contains(f.Error(), filepath.Base(program)) ||
			f.Fix[0] != cli.Run("ln -s "+shell.Word(program)+" "+link) || f.Fix[1] != cli.Advice("then run setup by that name: "+link+" setup") {
			t.Errorf("%v: %v", f, f.Fix)
		}
	}
}
