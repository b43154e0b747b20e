//go:build unix

package session

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A file that somebody else could have written, or that is not what it should
// be, is a miss, and reading it waits for nothing.
func TestStoreTrustsNoPlantedFile(t *testing.T) {
	t.Parallel()
	good := testEntry("2026-11-22T06:00:00Z").json(t)
	for name, plant := range map[string]func(s *store, path string) error{
		"others can write it":               func(_ *store, path string) error { return os.Chmod(path, 0o666) },
		"the group can write it":            func(_ *store, path string) error { return os.Chmod(path, 0o620) },
		"others can write in the folder":    func(s *store, _ string) error { return os.Chmod(s.dir, 0o777) },
		"the group can write in the folder": func(s *store, _ string) error { return os.Chmod(s.dir, 0o770) },
		"a symbolic link": func(_ *store, path string) error {
			if err := os.Rename(path, path+".real"); err != nil {
				return err
			}
			return os.Symlink(path+".real", path)
		},
		"a hard link": func(_ *store, path string) error { return os.Link(path, path+".second") },
		"a folder": func(_ *store, path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Mkdir(path, 0o700)
		},
		"a FIFO": func(_ *store, path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return syscall.Mkfifo(path, 0o600)
		},
		"a device": func(_ *store, path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Symlink("/dev/zero", path)
		},
	} {
		s := newTestStore(t)
		path := s.plant(t, good, 0o600)
		if _, ok := s.load(testKey, isSessionOf(testRole)); !ok {
			t.Fatal("the file was not good to begin with")
		}
		if err := plant(s, path); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.load(testKey, isSessionOf(testRole)); ok {
			t.Errorf("%s: it was taken", name)
		}
	}
}

func TestStoreTakesAFileThatOthersCanRead(t *testing.T) {
	t.Parallel()
	// The AWS CLI writes 0600, but a umask of 0022 on the folder is usual.
	s := newTestStore(t)
	s.plant(t, testEntry("2026-11-22T06:00:00Z").json(t), 0o644)
	if err := os.Chmod(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.load(testKey, isSessionOf(testRole)); !ok {
		t.Error("a miss")
	}
}

func TestStoreClosesAFolderThatOthersCanWriteIn(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.dir, 0o775); err != nil { // as the AWS CLI makes it under a umask of 0002
		t.Fatal(err)
	}
	s.save(testKey, testEntry("2026-11-22T06:00:00Z"))
	wantMode(t, s.dir, fs.ModeDir|0o700)
	wantMode(t, s.path(testKey+".json"), 0o600)
	if _, ok := s.load(testKey, isSessionOf(testRole)); !ok {
		t.Error("a miss")
	}
}

// What lies in a folder that others could write in may be theirs: once the
// folder is closed, none of it is to be believed.
func TestStoreBelievesNothingThatLayInAnOpenFolder(t *testing.T) {
	t.Parallel()
	for _, mode := range []fs.FileMode{0o777, 0o770, 0o1777} {
		s := newTestStore(t)
		s.plant(t, testEntry("2026-11-22T06:00:00Z").json(t), 0o600)
		if err := syscall.Chmod(s.dir, uint32(mode)); err != nil {
			t.Fatal(err)
		}
		s.lock(t.Context(), testKey, time.Second, func() bool { return false })()
		wantMode(t, s.dir, fs.ModeDir|0o700)
		if _, ok := s.load(testKey, isSessionOf(testRole)); ok {
			t.Errorf("mode %o: it was taken", mode)
		}
		if left, err := os.ReadDir(filepath.Dir(s.dir)); err != nil || len(left) != 1 {
			t.Errorf("mode %o: beside the folder lie %v, %v", mode, left, err)
		}
	}
}

// Of many processes that find the folder open one empties it, and none removes
// what another has kept since.
func TestAnOpenFolderIsEmptiedOnce(t *testing.T) {
	t.Parallel()
	for range 50 {
		s := newTestStore(t)
		s.trace = func(string, ...any) {}
		s.plant(t, "{}", 0o600)
		if err := os.Chmod(s.dir, 0o777); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				name := s.path(strconv.Itoa(i))
				if err := s.makeDir(); err != nil {
					t.Error(err)
				} else if err := os.WriteFile(name, nil, 0o600); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if files, err := os.ReadDir(s.dir); err != nil || len(files) != 8 {
			t.Fatalf("%v, %v", files, err)
		}
	}
}

// What a process that was killed has closed and not emptied is not believed.
func TestAFolderThatIsNotYetEmptyIsAMiss(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	path := s.plant(t, testEntry("2026-11-22T06:00:00Z").json(t), 0o600)
	if err := os.Chmod(s.dir, emptying); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.load(testKey, isSessionOf(testRole)); ok {
		t.Error("it was taken")
	}
	if err := s.makeDir(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
	wantMode(t, s.dir, fs.ModeDir|0o700)
}

// The tokens of a sign-in stay: only AWS's programs know how to get new ones.
func TestTokensStayInAnOpenFolder(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	s.tokens = true
	s.plant(t, `{"accessToken": "t"}`, 0o600)
	if err := os.Chmod(s.dir, 0o775); err != nil {
		t.Fatal(err)
	}
	s.update(testKey, map[string]any{"accessToken": "u"})
	wantMode(t, s.dir, fs.ModeDir|0o700)
	if data, err := os.ReadFile(s.path(testKey + ".json")); err != nil || string(data) != `{"accessToken":"u"}` {
		t.Errorf("%s, %v", data, err)
	}
}

func TestStoreWritesNothingInsideAnotherUsersHome(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give a folder away")
	}
	s := newTestStore(t)
	home := filepath.Dir(filepath.Dir(filepath.Dir(s.dir)))
	if err := os.Chown(home, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	s.save(testKey, testEntry("2026-11-22T06:00:00Z"))
	s.lock(t.Context(), testKey, 0, func() bool { return false })()
	if files, err := os.ReadDir(home); err != nil || len(files) != 0 {
		t.Errorf("wrote %v, %v", files, err)
	}

	// Nor does it trust what lies there.
	s.plant(t, testEntry("2026-11-22T06:00:00Z").json(t), 0o600)
	if err := os.Chown(s.dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.load(testKey, isSessionOf(testRole)); ok {
		t.Error("trusted another user's folder")
	}
	s.save("other", testEntry("2026-11-22T06:00:00Z"))
	if files, err := os.ReadDir(s.dir); err != nil || len(files) != 1 {
		t.Errorf("wrote %v, %v", files, err)
	}
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode() != want {
		t.Errorf("%s: mode %v, %v, want %v", path, info.Mode(), err, want)
	}
}

func TestFolderIsNotMadeOverAnythingElse(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.WriteFile(home+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(home+"/nowhere", home+"/dangling"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "dangling"} {
		if err := makeDirs(home, filepath.Join(home, name)); err == nil {
			t.Errorf("%s was taken for a folder", name)
		}
	}
}
