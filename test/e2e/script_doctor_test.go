package e2e

import (
	"context"
	"fmt"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"

	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/test/program"
)

// gitAtLeast reports whether the git on PATH has that version or a newer one:
// [git:2.46].
func gitAtLeast(version string) (bool, error) {
	var want gitconfig.Version
	if _, err := fmt.Sscanf(version, "%d.%d", &want.Major, &want.Minor); err != nil {
		return false, err
	}
	git, err := gitconfig.Find()
	if err != nil {
		return false, err
	}
	have, err := git.Version(context.Background())
	return have.AtLeast(want), err
}

// causeCommand matches the first failed check of doctor's report on the last
// standard output: cause REGEXP. With ! no check failed.
func causeCommand(ts *testscript.TestScript, neg bool, args []string) {
	line, _ := program.FirstFailed(ts.ReadFile("stdout"))
	switch {
	case neg && len(args) == 0:
		if line != "" {
			ts.Fatalf("a check failed: %s", line)
		}
	case neg || len(args) != 1:
		ts.Fatalf("usage: cause REGEXP, or ! cause")
	case line == "":
		ts.Fatalf("no check failed")
	case !regexp.MustCompile(args[0]).MatchString(line):
		ts.Fatalf("the cause is: %s", line)
	}
}

// fixCommand runs the first command below the first failed check, or the nth: fix
// [N].
func fixCommand(ts *testscript.TestScript, neg bool, args []string) {
	n := 1
	if len(args) == 1 {
		n = intArg(ts, args[0])
	}
	_, commands := program.FirstFailed(ts.ReadFile("stdout"))
	if neg || len(args) > 1 || len(commands) < n {
		ts.Fatalf("usage: fix [N]; there are %d commands", len(commands))
	}
	ts.Logf("[fix: %s]", commands[n-1])
	ts.Check(ts.Exec("sh", "-c", commands[n-1]))
}
