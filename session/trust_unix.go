//go:build unix

package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// othersWrite are the permission bits that let somebody else write.
const othersWrite = 0o022

// openTrusted opens a regular file with one name that belongs to this user and
// that nobody else can write. It follows no symbolic link and waits for
// nothing.
func openTrusted(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
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
// write in it.
func checkDir(dir string) error {
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
	}
	return nil
}

// makeDir makes the folder and those above it that are missing, mode 0700
// whatever the umask, and closes one that others can write in. It makes none
// inside what belongs to another user: a root shell may carry somebody else's
// HOME.
func makeDir(dir string) error {
	switch err := checkDir(dir); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if err := checkAncestor(filepath.Dir(dir)); err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() || !isOwn(info) {
		return errors.New("its folder is not this user's")
	}
	return os.Chmod(dir, 0o700)
}

// checkAncestor says whether the nearest folder above that exists is this
// user's.
func checkAncestor(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir:
		return checkAncestor(filepath.Dir(dir))
	case err != nil:
		return err
	case !isOwn(info):
		return errors.New("the folder it would lie in belongs to another user")
	}
	return nil
}

func isOwn(info fs.FileInfo) bool {
	return info.Sys().(*syscall.Stat_t).Uid == uint32(os.Geteuid())
}
