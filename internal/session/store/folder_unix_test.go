//go:build unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"git-credential-codecommit/internal/permission"
)

// nobody is the ID of a different user.
const nobody = 65534

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be two users")
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tree lists names, modes, owners and content of everything in a folder.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v %d", strings.TrimPrefix(path, dir), info.Mode(), owner(info))
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %x", data)
		}
		b.WriteString("\n")
		return nil
	}))
	return b.String()
}

// A file that another user could have written or read, or that is not a regular
// file, is not used, and is kept. Reading it never blocks.
func TestUntrustedFilesAreNotUsed(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(path string) error{
		"others can write it":    func(path string) error { return os.Chmod(path, 0o666) },
		"others can read it":     func(path string) error { return os.Chmod(path, 0o604) },
		"the group can write it": func(path string) error { return os.Chmod(path, 0o620) },
		"the group can read it":  func(path string) error { return os.Chmod(path, 0o640) },
		"a symbolic link": func(path string) error {
			return errors.Join(os.Rename(path, path+".real"), os.Symlink(path+".real", path))
		},
		"a relative link": func(path string) error {
			return errors.Join(os.Rename(path, path+".real"), os.Symlink(filepath.Base(path)+".real", path))
		},
		"a hard link": func(path string) error { return os.Link(path, path+".second") },
		"a folder":    func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"a FIFO":      func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) },
		"a device by link": func(path string) error {
			return errors.Join(os.Remove(path), os.Symlink("/dev/zero", path))
		},
		"another owner": func(path string) error {
			if os.Geteuid() != 0 {
				return os.Chmod(path, 0o666)
			}
			return os.Chown(path, nobody, nobody)
		},
		"too large": func(path string) error { return os.Truncate(path, 100<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSessions(t)
			save(t, s, testKey, good())
			must(t, load(s, testKey))
			must(t, plant(s.Path(testKey)))
			files, err := os.ReadDir(s.Dir)
			must(t, err)
			if err := load(s, testKey); err == nil {
				t.Error("it was used")
			}
			if removed, err := s.Forget(testKey); removed || err == nil {
				t.Errorf("it was removed: %v, %v", removed, err)
			}
			if after, err := os.ReadDir(s.Dir); err != nil || len(after) != len(files) {
				t.Errorf("%v, then %v, %v", files, after, err)
			}
		})
	}
}

// A folder that others can write to, as the AWS CLI creates it under umask 0002:
// this user's file is used, the permission is removed, and everything else is
// unchanged.
func TestFolderThatOthersCanWriteTo(t *testing.T) {
	t.Parallel()
	for _, mode := range []uint32{0o775, 0o777, 0o770, 0o722, 0o1777, 0o2775} {
		s := newSessions(t)
		save(t, s, testKey, good())
		other := s.Path("other")
		must(t, os.WriteFile(other, []byte("{}"), 0o644), syscall.Chmod(s.Dir, mode))
		if err := load(s, testKey); err != nil {
			t.Errorf("mode %o: not used: %v", mode, err)
		}
		var stat syscall.Stat_t
		must(t, syscall.Stat(s.Dir, &stat))
		if got, want := uint32(stat.Mode)&0o7777, mode&^0o022; got != want {
			t.Errorf("mode %o: then %o, want %o", mode, got, want)
		}
		save(t, s, testKey, good())
		if _, err := os.Stat(other); err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}

// doctor changes nothing.
func TestReadOnlyFolderKeepsItsMode(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	must(t, os.Chmod(s.Dir, 0o777))
	s.ReadOnly = true
	must(t, load(s, testKey))
	if info, err := os.Stat(s.Dir); err != nil || info.Mode().Perm() != 0o777 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Folders are replaced by links during an operation: the targets of the links are
// not touched.
func TestFolderReplacedDuringOperation(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]func(d *folder) error{
		"read":   func(d *folder) error { _, err := d.read(testKey); return err },
		"write":  func(d *folder) error { return d.write(testKey, []byte("{}")) },
		"remove": func(d *folder) error { _, err := d.remove(testKey, func([]byte) bool { return true }); return err },
		"chmod":  func(d *folder) error { return d.chmod(0o700) },
		"sweep":  func(d *folder) error { d.sweep(testKey); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSessions(t)
			save(t, s, testKey, good())
			victim := victimFolder(t, s)
			before := tree(t, victim)
			d, err := s.open(true)
			must(t, err)
			defer d.close()
			must(t, os.Rename(s.Dir, s.Dir+".moved"), os.Symlink(victim, s.Dir))
			must(t, work(d))
			if after := tree(t, victim); after != before {
				t.Errorf("before\n%safter\n%s", before, after)
			}
		})
	}
	t.Run("unlock", func(t *testing.T) {
		t.Parallel()
		s := newSessions(t)
		victim := victimFolder(t, s)
		before := tree(t, victim)
		unlock, err := s.Lock(t.Context(), testKey, time.Second, never)
		must(t, err, os.Rename(s.Dir, s.Dir+".moved"), os.Symlink(victim, s.Dir))
		unlock()
		if after := tree(t, victim); after != before {
			t.Errorf("before\n%safter\n%s", before, after)
		}
	})
}

// victimFolder is another folder of this user, with files that have the store's
// names.
func victimFolder(t *testing.T, s *Sessions) string {
	t.Helper()
	dir := filepath.Join(s.Home, "public")
	must(t, os.Mkdir(dir, 0o755))
	for _, name := range []string{testKey + ".json", testKey + ".lock"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("theirs"), 0o600))
	}
	must(t, os.Chmod(dir, 0o777))
	return dir
}

// A link is followed only if no other user can have created it.
func TestSymbolicLinksInThePath(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(s *Sessions, victim string) error
		used    bool
	}{
		"in a folder of this user's":  {func(*Sessions, string) error { return nil }, true},
		"in a folder open to all":     {func(s *Sessions, _ string) error { return os.Chmod(filepath.Dir(s.Dir), 0o777) }, false},
		"in a folder open to a group": {func(s *Sessions, _ string) error { return os.Chmod(filepath.Dir(s.Dir), 0o770) }, false},
		"in a sticky folder":          {func(s *Sessions, _ string) error { return syscall.Chmod(filepath.Dir(s.Dir), 0o1777) }, true},
		"into a folder open to all":   {func(_ *Sessions, victim string) error { return os.Chmod(filepath.Dir(victim), 0o777) }, false},
		"over a link":                 {func(_ *Sessions, victim string) error { return relink(victim) }, true},
		"over a link in a folder of all": {func(_ *Sessions, victim string) error {
			return errors.Join(relink(victim), os.Chmod(filepath.Dir(victim), 0o777))
		}, false},
		"over a link that leads nowhere": {func(_ *Sessions, victim string) error {
			return errors.Join(relink(victim), os.RemoveAll(victim+".real"))
		}, false},
		"over a link that leads to itself": {func(_ *Sessions, victim string) error {
			return errors.Join(os.RemoveAll(victim), os.Symlink(victim, victim))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSessions(t)
			victim := filepath.Join(s.Home, "elsewhere", "cache")
			must(t, os.MkdirAll(victim, 0o700), os.MkdirAll(filepath.Dir(s.Dir), 0o700), os.Symlink(victim, s.Dir))
			must(t, c.prepare(s, victim))
			err := s.Save(testKey, good())
			if (err == nil) != c.used {
				t.Errorf("%v", err)
			}
			if _, err := os.Stat(filepath.Join(victim, testKey+".json")); (err == nil) != c.used {
				t.Errorf("the file: %v", err)
			}
		})
	}
}

// relink moves a folder and leaves a link to it.
func relink(path string) error {
	return errors.Join(os.Rename(path, path+".real"), os.Symlink(filepath.Base(path)+".real", path))
}

// A dotfiles folder, with relative and absolute links, in a home folder whose path
// contains a link.
func TestLinkedAWSFolder(t *testing.T) {
	t.Parallel()
	for target, leadsTo := range map[string]string{
		"dotfiles/aws":           "real/dotfiles/aws",
		"HOME/dotfiles/aws":      "real/dotfiles/aws",
		"REAL/dotfiles/aws":      "real/dotfiles/aws",
		"./x/../dotfiles/aws":    "real/dotfiles/aws",
		"../shared/aws":          "shared/aws", // above the real home folder, not above the link to it
		"x/../../shared/aws":     "shared/aws",
		"twice":                  "shared/aws", // a link to ../shared/aws
		"../real/./dotfiles/aws": "real/dotfiles/aws",
	} {
		top := t.TempDir()
		real, home := filepath.Join(top, "real"), filepath.Join(t.TempDir(), "home")
		must(t, os.MkdirAll(real+"/dotfiles/aws", 0o755), os.MkdirAll(top+"/shared/aws", 0o755), os.Mkdir(real+"/x", 0o700))
		must(t, os.Symlink(real, home), os.Symlink("../shared/aws", real+"/twice"))
		must(t, os.Symlink(strings.NewReplacer("HOME", home, "REAL", real).Replace(target), real+"/.aws"))
		s := &Sessions{Folder: Folder{Home: home, Dir: home + "/.aws/cli/cache"}, Now: func() time.Time { return testNow }}
		if err := s.Save(testKey, good()); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		if _, err := os.Stat(filepath.Join(top, leadsTo, "cli/cache", testKey+".json")); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
}

func TestFolderReplacesNothing(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(path string) error{
		"a file":          func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"a dangling link": func(path string) error { return os.Symlink("nowhere", path) },
		"a circle":        func(path string) error { return os.Symlink(path, path) },
		"a FIFO":          func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		s := newSessions(t)
		must(t, os.MkdirAll(filepath.Dir(s.Dir), 0o700), prepare(s.Dir))
		before := tree(t, s.Home)
		if err := s.Save(testKey, good()); err == nil {
			t.Errorf("%s was taken for a folder", name)
		}
		if unlock, err := s.Lock(t.Context(), testKey, time.Second, never); err == nil {
			unlock()
			t.Errorf("%s was locked", name)
		}
		if after := tree(t, s.Home); after != before {
			t.Errorf("%s: before\n%safter\n%s", name, before, after)
		}
	}
}

func TestNothingIsWrittenInAnotherUsersHome(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for name, give := range map[string]func(s *Sessions) string{
		"the home folder":  func(s *Sessions) string { return s.Home },
		"a folder between": func(s *Sessions) string { return filepath.Dir(s.Dir) },
		"the folder":       func(s *Sessions) string { return s.Dir },
	} {
		s := newSessions(t)
		save(t, s, testKey, good())
		must(t, os.Chown(give(s), nobody, nobody))
		before := tree(t, s.Home)
		if err := load(s, testKey); err == nil {
			t.Errorf("%s: a session in it is used", name)
		}
		if err := s.Save("new", good()); err == nil {
			t.Errorf("%s: a session was stored", name)
		}
		if _, err := s.Forget(testKey); err == nil {
			t.Errorf("%s: a session was removed", name)
		}
		if unlock, err := s.Lock(t.Context(), testKey, 0, never); err == nil {
			unlock()
			t.Errorf("%s: locked", name)
		}
		if after := tree(t, s.Home); after != before {
			t.Errorf("%s: before\n%safter\n%s", name, before, after)
		}
	}
}

func TestLinkOfAnotherUserIsNotFollowed(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := newSessions(t)
	victim := victimFolder(t, s)
	must(t, os.Mkdir(filepath.Join(s.Home, ".aws"), 0o700), os.Symlink(victim, filepath.Join(s.Home, ".aws", "cli")))
	must(t, os.Lchown(filepath.Join(s.Home, ".aws", "cli"), nobody, nobody))
	before := tree(t, s.Home)
	if err := s.Save(testKey, good()); err == nil {
		t.Error("it was followed")
	}
	if after := tree(t, s.Home); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// A lock that may belong to another user is neither waited for nor removed.
func TestLocksOfOtherUsers(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(path string) error{
		"a FIFO":             func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a symbolic link":    func(path string) error { return os.Symlink(path+".target", path) },
		"a folder":           func(path string) error { return os.Mkdir(path, 0o700) },
		"a full folder":      func(path string) error { return os.MkdirAll(path+"/x", 0o700) },
		"others can read it": func(path string) error { return os.WriteFile(path, nil, 0o644) },
		"a hard link": func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o600), os.Link(path, path+".second"))
		},
	} {
		s := newSessions(t)
		must(t, os.MkdirAll(s.Dir, 0o700), plant(filepath.Join(s.Dir, testKey+".lock")))
		before := tree(t, s.Dir)
		began := time.Now()
		if unlock, err := s.Lock(t.Context(), testKey, time.Minute, never); err == nil {
			unlock()
			t.Errorf("%s: locked", name)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: waited %s", name, took)
		}
		if after := tree(t, s.Dir); after != before {
			t.Errorf("%s: before\n%safter\n%s", name, before, after)
		}
	}
}

// On a file system without modes, where every file has mode 0777, only type, owner
// and links are checked.
func TestFilesOfAFileSystemWithoutModes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o777))
	check := func(noModes bool) error {
		info, err := os.Lstat(path)
		must(t, err)
		return checkFile(info, func() bool { return noModes })
	}
	if err := check(true); err != nil {
		t.Errorf("without modes: %v", err)
	}
	if err := check(false); err == nil {
		t.Error("with modes: it is used")
	}
	must(t, os.Link(path, path+".second"))
	if err := check(true); err == nil {
		t.Error("with a second link: it is used")
	}
	must(t, os.Remove(path), os.Symlink(path+".second", path))
	if err := check(true); err == nil {
		t.Error("a link is used")
	}
	if os.Geteuid() == 0 {
		must(t, os.Remove(path), os.WriteFile(path, nil, 0o777), os.Chown(path, nobody, nobody))
		if err := check(true); err == nil {
			t.Error("another user's file is used")
		}
	}
}

// modeless is a file whose mode cannot be changed.
type modeless struct {
	*os.File
	err error
}

func (f modeless) Chmod(fs.FileMode) error { return f.err }

func TestIneffectiveChmodIsDetected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o777))
	f, err := os.Open(dir)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	for _, err := range []error{nil, syscall.EPERM} {
		if chmodWorks(modeless{f, err}, info.Mode()) {
			t.Errorf("%v: accepted as working", err)
		}
	}
	if !chmodWorks(f, info.Mode()) {
		t.Error("one that works is not recognized")
	}
	if after, err := f.Stat(); err != nil || after.Mode() != info.Mode() {
		t.Errorf("the mode is %v, %v", after.Mode(), err)
	}
	for _, c := range []struct {
		mayIgnore bool
		file      modeFile
		want      bool
	}{{true, modeless{f, nil}, true}, {true, f, false}, {false, modeless{f, nil}, false}, {false, f, false}} {
		if got := cannotExpressModes(c.mayIgnore, c.file, info.Mode()); got != c.want {
			t.Errorf("may ignore modes %v, %T: %v", c.mayIgnore, c.file, got)
		}
	}
	if permission.MayIgnoreModes(f) {
		t.Skip("the temporary folder is on a file system that may ignore modes")
	}
}

// On a file system that supports modes, chmod is not sufficient evidence: the type
// must be known too.
func TestModesAreTrustedOnOtherFileSystems(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	must(t, os.Chmod(s.Path(testKey), 0o777), os.Chmod(s.Dir, 0o777))
	if err := load(s, testKey); err == nil {
		t.Error("it was used")
	}
}
