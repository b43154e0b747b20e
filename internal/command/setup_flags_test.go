package command

import (
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// A line that a shell splits yields the flags again.
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
	selected, err := selectionOf(cli.Process{LookupEnv: func(string) (string, bool) { return "", false }, Home: func() string { return "" }}, words, nil)
	if err != nil || len(selected.Args) != len(words) {
		t.Errorf("%q, %v", selected.Args, err)
	}
}
