package gitconfig

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// File returns the file that git writes a scope's settings to, which need not
// exist. For Local, a RunError says why there is no repository.
// See git-config(1), FILES and ENVIRONMENT.
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
	case Local: // for all worktrees of the repository
		dir, err := g.Output(ctx, "rev-parse", "--git-common-dir")
		if err != nil {
			return "", err
		}
		return filepath.Abs(filepath.Join(strings.TrimSuffix(dir, "\n"), "config"))
	}
	// Before 2.42 git names the system's file only to an editor. The space makes this one the shell's own printf.
	return g.with("GIT_EDITOR=printf %s").Output(ctx, "config", "--"+string(scope), "--edit")
}

// absolute returns the absolute form of a variable's path: in a work tree it is
// relative to the top.
func (g Git) absolute(ctx context.Context, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if top, err := g.Output(ctx, "rev-parse", "--show-toplevel"); err == nil {
		return filepath.Join(strings.TrimSuffix(top, "\n"), path)
	}
	return path
}

// userFile returns that of a user's two files which git writes: ~/.gitconfig,
// unless only the other exists.
func (g Git) userFile(ctx context.Context, getenv func(string) string) (string, error) {
	home := getenv("HOME")
	if home == "" { // on Windows git finds it in other ways
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

// readable reports whether git would read a file. Only a regular file is opened:
// opening a pipe would block.
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

// sameFile reports whether two paths name one file, which need not exist.
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
