package gitconfig

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const repository = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo"

var patterns = []struct {
	pattern, url string
	want         bool
}{
	{"https://git-codecommit.*.amazonaws.com", repository, true},
	{"https://git-codecommit.*.amazonaws.com/", repository, true},
	{"https://git-codecommit.*.amazonaws.com:443", repository, true},
	{"HTTPS://Git-CodeCommit.us-east-2.amazonaws.COM", repository, true},
	{"https://git-codecommit.us-east-2.amazonaws.com/v1", repository, true},
	{"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo", repository, true},
	{"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo", repository + "/info/lfs", true},
	{"https://*.*.*.*", repository, true},
	{"https://alice@git-codecommit.us-east-2.amazonaws.com", "https://alice@git-codecommit.us-east-2.amazonaws.com/v1/repos/X", true},
	{"https://git-codecommit.us-east-2.amazonaws.com", "https://alice@git-codecommit.us-east-2.amazonaws.com/v1/repos/X", true},
	{"https://*.git-codecommit.*.vpce.amazonaws.com", "https://vpce-0b4-jkl.git-codecommit.us-east-1.vpce.amazonaws.com/v1/repos/X", true},

	{"https://git-codecommit.*.amazonaws.com", "https://git-codecommit-fips.us-east-2.amazonaws.com/v1/repos/X", false},
	{"https://git-codecommit.*.amazonaws.com", "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/X", false},
	{"https://git-codecommit.*.amazonaws.com", "https://vpce-0b4-jkl.git-codecommit.us-east-1.vpce.amazonaws.com/v1/repos/X", false},
	{"http://git-codecommit.*.amazonaws.com", repository, false},
	{"https://git-codecommit.us-*.amazonaws.com", repository, false},
	{"https://git-codecommit.*.amazonaws.com:8443", repository, false},
	{"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemo", repository, false},
	{"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/mydemorepo", repository, false},
	{"https://alice@git-codecommit.us-east-2.amazonaws.com", repository, false},
	{"https://example.com", repository, false},
}

var partialPatterns = []struct {
	pattern string
	want    bool
}{
	{"git-codecommit.us-east-2.amazonaws.com", true},
	{"https://", true},
	{"/v1/repos/MyDemoRepo", true},
	{"git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo", true},
	{"git-codecommit.*.amazonaws.com", false},
	{"git-codecommit.us-east-2.amazonaws.com/v1", false},
	{"http://", false},
	{"example.com", false},
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range patterns {
		if got := Matches(c.pattern, c.url); got != c.want {
			t.Errorf("Matches(%q, %q) = %v", c.pattern, c.url, got)
		}
	}
	for _, c := range partialPatterns {
		if got := Matches(c.pattern, repository); got != c.want {
			t.Errorf("Matches(%q, %q) = %v", c.pattern, repository, got)
		}
	}
}

// TestMatchesAsGit asks git the same questions.
func TestMatchesAsGit(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config")
	for i, c := range patterns {
		run(t, "config", "--file", config, "credential."+c.pattern+".n"+strconv.Itoa(i), "yes")
		cmd := exec.Command("git", "config", "--file", config, "--get-urlmatch", "credential.n"+strconv.Itoa(i), c.url)
		if got := cmd.Run() == nil; got != c.want {
			t.Errorf("git: %q for %q: %v", c.pattern, c.url, got)
		}
	}
	for _, c := range partialPatterns {
		config := filepath.Join(t.TempDir(), "config")
		run(t, "config", "--file", config, "credential."+c.pattern+".helper", "!echo username=x; echo password=y; :")
		cmd := exec.Command("git", "-c", "include.path="+config, "-c", "credential.useHttpPath=true", "credential", "fill")
		cmd.Env = append(cmd.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+t.TempDir(), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=")
		cmd.Stdin = strings.NewReader("url=" + repository + "\n\n")
		if got := cmd.Run() == nil; got != c.want {
			t.Errorf("git: %q: %v", c.pattern, got)
		}
	}
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		t.Fatalf("git %q: %s", args, err)
	}
	return string(out)
}
