//go:build unix

package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
)

// The error of a failed program contains its path and its last line, and no secret.
func TestLastWordsOfProcess(t *testing.T) {
	t.Parallel()
	const failed = " failed (exit status 1)"
	for name, c := range map[string]struct{ script, want string }{
		"a sentence":                  {`echo first >&2; echo "your sign-in has ended, run corp-login" >&2; exit 1`, failed + ": your sign-in has ended, run corp-login"},
		"without a line end":          {`printf 'no such vault' >&2; exit 1`, failed + ": no such vault"},
		"blank lines after it":        {`printf 'no such vault\r\n\n  \n' >&2; exit 1`, failed + ": no such vault"},
		"a progress bar":              {`printf '10%%\r20%%\rfailed' >&2; exit 1`, failed + ": failed"},
		"silence":                     {`exit 1`, failed},
		"standard output":             {`echo "a sentence"; exit 1`, failed},
		"control characters":          {`printf '\033[31mred\007' >&2; exit 1`, failed + ": ?[31mred?"},
		"a long line":                 {`printf '%300s' x | tr ' ' y >&2; exit 1`, failed + ": " + strings.Repeat("y", maxLastWords-1) + "…"},
		"what it printed":             {`echo 'wJalrXUtnFEMI/K7MDENG'; echo "key: wJalrXUtnFEMI/K7MDENG" >&2; exit 1`, failed},
		"what it printed, as a part":  {`echo '"wJalrXUtnFEMI/K7MDENG"'; echo "+ KEY=wJalrXUtnFEMI/K7MDENG" >&2; exit 1`, failed},
		"what it printed, escaped":    {`printf '%s' '"wJalr\/XUtnFEMI\/K7MDENG\/bPxRfi"'; echo "wJalr/XUtnFEMI/K7MDENG/bPxRfi" >&2; exit 1`, failed},
		"what it printed, unescaped":  {`printf '%s' 'wJalr/XUtnFEMI/K7MDENG/bPxRfi'; printf '%s\n' 'wJalr\/XUtnFEMI\/K7MDENG\/bPxRfi' >&2; exit 1`, failed},
		"short words that it printed": {`echo '{"Error": "not found"}'; echo "Error: not found" >&2; exit 1`, failed + ": Error: not found"},
		"the name of a secret":        {`echo 'SecretAccessKey is wJalr' >&2; exit 1`, failed},
		"a variable of a secret":      {`set -x; AWS_SECRET_ACCESS_KEY=wJalr; exit 1`, failed + ": + exit 1"},
		"a variable at the end":       {`echo '+ AWS_SESSION_TOKEN=wJalr' >&2; exit 1`, failed},
		"an endless line":             {`head -c 200000 /dev/zero | tr '\0' x >&2; exit 1`, failed},
		"a long history":              {`head -c 200000 /dev/zero | tr '\0' '\n' >&2; echo the end >&2; exit 1`, failed + ": the end"},
	} {
		_, _, err := runProcess(t, c.script, time.Minute)
		if err == nil || !strings.HasSuffix(err.Error(), `/sh"`+c.want) {
			t.Errorf("%s: %v; want …%s", name, err, c.want)
		}
	}
}

func TestProcessIsNamedByItsPath(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "not-executable")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"no-such-program-anywhere": `"no-such-program-anywhere" is not found`,
		"/nowhere/at/all":          `"/nowhere/at/all" is not found`,
		"TOKEN=CANARY sh -c true":  `"TOKEN"… is not found`,
		"sh -c CANARY":             `"sh"… is not found`, // all in quotes
		file:                       fmt.Sprintf("%q is not executable", file),
	} {
		w := newWalk(awsprofile.Chain{}, Options{Now: time.Now})
		_, err := process{awsprofile.Process{Command: []string{command, "--password", "CANARY"}}}.credentials(t.Context(), w)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", command, err, want)
		}
	}
}

// A sign-in may take a person longer than two minutes: with a terminal, a program
// has no time limit.
func TestProcessHasNoTimeLimitOnTheTerminal(t *testing.T) {
	t.Parallel()
	ctx, cancel := limited(t.Context(), &terminal{})
	defer cancel()
	if end, ok := ctx.Deadline(); ok {
		t.Errorf("with the terminal: until %s", end)
	}
	ctx, cancel = limited(t.Context(), nil)
	defer cancel()
	if end, ok := ctx.Deadline(); !ok || time.Until(end) < 110*time.Second || time.Until(end) > 2*time.Minute {
		t.Errorf("without: until %s, %v", end, ok)
	}
}

// JSON names are exact: a different spelling is a different member.
func TestProcessWithOtherNames(t *testing.T) {
	t.Parallel()
	creds, err := fromProcess([]byte(`{"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "accesskeyid": "AKIAANOTHER", "SecretAccessKey": "s", "secretAccessKey": "x"}`))
	if err != nil || creds.AccessKeyID != "AKIAIOSFODNN7EXAMPLE" || creds.SecretAccessKey != "s" {
		t.Errorf("got %#v, %v", creds, err)
	}
	for _, answer := range []string{
		`{"Version": 1, "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s"}`,
		`{"version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s"}`,
		`{"Version": 1, "AccessKeyId": 1, "SecretAccessKey": "s"}`, `null`, `[]`, ``,
	} {
		if creds, err := fromProcess([]byte(answer)); err == nil {
			t.Errorf("%s: got %#v", answer, creds)
		}
	}
}

// Root does not run what another user may have configured, unless that user ran
// sudo.
func TestRootRunsNoProcessOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const owner = 65533
	for name, c := range map[string]struct {
		owned string // what belongs to another user, below the home folder
		link  string // this is a symbolic link to the file
		sudo  string // SUDO_UID
		runs  bool
	}{
		"root's":                       {runs: true},
		"another user's file":          {owned: ".aws/config"},
		"another user's folder":        {owned: ".aws"},
		"another user's home":          {owned: "."},
		"a link of root":               {link: "link", runs: true},
		"a link to another's file":     {link: "link", owned: ".aws/config"},
		"a link to another's folder":   {link: "link", owned: ".aws"},
		"a link of another user":       {link: "link", owned: "link"},
		"a link in another's folder":   {link: "dir/link", owned: "dir"},
		"a link through another's":     {link: "dir/../link", owned: "dir"},
		"of the user who uses sudo":    {owned: ".", sudo: "65533", runs: true},
		"of another than that":         {owned: ".aws", sudo: "65534"},
		"a link of the user with sudo": {link: "link", owned: "link", sudo: "65533", runs: true},
	} {
		home := t.TempDir()
		file := filepath.Join(home, ".aws", "config")
		for _, dir := range []string{filepath.Dir(file), filepath.Join(home, "dir")} {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		path := file
		if c.link != "" {
			path = home + "/" + c.link
			if err := os.Symlink(file, path); err != nil {
				t.Fatal(err)
			}
		}
		if c.owned != "" {
			if err := os.Lchown(filepath.Join(home, c.owned), owner, owner); err != nil {
				t.Fatal(err)
			}
		}
		ran := filepath.Join(t.TempDir(), "ran")
		w := newWalk(awsprofile.Chain{}, Options{Now: time.Now, Home: home, SudoUID: c.sudo})
		p := process{awsprofile.Process{Command: []string{"sh", "-c", "touch " + ran + "; " + goodAnswer}, Path: path}}
		_, err := p.credentials(t.Context(), w)
		if _, missing := os.Stat(ran); (missing == nil) != c.runs || (err == nil) != c.runs {
			t.Errorf("%s: %v", name, err)
		}
		if c.runs {
			continue
		}
		// Its owner may remove the file in the meantime.
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := p.credentials(t.Context(), w); err == nil {
			t.Errorf("%s, and is removed meanwhile: no error", name)
		}
	}
}

// A long last line and a long output are compared in milliseconds.
func TestMayHoldSecretCostsLittle(t *testing.T) {
	t.Parallel()
	out := strings.Repeat(strings.Repeat("a", 15)+"b", maxProcessOutput/16)
	began := time.Now()
	if MayHoldSecret(strings.Repeat("a", maxProcessErrors), out) {
		t.Error("the line has no part of the output")
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	if !MayHoldSecret(strings.Repeat("a", maxProcessErrors)+"b", out) {
		t.Error("the line has a part of the output")
	}
}
