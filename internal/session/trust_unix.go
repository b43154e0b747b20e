//go:build unix

package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"git-credential-codecommit/internal/regularfile"
)

// othersWrite are the permission bits that let somebody else write.
const othersWrite = 0o022

// openTrusted opens a regular file with one name that belongs to this user and
// that nobody else can write. It follows no symbolic link and waits for
// nothing.
func openTrusted(path string) (*os.File, error) {
	f, err := os.OpenFile(path, regularfile.Flags|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = checkFile(info)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func checkFile(info fs.FileInfo) error {
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case !isOwn(info):
		return errors.New("it belongs to another user")
	case info.Mode()&othersWrite != 0:
		return errors.New("others can write it")
	case info.Sys().(*syscall.Stat_t).Nlink != 1:
		return errors.New("it has a second name")
	}
	return nil
}

// checkDir says whether the folder belongs to this user and nobody else can
// write in it, and whether the way to it from the home folder is nobody
// else's.
func checkDir(home, dir string) error {
	if err := checkWay(home, dir); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return errors.New("its folder is not a folder")
	case !isOwn(info):
		return errors.New("its folder belongs to another user")
	case info.Mode()&othersWrite != 0:
		return errors.New("others can write in its folder")
	case info.Mode()&(fs.ModeSticky|fs.ModePerm) == emptying:
		return errors.New("its folder was open to others and is being emptied")
	}
	return nil
}

// checkWay says whether the home folder and all that lies between it and dir
// belongs to this user or to root. A root shell may carry somebody else's HOME,
// and a symbolic link there could lead it anywhere. Without a home folder there
// is no way to check.
func checkWay(home, dir string) error {
	for path := dir; home != ""; path = filepath.Dir(path) {
		stat := os.Lstat
		if path == filepath.Clean(home) {
			home, stat = "", os.Stat
		}
		info, err := stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !isOwn(info) && owner(info) != 0:
			return errors.New("a folder on the way to it belongs to another user")
		}
		if path == filepath.Dir(path) {
			break
		}
	}
	return nil
}

// makeDir makes the store's folder and those above it that are missing, mode
// 0700 whatever the umask, but not the home folder. One below the home folder
// that others could write in is closed; the sessions in it may be theirs, and
// are dropped. None is made inside what belongs to another user.
func (s *store) makeDir() error {
	err := checkDir(s.home, s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return makeDirs(s.home, s.dir)
	}
	if err == nil || s.home == "" || checkWay(s.home, s.dir) != nil {
		return err
	}
	if info, e := os.Lstat(s.dir); e != nil || !info.IsDir() || !isOwn(info) {
		return err
	}
	if s.tokens {
		return os.Chmod(s.dir, 0o700)
	}
	s.trace("%s: what is kept there is dropped", err)
	return emptyDir(s.home, s.dir)
}

// emptying is the mode of a folder that others can no longer write in, and that
// holds what they may have written.
const emptying = fs.ModeSticky | 0o700

// emptyWait is how long another process may take to empty a folder. Who waits
// longer goes on all the same: anybody may have locked what was open to all.
const emptyWait = 2 * time.Second

// emptyDir closes a folder and removes the files in it. There is no moment at
// which one of them lies in a folder that is trusted.
func emptyDir(home, dir string) error {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for waited := time.Duration(0); waited < emptyWait; waited += lockPoll {
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != syscall.EWOULDBLOCK {
			break
		}
		time.Sleep(lockPoll)
	}
	if checkDir(home, dir) == nil {
		return nil // another process was quicker
	}
	if err := f.Chmod(emptying); err != nil {
		return err
	}
	files, err := f.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, file := range files {
		err := os.Remove(filepath.Join(dir, file.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !file.IsDir() { // a folder is no session
			return err
		}
	}
	return f.Chmod(0o700)
}

func makeDirs(home, dir string) error {
	above := filepath.Dir(dir)
	info, err := os.Stat(above)
	switch {
	case errors.Is(err, fs.ErrNotExist) && above != dir && above != filepath.Clean(home):
		err = makeDirs(home, above)
	case err == nil && !isOwn(info):
		err = errors.New("the folder it would lie in belongs to another user")
	}
	if err != nil {
		return err
	}
	switch err := os.Mkdir(dir, 0o700); {
	case errors.Is(err, fs.ErrExist): // another process was quicker
		info, e := os.Lstat(dir)
		if e != nil || !info.IsDir() {
			return err
		}
		if info.Mode().Perm()&0o700 == 0o700 {
			return nil
		}
	case err != nil:
		return err
	}
	return os.Chmod(dir, 0o700) // the umask may have taken bits away
}

// makeLock makes the lock file at path, unless there is one that can be
// trusted. Another one was put there while others could write in the folder,
// and they could hold it for ever.
func makeLock(path string) error {
	if info, err := os.Lstat(path); err == nil && checkFile(info) != nil {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Chmod(0o600) // the umask may have taken bits away
}

func isOwn(info fs.FileInfo) bool { return owner(info) == uint32(os.Geteuid()) }

func owner(info fs.FileInfo) uint32 { return info.Sys().(*syscall.Stat_t).Uid }
