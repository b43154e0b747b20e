package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
)

// branch is the branch that --write creates and deletes.
const branch = "git-credential-codecommit-live-test"

var httpStatus = regexp.MustCompile(`The requested URL returned error: ([0-9]{3})`)

// askWrite pushes a commit to a new branch, with git and this program as its
// helper, and deletes the branch.
func askWrite(ctx context.Context, m *inputs) (finding, error) {
	if !m.write {
		return notTested("needs --write"), nil
	}
	dir, err := os.MkdirTemp("", "codecommit-live-")
	if err != nil {
		return finding{}, err
	}
	defer os.RemoveAll(dir)
	helper := filepath.Join(dir, "git-credential-codecommit")
	if runtime.GOOS == "windows" {
		helper += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", helper, "git-credential-codecommit")
	if out, err := build.CombinedOutput(); err != nil {
		return finding{}, fmt.Errorf("go build: %w: %s", err, bytes.TrimSpace(out))
	}
	git := func(args ...string) error {
		cmd := exec.CommandContext(ctx, "git", append([]string{
			"-C", dir, "-c", "credential.helper=", "-c", "credential.helper=" + filepath.ToSlash(helper) + " --profile " + m.profile + " --account " + m.repository.Account,
			"-c", "credential.useHttpPath=true", "-c", "user.name=test/live", "-c", "user.email=live@example.com",
		}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0")
		out, err := cmd.CombinedOutput()
		if err == nil {
			return nil
		}
		if status := httpStatus.FindSubmatch(out); status != nil {
			return errors.New(string(status[1]))
		}
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	url := "https://" + m.service.endpoint.Host + "/" + m.service.path
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch", branch},
		{"commit", "--quiet", "--allow-empty", "--message", "A commit of test/live, which deletes its branch"},
	} {
		if err := git(args...); err != nil {
			return finding{}, err
		}
	}
	if err := git("push", "--quiet", url, "+HEAD:refs/heads/"+branch); err != nil {
		return found("not pushed: %v", err), nil
	}
	if err := git("push", "--quiet", url, ":refs/heads/"+branch); err != nil {
		return found("pushed, not deleted: %v; delete the branch %s", err, branch), nil
	}
	return found("pushed, deleted"), nil
}
