package command

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
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
		version, commit := versionOf(test.version, test.commit, test.info)
		if version != test.wantVersion || commit != test.wantCommit {
			t.Errorf("%q, %q: got %q, %q", test.version, test.commit, version, commit)
		}
	}
}
