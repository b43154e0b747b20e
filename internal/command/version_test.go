package command

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
)

func TestThisBuild(t *testing.T) {
	t.Parallel()
	built := &debug.BuildInfo{
		Main:     debug.Module{Version: "v1.2.4-0.20260101000000-0123456789ab"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}},
	}
	for _, test := range []struct {
		version, commit         string
		info                    *debug.BuildInfo
		wantVersion, wantCommit string
	}{
		{"1.2.3", "abc", built, "1.2.3", "abc"},
		{"", "", built, "1.2.4-0.20260101000000-0123456789ab", "0123456789abcdef"},
		{"1.2.3", "", &debug.BuildInfo{}, "1.2.3", "unknown"},
		{"", "", nil, "(devel)", "unknown"},
	} {
		got := thisBuild(test.version, test.commit, test.info)
		want := build{test.wantVersion, test.wantCommit, runtime.Version(), runtime.GOOS, runtime.GOARCH}
		if got != want {
			t.Errorf("%q, %q: got %+v, want %+v", test.version, test.commit, got, want)
		}
	}
}

func TestVersionPrintsTheSameAsTextAndAsJSON(t *testing.T) {
	t.Parallel()
	print := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		p := cli.Process{
			Args: append([]string{cli.Name, "version"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard,
			StdinIsTerminal: func() bool { return true },
			LookupEnv:       func(string) (string, bool) { return "", false },
		}
		if exit := Run(p); exit != cli.ExitOK {
			t.Fatalf("version %q: exit %d", args, exit)
		}
		return out.String()
	}
	var b build
	if err := json.Unmarshal([]byte(print("--json")), &b); err != nil {
		t.Fatal(err)
	}
	want := cli.Name + " " + b.Version + " (commit " + b.Commit + ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")\n"
	if got := print(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
