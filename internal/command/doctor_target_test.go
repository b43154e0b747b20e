package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"git-credential-codecommit/internal/doctor"
	"git-credential-codecommit/internal/gitconfig"
)

// Each remote takes two git processes, so a repository with thousands of remotes
// would take minutes.
func TestRemotesAreLimited(t *testing.T) { //nolint:paralleltest // it changes the current folder
	git, err := gitconfig.Find()
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	if out, err := exec.Command(git.Path, "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	path := filepath.Join(dir, ".git", "config")
	config, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxRemotes {
		config = fmt.Appendf(config, "[remote \"r %d\"]\n\turl = https://example.com/%d\n", i, i)
	}
	write := func(more string) {
		t.Helper()
		if err := os.WriteFile(path, append(config, more...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	d := &doctor.Doctor{Git: git}
	write("")
	if all, err := remoteURLs(t.Context(), d, nil); err != nil || len(all) != maxRemotes {
		t.Errorf("%d, %v", len(all), err)
	}
	write("[remote \"one\"]\n\turl = https://example.com/more\n")
	if all, err := remoteURLs(t.Context(), d, nil); err == nil || !strings.Contains(err.Error(), "more than 100 remotes") {
		t.Errorf("%d, %v", len(all), err)
	}
	for _, name := range []string{"r 7", "one"} {
		if all, err := remoteURLs(t.Context(), d, []string{name}); err != nil || len(all) != 1 || all[0].Remote != name {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
	if all, err := remoteURLs(t.Context(), d, []string{"https://example.com/7"}); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
