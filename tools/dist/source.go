package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// findSource finds the checkout, and what the flags have not said of it: its
// version, commit and time.
func (r *release) findSource(ctx context.Context) (err error) {
	if r.root, err = findRoot(r.root); err != nil {
		return err
	}
	if r.out == "" {
		r.out = filepath.Join(r.root, "dist")
	}
	if r.out, err = filepath.Abs(r.out); err != nil {
		return err
	}
	committed, err := r.findTime(ctx)
	if err != nil {
		return err
	}
	if r.commit == "" {
		if r.commit, err = r.git(ctx, "rev-parse", "HEAD"); err != nil {
			return fmt.Errorf("no commit: give -commit (%w)", err)
		}
	}
	if r.version == "" {
		if r.version, err = r.findVersion(ctx, committed); err != nil {
			return fmt.Errorf("no version: give -version (%w)", err)
		}
	}
	r.version = strings.TrimPrefix(r.version, "v")
	if v := "v" + r.version; !semver.IsValid(v) || semver.Canonical(v)+semver.Build(v) != v {
		return fmt.Errorf("%q is not a version such as 1.2.3 or 1.2.3-rc.1; see https://semver.org", r.version)
	}
	if !regexp.MustCompile(`^[0-9A-Za-z]+$`).MatchString(r.commit) {
		return fmt.Errorf("%q is not a commit", r.commit)
	}
	return nil
}

// findRoot is the checkout itself or the folder above dir that is one.
func findRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module "+helperName+"\n") {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not in a checkout of " + helperName + ": give -source")
		}
		dir = parent
	}
}

// findTime finds the time that every file of the release gets, and returns
// that of the commit, which is zero where git does not know.
func (r *release) findTime(ctx context.Context) (committed time.Time, err error) {
	text, gitErr := r.git(ctx, "log", "-1", "--format=%ct")
	if gitErr == nil {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, err
		}
		committed = time.Unix(seconds, 0).UTC()
	}
	const variable = "SOURCE_DATE_EPOCH"
	for _, v := range r.environ {
		if value, ok := strings.CutPrefix(v, variable+"="); ok && value != "" {
			seconds, err := strconv.ParseInt(value, 10, 64)
			if err != nil || seconds < 0 {
				return time.Time{}, fmt.Errorf("%s=%s is not a number of seconds", variable, value)
			}
			r.time = time.Unix(seconds, 0).UTC()
			return committed, nil
		}
	}
	if gitErr != nil {
		return time.Time{}, fmt.Errorf("no time: set %s (%w)", variable, gitErr)
	}
	r.time = committed
	return committed, nil
}

// findVersion is the tag of the commit; where it has none, a pseudo-version
// behind the last tag, as Go makes them: https://go.dev/ref/mod#pseudo-versions.
// A checkout with changes is +dirty.
func (r *release) findVersion(ctx context.Context, committed time.Time) (string, error) {
	changes, err := r.git(ctx, "status", "--porcelain")
	if err != nil {
		return "", err
	}
	dirty := ""
	if changes != "" {
		dirty = "+dirty"
	}
	tag, _ := r.git(ctx, "describe", "--tags", "--match", "v[0-9]*", "--abbrev=0")
	if exact, err := r.git(ctx, "describe", "--tags", "--match", "v[0-9]*", "--exact-match"); err == nil {
		return exact + dirty, nil
	}
	const abbreviated = 12 // digits, as Go has it
	if len(r.commit) < abbreviated {
		return "", fmt.Errorf("%q is not a whole commit", r.commit)
	}
	return module.PseudoVersion(semver.Major(tag), tag, committed, r.commit[:abbreviated]) + dirty, nil
}

// git runs git in the checkout.
func (r *release) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.root
	cmd.Env = r.environ
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
