package remote

import (
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/internal/gitconfig"
)

// lfsEntries is a configuration with git-lfs, a remote, and KEY=VALUE lines.
func lfsEntries(lines ...string) []gitconfig.Entry {
	var entries []gitconfig.Entry
	for _, line := range append([]string{"filter.lfs.process=git-lfs filter-process", "remote.origin.url=codecommit::us-east-2://p@R"}, lines...) {
		// A key contains dots, and its value "=": the name follows the last dot
		// before "=".
		key, value, _ := strings.Cut(line, "=")
		section, rest, _ := strings.Cut(key, ".")
		last := strings.LastIndexByte(rest, '.')
		entries = append(entries, gitconfig.Entry{Key: gitconfig.Key{Section: section, Subsection: rest[:last], Name: rest[last+1:]}, Value: value})
	}
	return entries
}

const (
	lfsTestHost = "git-codecommit.us-east-2.amazonaws.com"
	lfsTestPath = lfsTestHost + "/v1/repos/R.git/info/lfs"
)

var lfsConfigured = []string{
	"credential.https://p@" + lfsTestPath + ".helper=",
	"credential.https://p@" + lfsTestPath + ".helper=/bin/git-remote-codecommit --profile=p",
	"credential.https://" + lfsTestHost + ".useHttpPath=true",
	"lfs.https://" + lfsTestPath + ".access=basic",
	"remote.origin.lfsurl=https://p@" + lfsTestPath,
}

func TestLFSIsConfiguredOnce(t *testing.T) {
	t.Parallel()
	r := lfsRemote{name: "origin", address: "us-east-2://p@R", host: lfsTestHost, profile: "p", repo: "R", line: "/bin/git-remote-codecommit --profile=p"}
	var got []string
	for _, c := range r.commands(lfsEntries()) {
		got = append(got, c[1]+"="+c[2])
	}
	if !slices.Equal(got, lfsConfigured) {
		t.Errorf("got %q", got)
	}
	if again := r.commands(lfsEntries(lfsConfigured...)); again != nil {
		t.Errorf("a second time: %q", again)
	}
	// The helper is complete before git-lfs has a URL.
	if last := got[len(got)-1]; !strings.HasPrefix(last, "remote.origin.lfsurl=") {
		t.Errorf("the last one is %q", last)
	}
}

func TestLFSIsNotConfigured(t *testing.T) {
	t.Parallel()
	r := lfsRemote{name: "origin", address: "us-east-2://p@R", host: lfsTestHost, profile: "p", repo: "R", line: "x"}
	for name, entries := range map[string][]gitconfig.Entry{
		"nothing configured":     nil,
		"no git-lfs":             lfsEntries()[1:],
		"no such remote":         lfsEntries()[:1],
		"another server":         lfsEntries("remote.origin.lfsurl=https://lfs.example.com/x"),
		"another scheme":         lfsEntries("remote.origin.lfsurl=ssh://" + lfsTestPath),
		"a look-alike":           lfsEntries("remote.origin.lfsurl=https://" + lfsTestHost + ".evil.example/x"),
		"what is not even a URL": lfsEntries("remote.origin.lfsurl=:"),
	} {
		if got := r.commands(entries); got != nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Settings for another profile, or without one, are replaced.
func TestLFSFollowsTheRemotesProfile(t *testing.T) {
	t.Parallel()
	r := lfsRemote{name: "origin", address: "us-east-2://q@R", host: lfsTestHost, profile: "q", repo: "R", line: "/bin/git-remote-codecommit --profile=q"}
	for name, old := range map[string]string{"another profile's": "https://p@" + lfsTestPath, "nobody's": "https://" + lfsTestPath} {
		commands := r.commands(lfsEntries("remote.origin.lfsurl=" + old))
		if want := []string{"--replace-all", "remote.origin.lfsurl", "https://q@" + lfsTestPath}; len(commands) == 0 || !slices.Equal(commands[len(commands)-1], want) {
			t.Errorf("%s: %q", name, commands)
		}
	}
	// A helper that was added to ours is removed.
	for _, c := range r.commands(lfsEntries(append(slices.Clone(lfsConfigured), "credential.https://q@"+lfsTestPath+".helper=store")...)) {
		if c[1] == "credential.https://q@"+lfsTestPath+".helper" && c[0] == "--replace-all" && c[2] == "" {
			return
		}
	}
	t.Error("the other helper stays")
}

func TestLFSPushURLHasItsOwn(t *testing.T) {
	t.Parallel()
	entries := lfsEntries("remote.origin.pushurl=codecommit::us-east-2://w@R")
	for address, want := range map[string]string{"us-east-2://w@R": "remote.origin.lfspushurl", "us-east-2://p@R": "remote.origin.lfsurl"} {
		profile, _, _ := strings.Cut(strings.TrimPrefix(address, "us-east-2://"), "@")
		r := lfsRemote{name: "origin", address: address, host: lfsTestHost, profile: profile, repo: "R", line: "x"}
		commands := r.commands(entries)
		if last := commands[len(commands)-1]; last[1] != want || last[2] != "https://"+profile+"@"+lfsTestPath {
			t.Errorf("%s: %q", address, last)
		}
	}
}

// The username in URLs differs between profiles, and is never one that the helper
// ignores.
func TestLFSUser(t *testing.T) {
	t.Parallel()
	for profile, want := range map[string]string{"": "-", "p": "p", "alice-at-111122223333": "alice-at-111122223333-", "a b@c": "a b@c"} {
		if got := lfsUser(profile); got != want {
			t.Errorf("%q: %q", profile, got)
		}
	}
}

func TestLFSReady(t *testing.T) {
	t.Parallel()
	const address, https = "codecommit::us-east-2://p@R", "https://" + lfsTestHost + "/v1/repos/R"
	for name, test := range map[string]struct {
		entries []gitconfig.Entry
		want    bool
	}{
		"configured":         {lfsEntries(lfsConfigured...), true},
		"git-lfs is missing": {nil, true},
		"another server":     {lfsEntries("remote.origin.lfsurl=https://lfs.example.com/x"), true},
		"nothing configured": {lfsEntries(), false},
		"no helper":          {lfsEntries(lfsConfigured[2:]...), false},
		"another profile's":  {lfsEntries(append([]string{lfsConfigured[0], strings.ReplaceAll(lfsConfigured[1], "profile=p", "profile=q")}, lfsConfigured[2:]...)...), false},
		"a helper more":      {lfsEntries(append(slices.Clone(lfsConfigured), "credential.https://p@"+lfsTestPath+".helper=store")...), false},
		"a URL without user": {lfsEntries(append(slices.Clone(lfsConfigured), "remote.origin.lfsurl=https://"+lfsTestPath)...), false},
	} {
		if got := LFSReady(test.entries, "origin", address, https); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
