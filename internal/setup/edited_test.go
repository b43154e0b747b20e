package setup

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A setting that git adds to setup's first section stays in that section when setup
// runs again.
func TestAddedLineStaysInItsSection(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	key := "credential." + hosts + ".username"
	for _, request := range []Request{profile("alice"), profile("bob"), {Undo: true}} {
		if err := h.run(request); err != nil {
			t.Fatal(err)
		}
		if request.Query.Profile == "alice" {
			if out, err := exec.Command("git", "config", "--global", key, "mine").CombinedOutput(); err != nil {
				t.Fatalf("%s", out)
			}
		}
		if out, err := exec.Command("git", "config", "--global", key).Output(); err != nil || string(out) != "mine\n" {
			t.Errorf("%v: %q:\n%s", err, out, h.read(t))
		}
	}
	if want := "[credential \"" + hosts + "\"]\n\tusername = mine\n"; h.read(t) != want {
		t.Errorf("%s", h.read(t))
	}
}

// If the user replaces the helper in setup's section, the other lines of the section
// are for the new helper: setup for another folder or repository, and --undo, do not
// remove them.
func TestReplacedHelperKeepsItsSection(t *testing.T) { //nolint:paralleltest // it sets the environment
	const mine = "!aws codecommit credential-helper --profile mine $@"
	for name, edit := range map[string]func(t *testing.T, h *home){
		"by git": func(t *testing.T, _ *home) {
			t.Helper()
			if out, err := exec.Command("git", "config", "--global", "--replace-all", "credential."+hosts+".helper", mine).CombinedOutput(); err != nil {
				t.Fatalf("%s", out)
			}
		},
		"by hand": func(t *testing.T, h *home) {
			t.Helper()
			ours := filepath.Join(h.dir, "git-credential-codecommit") + " --profile alice"
			h.write(t, ".gitconfig", strings.Replace(h.read(t), ours, "\""+mine+"\" # mine", 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, ".gitconfig", "[credential]\n\thelper = store\n")
			folder := initRepository(t, h, "work/x")
			if err := h.run(profile("alice")); err != nil {
				t.Fatal(err)
			}
			edit(t, h)
			url := strings.ReplaceAll(hosts, "*", "eu-west-1") + "/v1/repos/MyDemoRepo"
			before, _ := h.helpers(t, h.dir, url)
			inFolder := profile("work")
			inFolder.Folder = filepath.Dir(folder)
			for _, request := range []Request{inFolder, {Undo: true}} {
				if err := h.run(request); err != nil {
					t.Fatal(err)
				}
				if lines, path := h.helpers(t, h.dir, url); !slices.Equal(lines, before) || !path {
					t.Errorf("%q before, %q after, path %v:\n%s", before, lines, path, h.read(t))
				}
			}
		})
	}
}

// Sections that the user writes between setup's comments are kept.
func TestAddedSectionIsKept(t *testing.T) { //nolint:paralleltest // it sets the environment
	for name, section := range map[string]string{
		"helper of another service":    "[credential \"https://github.com\"]\n\thelper =\n\thelper = !gh auth git-credential\n\tuseHttpPath = true\n",
		"this helper elsewhere":        "[credential \"https://git.example.com\"]\n\thelper = /usr/bin/git-credential-codecommit --allow-host git.example.com\n",
		"transport of another service": "[http \"https://github.com\"]\n\tproactiveAuth = basic\n\tmaxRetries = 3\n\tretryAfter = 2\n\tmaxRetryTime = 120\n",
		"include":                      "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n",
		"include with absolute path":   "[includeIf \"gitdir:/home/alice/\"]\n\tpath = /home/alice/.inc\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			if err := h.run(profile("alice")); err != nil {
				t.Fatal(err)
			}
			h.write(t, ".gitconfig", strings.Replace(h.read(t), "[credential \"https://git-codecommit-fips", section+"[credential \"https://git-codecommit-fips", 1))
			for range 2 {
				if err := h.run(profile("bob")); err != nil || !strings.Contains(h.read(t), section) {
					t.Errorf("%v:\n%s", err, h.read(t))
				}
			}
			if !strings.Contains(h.output.String(), "nothing to do") {
				t.Errorf("a second time: %s", &h.output)
			}
			if err := h.run(Request{Undo: true}); err != nil || h.read(t) != section {
				t.Errorf("undo: %v: %q", err, h.read(t))
			}
		})
	}
}

// If the user moves the settings of setup --folder to another file and changes the
// path in setup's lines, the folder keeps its account.
func TestEditedFolderPath(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	folder := initRepository(t, h, "work/x")
	request := profile("work")
	request.Folder = filepath.Dir(folder)
	if err := h.run(request); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(h.file + folderFileInfix + "*")
	if len(files) != 1 {
		t.Fatalf("%q", files)
	}
	mine := filepath.Join(h.dir, "mine.inc")
	if err := os.Rename(files[0], mine); err != nil {
		t.Fatal(err)
	}
	h.write(t, ".gitconfig", strings.Replace(h.read(t), files[0], mine, 1))
	for range 2 {
		if err := h.run(profile("personal")); err != nil {
			t.Fatal(err)
		}
		if lines, path := h.helpers(t, folder, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], " --profile work") || !path {
			t.Errorf("%q, path %v:\n%s", lines, path, h.read(t))
		}
	}
	if err := h.run(Request{Undo: true}); err != nil || !strings.HasPrefix(h.read(t), "[includeIf ") || !strings.HasSuffix(h.read(t), "\"]\n\tpath = "+mine+"\n") {
		t.Errorf("undo: %v: %q", err, h.read(t))
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
}

// The file that resets the helpers of a private host name is removed too.
func TestResetFileOfAllowedHost(t *testing.T) { //nolint:paralleltest // it sets the environment
	const config = "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n"
	h := newHome(t)
	h.write(t, ".gitconfig", config)
	h.write(t, "work.inc", "[credential \"https://git.example.com\"]\n\thelper = codecommit --profile work --region eu-west-1 --allow-host git.example.com\n")
	folder := initRepository(t, h, "work/x")
	request := profile("personal")
	request.AllowHosts = []string{"git.example.com"}
	if err := h.run(request); err != nil {
		t.Fatal(err)
	}
	if lines, _ := h.helpers(t, folder, "https://git.example.com/v1/repos/X"); len(lines) != 1 || !strings.Contains(lines[0], "--profile work") {
		t.Errorf("%q:\n%s", lines, h.read(t))
	}
	if left, _ := filepath.Glob(h.file + "?*"); len(left) != 1 {
		t.Errorf("%q", left)
	}
	if err := h.run(Request{Undo: true}); err != nil || h.read(t) != config {
		t.Errorf("undo: %v: %q", err, h.read(t))
	}
	if left, _ := filepath.Glob(h.file + "?*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// A setting that the user adds to the file of a folder stays in effect after --undo,
// and one that the user adds to a reset file is never removed.
func TestAddedLinesInIncludedFiles(t *testing.T) { //nolint:paralleltest // it sets the environment
	for name, request := range map[string]Request{"folder": {Folder: "work"}, "reset": {}} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, "own.inc", strings.Replace(own, "\thelper =\n", "", 1))
			config := "[includeIf \"gitdir:~/own/\"]\n\tpath = own.inc\n"
			h.write(t, ".gitconfig", config)
			folder := initRepository(t, h, "work/x")
			run := func(name string) {
				t.Helper()
				r := profile(name)
				r.Folder = request.Folder
				if err := h.run(r); err != nil {
					t.Fatal(err)
				}
			}
			run("work")
			files, _ := filepath.Glob(h.file + folderFileInfix + "*")
			if len(files) != 1 {
				t.Fatalf("%q", files)
			}
			if out, err := exec.Command("git", "config", "--file", files[0], "user.email", "me@work").CombinedOutput(); err != nil {
				t.Fatalf("%s", out)
			}
			run("work") // in a folder's file, setup's lines move to the end
			run("work")
			if !strings.Contains(h.output.String(), "nothing to do") {
				t.Errorf("%s", &h.output)
			}
			run("other")
			for range 2 {
				if err := h.run(Request{Undo: true}); err != nil {
					t.Fatal(err)
				}
				if text, err := os.ReadFile(files[0]); err != nil || string(text) != "[user]\n\temail = me@work\n" {
					t.Errorf("%v: %q", err, text)
				}
				if request.Folder == "" {
					continue
				}
				if out, err := exec.Command("git", "-C", folder, "config", "user.email").Output(); err != nil || string(out) != "me@work\n" {
					t.Errorf("%v: %q: %s", err, out, h.read(t))
				}
			}
			if strings.Contains(h.read(t), "git-credential-codecommit setup") {
				t.Errorf("%s", h.read(t))
			}
		})
	}
}

// --undo of a repository in a folder removes that repository only, and the helpers
// that conditional includes name keep precedence.
func TestUndoOfARepository(t *testing.T) { //nolint:paralleltest // it sets the environment
	for name, folder := range map[string]string{"in a folder": "work", "everywhere": ""} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, ".gitconfig", "[includeIf \"gitdir:~/work/own/\"]\n\tpath = own.inc\n")
			h.write(t, "own.inc", strings.Replace(own, "\thelper =\n", "", 1))
			inside, below := initRepository(t, h, "work/x"), initRepository(t, h, "work/own")
			all, one := profile("work"), profile("one")
			all.Folder, one.Folder, one.Repository = "work", folder, repository
			for _, r := range []Request{all, one} {
				if err := h.run(r); err != nil {
					t.Fatal(err)
				}
			}
			if err := h.run(Request{Undo: true, Folder: folder, Repository: repository}); err != nil || strings.Contains(h.output.String(), "nothing to do") {
				t.Errorf("%v: %s", err, &h.output)
			}
			if lines, _ := h.helpers(t, inside, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], " --profile work") {
				t.Errorf("%q", lines)
			}
			if lines, _ := h.helpers(t, below, repository); len(lines) == 0 || lines[0] != "codecommit --profile own" {
				t.Errorf("below: %q:\n%s", lines, h.read(t))
			}
		})
	}
}

// If setup fails, a folder keeps what an earlier setup wrote for it.
func TestFailureKeepsTheFolder(t *testing.T) { //nolint:paralleltest // it sets the environment
	const one = "[credential \"" + repository + "\"]\n\thelper =\n\thelper = "
	for name, breaks := range map[string]func(h *home){
		"refused": func(h *home) {
			h.write(t, ".gitconfig", "[credential]\n\thelper = store\n"+h.read(t)+"[includeIf \"gitdir:~/work/\"]\n\tpath = mine.inc\n")
			h.write(t, "mine.inc", "[includeIf \"gitdir:~/work/\"]\n\tpath = inner.inc\n"+one+"codecommit --profile a\n"+one+"codecommit --profile b\n\tuseHttpPath = true\n")
			h.write(t, "inner.inc", "[credential]\n\thelper = cache\n\tuseHttpPath = true\n"+one+"cache\n\tuseHttpPath = true\n")
		},
		"locked": func(h *home) {
			h.write(t, ".gitconfig", h.read(t)+"[credential]\n\thelper = store\n") // setup must move its lines
			h.write(t, ".gitconfig.lock", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			if err := os.Mkdir(filepath.Join(h.dir, "work"), 0o700); err != nil {
				t.Fatal(err)
			}
			request := profile("work")
			request.Folder = "work"
			if err := h.run(request); err != nil {
				t.Fatal(err)
			}
			breaks(h)
			before := state(t, h.dir)
			request = profile("other")
			request.Folder = "work"
			if err := h.run(request); err == nil {
				t.Errorf("setup succeeded: %s%s", &h.output, h.read(t))
			}
			if after := state(t, h.dir); after != before {
				t.Errorf("changed:\n%s\nwas:\n%s", after, before)
			}
		})
	}
}
