package setup

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// Whichever file contains git's configuration, --undo restores its content and mode,
// and keeps a link to it.
func TestUndoRestoresTheFile(t *testing.T) { //nolint:paralleltest // it sets the environment
	const text = "# mine\n[user]\n\tname = Alice"
	for name, prepare := range map[string]func(t *testing.T, h *home) Request{
		"a file":         func(t *testing.T, h *home) Request { h.write(t, ".gitconfig", text); return Request{} },
		"an empty file":  func(t *testing.T, h *home) Request { h.write(t, ".gitconfig", ""); return Request{} },
		"no file":        func(*testing.T, *home) Request { return Request{} },
		"the other file": func(t *testing.T, h *home) Request { h.write(t, "xdg/git/config", text); return Request{} },
		"a read-only file": func(t *testing.T, h *home) Request {
			h.write(t, ".gitconfig", text)
			if err := os.Chmod(h.file, 0o440); err != nil {
				t.Fatal(err)
			}
			return Request{}
		},
		"a link": func(t *testing.T, h *home) Request {
			h.write(t, "dotfiles/gitconfig", text)
			if err := os.Symlink("dotfiles/gitconfig", h.file); err != nil {
				t.Fatal(err)
			}
			return Request{}
		},
		"a repository's file": func(t *testing.T, h *home) Request {
			t.Chdir(initRepository(t, h, "work"))
			return Request{Scope: gitconfig.Local}
		},
		"the file of a bare repository": func(t *testing.T, h *home) Request {
			initRepository(t, h, "bare.git", "config core.bare true")
			t.Chdir(filepath.Join(h.dir, "bare.git", ".git"))
			return Request{Scope: gitconfig.Local}
		},
		"the file of a worktree's repository": func(t *testing.T, h *home) Request {
			work := initRepository(t, h, "work", "-c user.name=A -c user.email=a@example.com commit --quiet --allow-empty -m x", "worktree add --quiet ../tree")
			t.Chdir(filepath.Join(work, "..", "tree"))
			return Request{Scope: gitconfig.Local}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			request := prepare(t, h)
			before := state(t, h.dir)
			set := profile("alice")
			set.Scope = request.Scope
			if err := h.run(set); err != nil {
				t.Fatal(err)
			}
			if state(t, h.dir) == before {
				t.Error("nothing changed")
			}
			out, err := exec.Command("git", "config", "--get-urlmatch", "credential.helper", repository).Output()
			if err != nil || !strings.HasSuffix(string(out), cli.Name+" --profile alice\n") {
				t.Errorf("git uses %q, %v", out, err)
			}
			request.Undo = true
			if err := h.run(request); err != nil {
				t.Fatal(err)
			}
			if after := state(t, h.dir); after != before {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

// state lists the names, modes and contents of the files below a folder.
func state(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text, _ := os.ReadFile(path)
		b.WriteString(info.Mode().String() + " " + path + "\n" + string(text) + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Concurrent setups, and another program that edits the file with git's lock, never
// lose each other's changes.
func TestConcurrentWriters(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	h.write(t, ".gitconfig", "[user]\n\tname = Alice\n")
	var all sync.WaitGroup
	for _, name := range []string{"A", "B", "C"} {
		all.Go(func() {
			r := profile(name)
			r.Repository = oneHost + "/v1/repos/" + name
			one := &home{dir: h.dir, file: h.file}
			if err := one.run(r); err != nil {
				t.Error(err)
			}
		})
	}
	written := 0
	for range 5 {
		if exec.Command("git", "config", "--global", "--add", "safe.directory", "/srv").Run() == nil { // git does not wait
			written++
		}
	}
	all.Wait()
	text := h.read(t)
	for _, name := range []string{"A", "B", "C"} {
		if !strings.Contains(text, "--profile "+name+"\n") {
			t.Errorf("the setup of %s is lost:\n%s", name, text)
		}
	}
	if strings.Count(text, "/srv") != written {
		t.Errorf("%d lines of git's, not %d:\n%s", strings.Count(text, "/srv"), written, text)
	}
	if err := h.run(Request{Undo: true}); err != nil || strings.Contains(h.read(t), cli.Name) {
		t.Errorf("%v: %s", err, h.read(t))
	}
}

// Lines that the user adds within setup's lines are kept.
func TestUndoKeepsAddedLines(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	if err := h.run(profile("alice")); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("git", "config", "--global", "credential."+hosts+".username", "alice").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	if out, err := exec.Command("git", "config", "--global", "http."+hosts+".sslVerify", "true").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	edited := strings.Replace(h.read(t), "\tuseHttpPath = true\n", "\tuseHttpPath = true # needed\n", 1)
	h.write(t, ".gitconfig", edited)
	if err := h.run(Request{Undo: true}); err != nil {
		t.Fatal(err)
	}
	want := "[credential \"" + hosts + "\"]\n\tuseHttpPath = true # needed\n\tusername = alice\n[http \"" + hosts + "\"]\n\tsslVerify = true\n"
	if h.read(t) != want {
		t.Errorf("%s", h.read(t))
	}
}

// A profile that the user edited after setup added it is kept.
func TestUndoKeepsEditedProfile(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	r := addedProfileRequest()
	if err := h.run(r); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(h.dir, "aws")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "role/X", "role/Mine", 1)
	h.write(t, "aws", edited)
	if err := h.run(Request{Undo: true}); err != nil || !strings.Contains(h.output.String(), "it was edited") {
		t.Errorf("%v: %s", err, &h.output)
	}
	if text, _ := os.ReadFile(config); string(text) != edited {
		t.Errorf("%s", text)
	}
}

// As root, setup configures all users to run this program only if no other user can
// replace it.
func TestReplaceable(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("files of root are needed")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "bin", cli.Name)
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if path, yes := replaceable(program); yes {
		t.Errorf("%s is safe", path)
	}
	for _, c := range []struct {
		path   string
		change func(path string) error
		back   func(path string) error
	}{
		{filepath.Dir(program), func(p string) error { return os.Chmod(p, 0o777) }, func(p string) error { return os.Chmod(p, 0o755) }},
		{dir, func(p string) error { return os.Chmod(p, 0o777) }, func(p string) error { return os.Chmod(p, 0o755) }},
		{program, func(p string) error { return os.Chmod(p, 0o757) }, func(p string) error { return os.Chmod(p, 0o755) }},
		{filepath.Dir(program), func(p string) error { return os.Chown(p, 65534, 0) }, func(p string) error { return os.Chown(p, 0, 0) }},
	} {
		if err := c.change(c.path); err != nil {
			t.Fatal(err)
		}
		if path, yes := replaceable(program); !yes || path != c.path {
			t.Errorf("%s, %v: %s can be changed", path, yes, c.path)
		}
		s := &Setup{Request: Request{Scope: gitconfig.System}, program: program}
		if err := s.checkProgram(); !errors.Is(err, errUnsafeProgram) {
			t.Errorf("%v", err)
		}
		if err := c.back(c.path); err != nil {
			t.Fatal(err)
		}
	}
}

// The user's lines that look like setup's, but without its comments, are kept.
func TestUndoKeepsLinesWithoutMarkers(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	mine := "[credential \"" + hosts + "\"]\n\thelper =\n\thelper = " + filepath.Join(h.dir, cli.Name) + " --profile mine\n\tuseHttpPath = true\n[http \"" + hosts + "\"]\n\tproactiveAuth = basic\n[user]\n\tname = Alice\n"
	h.write(t, ".gitconfig", mine)
	if err := h.run(profile("alice")); err != nil {
		t.Fatal(err)
	}
	if lines, path := h.helpers(t, h.dir, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], "--profile alice") || !path {
		t.Errorf("%q, path %v", lines, path)
	}
	for range 2 {
		if err := h.run(Request{Undo: true}); err != nil || h.read(t) != mine {
			t.Errorf("undo: %v:\n%s", err, h.read(t))
		}
	}
}

// Git removes one of setup's comments with the section that contains it: --undo
// still removes the other sections, and no line that is not setup's.
func TestUndoWithoutOneMarker(t *testing.T) { //nolint:paralleltest // it sets the environment
	const (
		before = "[user]\n\tname = Alice\n[http \"https://example.com\"]\n\tmaxRetries = 3\n"
		after  = "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n[http \"https://example.org\"]\n\tmaxRetries = 3\n"
	)
	for name, last := range map[string]bool{"the first": false, "the last": true} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, ".gitconfig", before)
			if err := h.run(profile("alice")); err != nil {
				t.Fatal(err)
			}
			h.write(t, ".gitconfig", h.read(t)+after)
			section := "credential." + hosts
			if d, err := parseDocument([]byte(h.read(t))); err != nil {
				t.Fatal(err)
			} else if last {
				section = "credential." + d.items[d.groups[len(d.groups)-1].header].Subsection
			}
			if out, err := exec.Command("git", "config", "--global", "--remove-section", section).CombinedOutput(); err != nil {
				t.Fatalf("%s: %s", section, out)
			}
			if text := h.read(t); strings.Contains(text, beginMarker) == strings.Contains(text, endMarker) {
				t.Fatalf("git removed no comment:\n%s", text)
			}
			if err := h.run(Request{Undo: true}); err != nil || h.read(t) != before+after {
				t.Errorf("undo: %v:\n%s", err, h.read(t))
			}
		})
	}
}
