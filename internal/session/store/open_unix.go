//go:build unix

package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"git-credential-codecommit/internal/permission"
)

// open opens the folder. With create, it creates missing folders, except the home
// folder.
//
// The folders from the home folder on must belong to this user or to root, and the
// last one to this user, because a root shell may have another user's HOME. Each
// folder is opened through its parent. A symbolic link is followed only if no other
// user can have created it.
func (f Folder) open(create bool) (*folder, error) {
	start := f.Home
	if f.Home == "" {
		start = f.Dir
		if create {
			if err := os.MkdirAll(f.Dir, 0o700); err != nil {
				return nil, err
			}
		}
	}
	d, err := openFolder(start)
	if err != nil {
		return nil, err
	}
	if f.Home != "" {
		if d, err = f.descend(d, create); err != nil {
			return nil, err
		}
	}
	if err := d.protect(f.ReadOnly); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// openFolder opens the folder at path without checks.
func openFolder(path string) (*folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return newFolder(root)
}

func newFolder(root *os.Root) (*folder, error) {
	info, err := root.Stat(".")
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return &folder{root: root, info: info}, nil
}

// descend opens the folders from the home folder down to the folder.
func (f Folder) descend(home *folder, create bool) (*folder, error) {
	d, path := home, f.Home
	below, err := filepath.Rel(f.Home, f.Dir)
	if err != nil {
		d.close()
		return nil, err
	}
	for name := range strings.SplitSeq(below, string(filepath.Separator)) {
		next, to, err := d.step(f.Home, path, name, create)
		d.close()
		if err != nil {
			return nil, err
		}
		d, path = next, to
	}
	return d, nil
}

// step opens the folder name in d. Path is the path of d, which is home or below
// it. It returns the opened folder and its path.
func (d *folder) step(home, path, name string, create bool) (*folder, string, error) {
	if !isOwn(d.info) && owner(d.info) != 0 {
		return nil, "", untrusted("a folder above it belongs to another user")
	}
	next := filepath.Join(path, name)
	info, err := d.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) && create {
		if !isOwn(d.info) {
			return nil, "", untrusted("the folder above it belongs to another user")
		}
		info, err = makeFolder(d.root, name)
	}
	switch {
	case err != nil:
		return nil, "", err
	case info.Mode().Type() == fs.ModeSymlink:
		if othersCanReplaceIn(d.info) {
			return nil, "", untrusted("a folder above it is a symbolic link that another user may have made")
		}
		target, err := d.root.Readlink(name)
		if err != nil {
			return nil, "", err
		}
		if next, err = resolve(home, info, follow(home, path, target)); err != nil {
			return nil, "", err
		}
		linked, err := openFolder(next)
		return linked, next, err
	case !info.IsDir():
		return nil, "", untrusted("a part of its path is not a folder")
	}
	root, err := d.root.OpenRoot(name)
	if err != nil {
		return nil, "", err
	}
	opened, err := newFolder(root)
	if err != nil {
		return nil, "", err
	}
	if !os.SameFile(info, opened.info) {
		opened.close()
		return nil, "", untrusted("its folder was replaced while being opened")
	}
	return opened, next, nil
}

// makeFolder creates a folder with mode 0700, regardless of the umask.
func makeFolder(root *os.Root, name string) (fs.FileInfo, error) {
	if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) { // another process may have created it
		return nil, err
	}
	info, err := root.Lstat(name)
	if err != nil || !info.IsDir() || !isOwn(info) || info.Mode()&0o700 == 0o700 {
		return info, err
	}
	if err := root.Chmod(name, 0o700); err != nil {
		return nil, err
	}
	return root.Lstat(name)
}

// maxLinks is how many symbolic links are followed, as in Linux:
// https://man7.org/linux/man-pages/man7/path_resolution.7.html.
const maxLinks = 40

// resolve returns the path to which link, a symbolic link to target, leads. It
// returns an error if another user can have created a link on that path or can
// replace a folder. Home and the folders above it are not checked.
func resolve(home string, link fs.FileInfo, target string) (string, error) {
	for range maxLinks {
		if !isOwn(link) && owner(link) != 0 {
			return "", untrusted("a folder above it is a symbolic link of another user")
		}
		path, rest := string(filepath.Separator), strings.TrimPrefix(filepath.Clean(target), string(filepath.Separator))
		if below, ok := strings.CutPrefix(filepath.Clean(target), filepath.Clean(home)+string(filepath.Separator)); ok {
			path, rest = filepath.Clean(home), below
		}
		for {
			above, err := os.Stat(path)
			if err != nil {
				return "", err
			}
			if rest == "" {
				return path, nil
			}
			if !isOwn(above) && owner(above) != 0 || othersCanReplaceIn(above) {
				return "", untrusted("a folder above it is a symbolic link into a folder that others can write to")
			}
			name, after, _ := strings.Cut(rest, string(filepath.Separator))
			next := filepath.Join(path, name)
			if link, err = os.Lstat(next); err != nil {
				return "", err
			}
			if link.Mode().Type() == fs.ModeSymlink {
				if target, err = os.Readlink(next); err != nil {
					return "", err
				}
				target = filepath.Join(follow(home, path, target), after)
				break
			}
			path, rest = next, after
		}
	}
	return "", syscall.ELOOP
}

// follow returns the path to which a symbolic link in the folder at path points.
func follow(home, path, target string) string {
	if filepath.IsAbs(target) {
		return target
	}
	next := filepath.Join(path, target)
	if below, err := filepath.Rel(home, next); err == nil && filepath.IsLocal(below) {
		return next
	}
	// The target is outside the home folder. The path of the home folder may contain
	// links, so resolve ".." as the system does.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		next = filepath.Join(real, target)
	}
	return next
}

// protect checks the open folder and removes others' write permission: under umask
// 0002, the AWS CLI creates it with mode 0775.
func (d *folder) protect(readOnly bool) error {
	if !isOwn(d.info) {
		return untrusted("its folder belongs to another user")
	}
	if d.info.Mode()&othersWrite != 0 && !readOnly && !d.ignoresModes() {
		// If chmod fails, each file is still checked.
		_ = d.chmod(d.info.Mode() &^ othersWrite)
	}
	return nil
}

// modeBits are the mode bits that chmod(2) sets.
const modeBits = fs.ModePerm | fs.ModeSticky | fs.ModeSetgid | fs.ModeSetuid

// chmod sets the mode of the open folder.
func (d *folder) chmod(mode fs.FileMode) error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Chmod(mode & modeBits)
}

// ignoresModes reports whether the folder is on a file system that cannot express
// modes, such as a Windows drive in WSL: the type is one of those that may not
// support modes, and removing others' permissions has no effect.
func (d *folder) ignoresModes() bool {
	if d.info.Mode()&othersAny == 0 {
		return false // the mode already excludes others: no need to try
	}
	f, err := d.root.Open(".")
	if err != nil {
		return false
	}
	defer f.Close()
	return cannotExpressModes(permission.MayIgnoreModes(f), f, d.info.Mode())
}

// cannotExpressModes reports whether a file or folder that has the mode is on a
// file system that may ignore modes and actually does.
func cannotExpressModes(mayIgnore bool, f modeFile, mode fs.FileMode) bool {
	return mayIgnore && !chmodWorks(f, mode)
}

// A modeFile is an open file or folder with a mode that can be read and possibly
// changed.
type modeFile interface {
	Chmod(mode fs.FileMode) error
	Stat() (fs.FileInfo, error)
}

// chmodWorks reports whether others' permissions can be removed from a file or
// folder that has the mode, and restores the mode.
func chmodWorks(f modeFile, mode fs.FileMode) bool {
	_ = f.Chmod(mode & modeBits &^ othersAny)
	after, err := f.Stat()
	if err != nil {
		return true
	}
	if after.Mode() == mode {
		return false
	}
	_ = f.Chmod(mode & modeBits)
	return true
}
