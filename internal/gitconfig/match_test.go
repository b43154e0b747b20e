package gitconfig

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const repository = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo"

// What setup's patterns are expected to match.
func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, url string
		want         bool
	}{
		{"https://git-codecommit.*.amazonaws.com", repository, true},
		{"https://*.git-codecommit.*.vpce.amazonaws.com", "https://vpce-0b4-jkl.git-codecommit.us-east-1.vpce.amazonaws.com/v1/repos/X", true},
		{"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo", repository + "/info/lfs", true},
		{"https://git-codecommit.*.amazonaws.com", "https://git-codecommit-fips.us-east-2.amazonaws.com/v1/repos/X", false},
		{"https://git-codecommit.*.amazonaws.com", "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/X", false},
		{"https://git-codecommit.*.amazonaws.com", "https://vpce-0b4-jkl.git-codecommit.us-east-1.vpce.amazonaws.com/v1/repos/X", false},
		{"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemo", repository, false},
		{"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/mydemorepo", repository, false},
		{"git-codecommit.us-east-2.amazonaws.com", repository, true},
		{"https://", repository, true},
		{"git-codecommit.*.amazonaws.com", repository, false},
	} {
		if got := Matches(c.pattern, c.url); got != c.want {
			t.Errorf("Matches(%q, %q) = %v", c.pattern, c.url, got)
		}
	}
	if !Covers("https://*.amazonaws.com", "https://*.amazonaws.com/v1") || Covers("https://a.amazonaws.com", "https://*.amazonaws.com") {
		t.Error("a pattern is covered by those that apply to all of its URLs")
	}
}

// Parts of patterns and URLs.
var (
	schemes = []string{"https://", "https://", "https://", "HTTPS://", "http://", "://", "", "1https://"}
	users   = []string{"", "", "", "", "alice@", "@", ":@", "alice:secret@", "al%69ce@", "a%3Ab@"}
	hosts   = []string{
		"example.com", "example.com", "example.com.", "EXAMPLE.com", "*.com", "*.*", "ex*.com", "example.org", "a-b.example.com", "a%2Db.example.com",
		"*.example.com", "example..com", "[::1]", "", "ex ample.com",
	}
	ports = []string{"", "", "", "", ":443", ":0443", ":", ":8443", ":0", ":65536", ":x"}
	// Not just "/.", which git compares with a possibly outdated pointer.
	paths = []string{
		"", "", "/", "//", "/v1", "/v1/", "//v1", "/v1/repos/X", "/v1/repos/x", "/v1/./repos/X", "/v1/../v1", "/..", "/v1//repos", "/v1%2frepos/X", "/v1%2Frepos",
		"/%76%31", "/v1/%zz", "/v1/a+b", "/v1/a%2Bb", "/v1/a b", "/v1?q=1", "/v1#f", "?q", "/v1/repos/X/info/lfs", "/a:b%20c", "/%2e%2e", "/v1/%2e",
	}
)

func randomURL(random *rand.Rand) string {
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	return pick(schemes) + pick(users) + pick(hosts) + pick(ports) + pick(paths)
}

// TestMatchesAsGit compares with git for random patterns and URLs.
func TestMatchesAsGit(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	config := filepath.Join(t.TempDir(), "config")
	var patterns []string
	var text strings.Builder
	for i := range 600 {
		patterns = append(patterns, randomURL(random))
		fmt.Fprintf(&text, "[credential %s]\n\tn%d = yes\n", quoteSubsection(patterns[i]), i)
	}
	writeFile(t, config, text.String())
	matched := 0
	for range 60 {
		url := randomURL(random)
		out, err := exec.Command("git", "config", "--file", config, "--get-urlmatch", "credential", url).Output()
		_, valid := normalizeURL(url, false)
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() > 1 && valid {
			t.Errorf("git refuses %q: %s", url, exit.Stderr)
		} else if err == nil && !valid {
			t.Errorf("git accepts %q", url)
		}
		lines := strings.Fields(string(out))
		for i, pattern := range patterns {
			_, whole := normalizeURL(pattern, true)
			want := slices.Contains(lines, fmt.Sprintf("credential.n%d", i))
			if got := whole && Matches(pattern, url); got != want {
				t.Errorf("%q for %q: %v, git says %v", pattern, url, got, want)
			}
			if want {
				matched++
			}
		}
	}
	if matched < 50 {
		t.Errorf("only %d matches: the test shows little", matched)
	}
}

// TestCredentialOfAsGit compares with the helpers that git runs, and whether git
// sends them the path.
func TestCredentialOfAsGit(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a shell has to be started for each helper")
	}
	cache := NewCache()
	random := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	config, log := filepath.Join(dir, ".gitconfig"), filepath.Join(dir, "log")
	var text strings.Builder
	for i := range 150 {
		fmt.Fprintf(&text, "[credential %s]\n\thelper = \"!f() { cat >/dev/null; echo n%d >>%s; }; f\"\n", quoteSubsection(randomURL(random)), i, log)
	}
	for _, partial := range []string{"example.com", "/v1", "https://example.com/v1/repos/X", "alice@example.com", "/v1/repos/X", "https://"} {
		fmt.Fprintf(&text, "[credential %s]\n\thelper = \"!f() { cat >/dev/null; echo %s >>%s; }; f\"\n", quoteSubsection(partial), partial, log)
	}
	writeFile(t, config, text.String())
	entries := list(t, config)
	urls := []string{"https://example.com/v1", "https://example.com/v1/repos/X/", "https://alice@example.com//v1/./repos", "https://a%2Db.example.com/v1%2frepos/X"}
	for range 20 {
		urls = append(urls, randomURL(random))
	}
	asked := 0
	for _, url := range urls {
		if c := parseCredential(url); c.protocol == nil || c.host == nil || *c.host == "" {
			continue // git asks for none of these
		}
		_ = os.Remove(log)
		cmd := exec.Command("git", "credential", "fill")
		cmd.Env = append(cmd.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir, "XDG_CONFIG_HOME="+dir, "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "GIT_DIR="+filepath.Join(dir, "none"))
		cmd.Stdin = strings.NewReader("url=" + url + "\n\n")
		_ = cmd.Run() // there is no answer
		text, _ := os.ReadFile(log)
		want := strings.Fields(string(text))
		var got []string
		for _, e := range CredentialOf(entries, url, Proactive).Helpers {
			_, rest, _ := strings.Cut(e.Value, "echo ")
			name, _, _ := strings.Cut(rest, " ")
			got = append(got, name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, git asks %q", url, got, want)
		}
		for range 2 {
			if cached := cache.CredentialOf(entries, url); !slices.EqualFunc(cached.Helpers, CredentialOf(entries, url, Proactive).Helpers, func(x, y Entry) bool { return x.Value == y.Value }) {
				t.Errorf("%q: the cache has %v", url, cached.Helpers)
			}
		}
		asked += len(want)
	}
	if asked < 20 {
		t.Errorf("only %d helpers asked: the test shows little", asked)
	}
}

// quoteSubsection quotes the name of a subsection as in a file.
func quoteSubsection(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		t.Fatalf("git %q: %v", args, err)
	}
	return string(out)
}
