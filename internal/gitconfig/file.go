package gitconfig

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// File returns the path of the file that git writes a scope's settings to; the file
// need not exist. For Local outside of a repository, the error is a RunError.
// See FILES and ENVIRONMENT in git-config(1).
func (g Git) File(ctx context.Context, scope Scope, getenv func(string) string) (string, error) {
	switch scope {
	case Global:
		if path := getenv("GIT_CONFIG_GLOBAL"); path != "" {
			return g.absolute(ctx, path), nil
		}
		return g.userFile(ctx, getenv)
	case System:
		if path := getenv("GIT_CONFIG_SYSTEM"); path != "" {
			return g.absolute(ctx, path), nil
		}
		if path, err := g.with("GIT_CONFIG_NOSYSTEM=0").Output(ctx, "var", "GIT_CONFIG_SYSTEM"); err == nil {
			return strings.TrimSuffix(path, "\n"), nil
		}
	case Local: // shared by all worktrees of the repository
		dir, err := g.Output(ctx, "rev-parse", "--git-common-dir")
		if err != nil {
			return "", err
		}
		return filepath.Abs(filepath.Join(strings.TrimSuffix(dir, "\n"), "config"))
	}
	// Git before 2.42 reveals the system file only to an editor. The space makes
	// the shell run its builtin printf.
	return g.with("GIT_EDITOR=printf %s").Output(ctx, "config", "--"+string(scope), "--edit")
}

// absolute returns the absolute form of a path from the environment. In a work
// tree, it is relative to the top.
func (g Git) absolute(ctx context.Context, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if top, err := g.Output(ctx, "rev-parse", "--show-toplevel"); err == nil {
		return filepath.Join(strings.TrimSuffix(top, "\n"), path)
	}
	return path
}

// userFile returns the one of the user's two files that git writes to:
// ~/.gitconfig, unless only the other one exists.
func (g Git) userFile(ctx context.Context, getenv func(string) string) (string, error) {
	home := getenv("HOME")
	if home == "" { // on Windows git has other ways to find it
		tilde, err := g.Output(ctx, "config", "--null", "--type=path", "--default", "~", "--get", "setup.home")
		if err != nil {
			return "", err
		}
		home = strings.TrimSuffix(tilde, "\x00")
	}
	path, other := home+"/.gitconfig", getenv("XDG_CONFIG_HOME")
	if other == "" {
		other = home + "/.config"
	}
	if other += XDGFile; !readable(path) && readable(other) {
		return other, nil
	}
	return path, nil
}

// readable reports whether git could read a file. It opens only regular files,
// because opening a pipe would block.
func readable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return err == nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	_ = f.Close()
	return true
}

// sameFile reports whether two paths name the same file, which need not exist.
func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
