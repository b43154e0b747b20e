package gitconfig

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// The error for a failed git: the cause, and the exit code.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a shell takes the place of git")
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]struct {
		limit time.Duration
		why   string
		exit  int
	}{
		"echo 'warning: no' >&2; echo \"fatal: bad line, $LC_ALL\" >&2; exit 128": {time.Minute, "git -c: bad line, C", 128},
		"kill -KILL $$":                         {time.Minute, "git -c: signal: killed", -1},
		"echo 'warning: no' >&2; exec sleep 60": {2 * time.Second, "git -c: git timed out", -1},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), want.limit)
		_, err := Git{Path: sh}.Output(ctx, "-c", script)
		cancel()
		var run *RunError
		if !errors.As(err, &run) || run.Error() != want.why || run.Exit != want.exit {
			t.Errorf("%s: %v", script, err)
		}
	}
	var run *RunError
	if _, err := (Git{Path: "/nowhere/git"}).Output(context.Background()); !errors.As(err, &run) || run.Exit != 0 {
		t.Errorf("no git: %v", err)
	}
}
