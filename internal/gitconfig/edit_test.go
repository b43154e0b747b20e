package gitconfig

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const added = "[user]\n\tname = Alice\n"

// editor appends a setting unless it exists, after doing what another process does
// in the meantime.
func editor(meanwhile func()) func([]byte) ([]byte, error) {
	return func(text []byte) ([]byte, error) {
		meanwhile()
		if strings.Contains(string(text), added) {
			return text, nil
		}
		return append(text, added...), nil
	}
}

func edit(t *testing.T, file string, change func([]byte) ([]byte, error)) (changed bool) {
	t.Helper()
	changed, err := Edit(context.Background(), file, change)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func write(t *testing.T, text string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config")
	writeFile(t, config, text)
	return config
}

func list(t *testing.T, config string) []Entry {
	t.Helper()
	entries, err := parseList(run(t, "config", "--file", config, "--list", "-z"), 0)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// What another process writes without the lock during the change is kept. If that
// process never stops writing, the file is not changed.
func TestEditDuringConcurrentChange(t *testing.T) {
	t.Parallel()
	file, times := write(t, "[init]\n"), 0
	appendTo := func(line string) {
		text, _ := os.ReadFile(file)
		writeFile(t, file, string(text)+line)
	}
	change := editor(func() {
		if times++; times < 3 {
			appendTo("# again\n")
		}
	})
	if !edit(t, file, change) || edit(t, file, change) {
		t.Error("it was expected to change once")
	}
	if got, _ := os.ReadFile(file); string(got) != "[init]\n# again\n# again\n"+added {
		t.Errorf("%q", got)
	}
	times = 0
	file = write(t, "")
	_, err := Edit(context.Background(), file, editor(func() { times++; appendTo("# again\n") }))
	if err == nil || !strings.Contains(err.Error(), "keeps changing it") {
		t.Error(err)
	}
	if got, _ := os.ReadFile(file); string(got) != strings.Repeat("# again\n", times) {
		t.Errorf("%q", got)
	}
	if _, err := os.Stat(file + ".lock"); err == nil {
		t.Error("the lock remains")
	}
}

// A file that does not change is not locked, because its folder may be read-only.
func TestEditWithoutChangeTakesNoLock(t *testing.T) {
	t.Parallel()
	file := write(t, "[a]\n")
	writeFile(t, file+".lock", "")
	same := func(text []byte) ([]byte, error) { return text, nil }
	if changed, err := Edit(context.Background(), file, same); changed || err != nil {
		t.Error(changed, err)
	}
	if changed, err := Edit(context.Background(), file+"2", same); changed || err != nil {
		t.Error(changed, err)
	}
}

// A change to nil removes the file.
func TestEditRemoves(t *testing.T) {
	t.Parallel()
	file := write(t, "[a]\n")
	if !edit(t, file, func([]byte) ([]byte, error) { return nil, nil }) {
		t.Error("unchanged")
	}
	if left, _ := filepath.Glob(file + "*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// Mode and links are the same as after git's change, and no other files remain.
func TestEditAsGitDoes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links and modes are different there")
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
				func(file string) { edit(t, file, editor(func() {})) },
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

// links makes config a link to another folder, and from there upwards again.
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

// stateOf lists the entries of a folder.
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
