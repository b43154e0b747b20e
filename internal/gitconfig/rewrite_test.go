package gitconfig

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Rewrite agrees with git's own ls-remote --get-url.
func TestRewriteAgreesWithGit(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config")
	const text = `[url "ssh://git-codecommit.us-east-2.amazonaws.com/"]
	insteadOf = https://git-codecommit.us-east-2.amazonaws.com/
[url "https://mirror.example/"]
	insteadOf = https://git-codecommit.us-east-2.amazonaws.com/v1/repos/Mirrored
	insteadOf = cc:
	INSTEADOF = https://git-codecommit.
[url "https://first.example/"]
	insteadOf = twice:
[url "https://second.example/"]
	insteadOf = twice:
[url "https://push.example/"]
	pushInsteadOf = https://
`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	git, err := Find()
	if err != nil {
		t.Skip(err)
	}
	git = git.with("GIT_CONFIG_GLOBAL=" + config).with("GIT_CONFIG_NOSYSTEM=1")
	ctx := context.Background()
	entries, err := git.Effective(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/R", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/Mirrored",
		"https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/R", "cc:R", "twice:R", "https://github.com/x", "HTTPS://git-codecommit.us-east-2.amazonaws.com/",
	} {
		want, err := git.Output(ctx, "ls-remote", "--get-url", address)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := Rewrite(entries, address, false); got != strings.TrimSpace(want) {
			t.Errorf("%s: got %s, git %s", address, got, want)
		}
	}
	if got, by := Rewrite(entries, "https://github.com/x", true); got != "https://push.example/github.com/x" || by.Subsection != "https://push.example/" {
		t.Errorf("for a push: %s by %v", got, by)
	}
}
