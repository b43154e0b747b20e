package gitconfig

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// editor has git set user.name, and first does what another process does in the
// meantime.
func editor(t *testing.T, meanwhile func()) func([]Entry) []Command {
	t.Helper()
	return func(entries []Entry) []Command {
		meanwhile()
		for _, e := range entries {
			if e.Section == "user" {
				return nil
			}
		}
		return []Command{{"config", "--global", "user.name", "Alice"}}
	}
}

func edit(t *testing.T, file string, plan func([]Entry) []Command) (changed bool) {
	t.Helper()
	git, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	changed, err = git.Edit(context.Background(), file, plan)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// What another process writes while the plan is carried out stays.
func TestEditMeanwhile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[init]\n\tdefaultBranch = main\n"} {
		file, times := write(t, text), 0
		plan := editor(t, func() {
			if times++; times < 3 {
				run(t, "config", "--file", file, "--add", "safe.directory", "/srv")
			}
		})
		if !edit(t, file, plan) || edit(t, file, plan) {
			t.Error("it was to be changed once")
		}
		want := text + "[safe]\n\tdirectory = /srv\n\tdirectory = /srv\n[user]\n\tname = Alice\n"
		if got, _ := os.ReadFile(file); string(got) != want {
			t.Errorf("%q", got)
		}
	}
}

// Who writes all the time is kept out in the end, and loses nothing.
func TestEditThoughOthersNeverRest(t *testing.T) {
	t.Parallel()
	file, tries, written := write(t, ""), 0, 0
	edit(t, file, editor(t, func() {
		tries++
		if exec.Command("git", "config", "--file", file, "--add", "safe.directory", "/srv").Run() == nil {
			written++
		}
	}))
	text, _ := os.ReadFile(file)
	if tries != 3 || written != 2 || strings.Count(string(text), "/srv") != written || !strings.Contains(string(text), "Alice") {
		t.Errorf("%d tries, %d times written: %q", tries, written, text)
	}
}

// Who writes all the time and heeds no lock, as an editor may, loses nothing
// either.
func TestEditThoughOthersHeedNoLock(t *testing.T) {
	t.Parallel()
	git, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	file, want := write(t, ""), ""
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = git.Edit(ctx, file, editor(t, func() {
		want += "# again\n"
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}))
	if err == nil || !strings.Contains(err.Error(), "it changes all the time") {
		t.Error(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != want {
		t.Errorf("%v: %q", err, text)
	}
	if _, err := os.Stat(file + ".lock"); err == nil {
		t.Error("the lock is left behind")
	}
}

// Mode and links are left as git leaves them, and nothing lies beside the file.
func TestEditAsGitDoes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links and modes are another matter there")
	}
	for name, prepare := range map[string]func(dir string) error{
		"a new file":        func(string) error { return nil },
		"a mode":            func(dir string) error { return os.WriteFile(filepath.Join(dir, "config"), []byte("[a]\n"), 0o640) },
		"a link":            func(dir string) error { return links(dir, "[a]\n") },
		"a link to no file": func(dir string) error { return links(dir, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var states []string
			for _, write := range []func(file string){
				func(file string) { run(t, "config", "--file", file, "user.name", "Alice") },
				func(file string) { edit(t, file, editor(t, func() {})) },
			} {
				dir := t.TempDir()
				if err := prepare(dir); err != nil {
					t.Fatal(err)
				}
				write(filepath.Join(dir, "config"))
				states = append(states, stateOf(t, dir))
			}
			if states[0] != states[1] {
				t.Errorf("git leaves\n%s\nand Edit\n%s", states[0], states[1])
			}
		})
	}
}

// links makes of config a link that leads to another folder, and from there
// upwards again.
func links(dir, text string) error {
	for _, folder := range []string{"a/b", "files"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			return err
		}
	}
	for link, target := range map[string]string{"config": "b/config", "b": "a/b", "a/b/config": "../../files/config"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			return err
		}
	}
	if text == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, "files", "config"), []byte(text), 0o600)
}

// stateOf lists what lies in a folder.
func stateOf(t *testing.T, dir string) string {
	t.Helper()
	state := ""
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text, _ := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		state += info.Mode().String() + " " + name + ": " + string(text) + "\n"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return state
}
