package command

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/internal/cli"
)

// Git's request.
const (
	ourRequest     = "capability[]=authtype\nprotocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\npath=v1/repos/SharedDemoRepo\n\n"
	foreignRequest = "capability[]=authtype\nprotocol=https\nhost=github.com\npath=example/app.git\n\n"
)

// gets are the forms of get that need no network. The session's key is the AWS
// CLI's: the SHA-1 of {"RoleArn": "arn:aws:iam::111122223333:role/R"}.
var gets = []struct {
	name, profile, request string
	// most is what a get may allocate: a quarter more than when this was written.
	// Exceed it only for a known reason.
	most float64
}{
	{"foreign", "keys", foreignRequest, 60},
	{"keys", "keys", ourRequest, 240},
	{"session", "role", ourRequest, 460}, // the store goes through a directory descriptor
}

var getNow = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

// newGetProcess creates a HOME with keys and a stored role session, and returns a
// function that runs a get in it.
func newGetProcess(tb testing.TB) func(profile, request string) (answer string) {
	home := tb.TempDir()
	cache := filepath.Join(home, ".aws", "cli", "cache")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		tb.Fatal(err)
	}
	for name, content := range map[string]string{
		filepath.Join(home, ".aws", "config"): "[profile keys]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n" +
			"[profile role]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = keys\nregion = us-east-2\n",
		filepath.Join(cache, "9f6de0e54f0bab369e7d3e83f0126cd6be8735a2.json"): `{"Credentials": {"AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "secret", "SessionToken": "` + strings.Repeat("t", 800) + `", "Expiration": "2026-11-22T06:00:00Z"},` +
			` "AssumedRoleUser": {"AssumedRoleId": "AROAEXAMPLE:s", "Arn": "arn:aws:sts::111122223333:assumed-role/R/s"}}`,
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return func(profile, request string) string {
		var out bytes.Buffer
		code := Run(cli.Process{
			Args:            []string{cli.Name, "--profile", profile, "get"},
			Stdin:           strings.NewReader(request),
			Stdout:          &out,
			Stderr:          io.Discard,
			StdinIsTerminal: func() bool { return false },
			LookupEnv: func(name string) (string, bool) {
				if name == "HOME" {
					return home, true
				}
				return "", false
			},
			Home: func() string { return home },
			Now:  func() time.Time { return getNow },
		})
		if code != 0 {
			tb.Fatalf("exit %d", code)
		}
		return out.String()
	}
}

func BenchmarkGet(b *testing.B) {
	for _, g := range gets {
		b.Run(g.name, func(b *testing.B) {
			get := newGetProcess(b)
			b.ReportAllocs()
			for b.Loop() {
				get(g.profile, g.request)
			}
		})
	}
}

func TestGetAllocations(t *testing.T) {
	for _, g := range gets {
		get := newGetProcess(t)
		if answer := get(g.profile, g.request); (answer == "") != (g.name == "foreign") {
			t.Errorf("%s: answer %q", g.name, answer)
		}
		allocations := testing.AllocsPerRun(10, func() { get(g.profile, g.request) })
		t.Logf("%s: %.0f allocations", g.name, allocations)
		if allocations > g.most {
			t.Errorf("%s: %.0f allocations, more than %.0f", g.name, allocations, g.most)
		}
	}
}

// A request for another host uses nothing, not even the environment, the clock or
// the home folder.
func TestForeignRequestsTouchNothing(t *testing.T) {
	for _, action := range []string{"get", "store", "erase"} {
		touched := func(what string) { t.Errorf("%s: %s", action, what) }
		code := Run(cli.Process{
			Args:            []string{cli.Name, "--profile", "keys", action},
			Stdin:           strings.NewReader(foreignRequest),
			Stdout:          io.Discard,
			Stderr:          io.Discard,
			StdinIsTerminal: func() bool { touched("stdin's terminal"); return false },
			StdoutColumns:   func() int { touched("stdout's terminal"); return 0 },
			LookupEnv:       func(name string) (string, bool) { touched("$" + name); return "", false },
			Environ:         func() []string { touched("environment"); return nil },
			Executable:      func() (string, error) { touched("executable"); return "", nil },
			Home:            func() string { touched("home"); return "" },
			Now:             func() time.Time { touched("clock"); return time.Time{} },
		})
		if code != 0 {
			t.Errorf("%s: exit %d", action, code)
		}
	}
}
