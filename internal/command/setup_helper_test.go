package command

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"git-credential-codecommit/awsprofile"
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
		line += shellWord(arg) + " "
	}
	const want = `--profile 'it'\''s mine' --role-arn arn:aws:iam::111122223333:role/X --external-id 'a b' --mfa-serial s --role-session-name alice ` +
		`--duration 1h30m --region us-east-2 --account 111122223333 --allow-host git.example.com --allow-host b.example.com --no-cache `
	if line != want {
		t.Errorf("%s", line)
	}
	words, err := awsprofile.SplitWords(line)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := wantedBy(Process{LookupEnv: func(string) (string, bool) { return "", false }, Home: func() string { return "" }}, words)
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
		p := Process{Args: []string{"nowhere"}, Executable: func() (string, error) { return program, nil }}
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
		p := Process{Args: []string{"nowhere"}, Executable: func() (string, error) { return program, nil }}
		s := setupFlags{flags: &flags{profile: "a b"}}
		value, err := s.helperValue(p)
		var f *failure
		if !errors.As(err, &f) {
			t.Errorf("%s: %q, %v", program, value, err)
			continue
		}
		link := shellWord(filepath.Dir(program) + "/" + Name)
		if !strings.Contains(f.Error(), filepath.Base(program)) ||
			f.hints[0] != "run: ln -s "+shellWord(program)+" "+link || f.hints[1] != "then run setup by that name: "+link+" setup" {
			t.Errorf("%v: %q", f, f.hints)
		}
	}
}
