package awsfake

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Git can read what commit writes.
func TestRepositoriesAreGits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := makeBare(dir); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"README.md": "# Example\n", "a": "", "B": strings.Repeat("line\n", 10_000)}
	if err := commit(dir, files); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-c", "safe.directory=*", "-C", dir}, args...)...).CombinedOutput()
		if err != nil {
			t.Errorf("git %q: %v: %s", args, err, out)
		}
		return string(out)
	}
	if got := git("fsck", "--strict", "--no-progress"); got != "" {
		t.Errorf("git fsck: %s", got)
	}
	if got := git("ls-tree", "--name-only", "HEAD"); got != "B\nREADME.md\na\n" {
		t.Errorf("files: %q", got)
	}
	for name, content := range files {
		if got := git("show", "HEAD:"+name); got != content {
			t.Errorf("%s is %.40q", name, got)
		}
	}
	if got := git("log", "--format=%an <%ae> %at|%cn|%s", "main"); got != "AWS CodeCommit <codecommit@example.com> 1767225600|AWS CodeCommit|Initial commit\n" {
		t.Errorf("commit: %q", got)
	}
}

// The ID of the commit that git makes of the same files:
//
//	git init --quiet --bare . && git fast-import --quiet <<'END' && git rev-parse main
//	commit refs/heads/main
//	author AWS CodeCommit <codecommit@example.com> 1767225600 +0000
//	committer AWS CodeCommit <codecommit@example.com> 1767225600 +0000
//	data 15
//	Initial commit
//	M 100644 inline README.md
//	data 10
//	# Example
//	END
func TestCommitIsTheOneThatGitMakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := makeBare(dir); err != nil {
		t.Fatal(err)
	}
	if err := commit(dir, map[string]string{"README.md": "# Example\n"}); err != nil {
		t.Fatal(err)
	}
	const want = "52896c333f60d84f6890a22593705f08465474bb\n"
	if got, err := os.ReadFile(filepath.Join(dir, "refs", "heads", "main")); string(got) != want {
		t.Errorf("commit %q, %v; git makes %q", got, err, want)
	}
}
