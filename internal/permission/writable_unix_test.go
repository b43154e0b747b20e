//go:build unix

package permission

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWritableBy(t *testing.T) {
	t.Parallel()
	const foreign = 54321 // no user's private group
	for name, c := range map[string]struct {
		file, dir fs.FileMode
		gid       int // of the file; -1 for this user's
		who       string
		what      string // "file" or "dir"
	}{
		"private":                         {0o600, 0o700, -1, "", ""},
		"readable":                        {0o644, 0o755, -1, "", ""},
		"of a private group":              {0o664, 0o775, -1, "", ""},
		"of another group":                {0o664, 0o755, foreign, "the group 54321", "file"},
		"readable for another group":      {0o640, 0o755, foreign, "", ""},
		"open to all":                     {0o666, 0o755, -1, "every user", "file"},
		"in a folder open to all":         {0o600, 0o777, -1, "every user", "dir"},
		"in a sticky folder":              {0o600, 0o777 | fs.ModeSticky, -1, "", ""},
		"open to all in a sticky folder":  {0o666, 0o777 | fs.ModeSticky, -1, "every user", "file"},
		"open to all, and so is its home": {0o666, 0o777, -1, "every user", "file"},
	} {
		dir := filepath.Join(t.TempDir(), "aws")
		file := filepath.Join(dir, "config")
		if os.Getuid() != os.Getgid() && c.file == 0o664 && c.gid < 0 {
			continue // the primary group may be one that others share
		}
		for _, err := range []error{os.Mkdir(dir, 0o700), os.WriteFile(file, nil, 0o600), os.Chmod(file, c.file), os.Chmod(dir, c.dir)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if c.gid >= 0 {
			if err := os.Chown(file, -1, c.gid); err != nil {
				continue // needs root
			}
		}
		want := map[string]string{"file": file, "dir": dir}[c.what]
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(file, link); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{file, link} {
			if who, what := WritableBy(path); who != c.who || what != want {
				t.Errorf("%s: got %q, %q", name, who, what)
			}
		}
		shared := filepath.Dir(link)
		if err := os.Chmod(shared, 0o777); err != nil {
			t.Fatal(err)
		}
		if c.who == "" {
			c.who, want = "every user", shared
		}
		if who, what := WritableBy(link); who != c.who || what != want {
			t.Errorf("%s, and a link in a folder open to all: got %q, %q", name, who, what)
		}
	}
}

func TestWritableByWaitsForNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(fifo, 0o666); err != nil {
		t.Fatal(err)
	}
	if who, _ := WritableBy(fifo); who != "every user" {
		t.Errorf("a FIFO: %q", who)
	}
	if who, _ := WritableBy(filepath.Join(dir, "nowhere")); who != "" {
		t.Errorf("no file: %q", who)
	}
}

func TestRestoreOwn(t *testing.T) {
	t.Parallel()
	for before, want := range map[fs.FileMode]fs.FileMode{0: 0o600, 0o200: 0o600, 0o600: 0o600, 0o777: 0o777} {
		path := filepath.Join(t.TempDir(), "file")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := f.Chmod(before); err != nil {
			t.Fatal(err)
		}
		if err := RestoreOwn(f, 0o600); err != nil {
			t.Error(err)
		}
		if info, err := f.Stat(); err != nil || info.Mode() != want {
			t.Errorf("%v: then %v, %v", before, info.Mode(), err)
		}
	}
}

// A group that is named after its user is not private if it has another member.
func TestMembersOfPrivateGroup(t *testing.T) {
	t.Parallel()
	for groups, want := range map[string]bool{
		"":                                     false,
		"alice:x:1000:\n":                      false,
		"alice:x:1000:alice\n":                 false,
		"root:x:0:bob\nalice:x:1000:\n":        false,
		"alice:x:1000:bob\n":                   true,
		"root:x:0:\nalice:x:1000:alice,www\n":  true,
		"alice:x:1000:\nalice:x:1000:bob":      true,
		"alicette:x:1000:bob\nalice\nalice:x:": false,
	} {
		if got := hasOtherMembers(groups, "alice"); got != want {
			t.Errorf("%q: %v", groups, got)
		}
	}
}
