//go:build unix

package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// open opens the folder. With create, folders that are missing are created,
// except the home folder.
//
// The folders from the home folder on must belong to this user or to root, and
// the last one to this user: a root shell may carry another user's HOME. They are
// opened one through the other. A symbolic link is followed only if no other user
// can have put it there.
func (f Folder) open(create bool) (*folder, error) {
	root, err := f.openRoot(create)
	if err != nil {
		return nil, err
	}
	d := &folder{root: root}
	if err := d.protect(f.ReadOnly); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (f Folder) openRoot(create bool) (*os.Root, error) {
	if f.Home == "" {
		if create {
			if err := os.MkdirAll(f.Dir, 0o700); err != nil {
				return nil, err
			}
		}
		return os.OpenRoot(f.Dir)
	}
	below, err := filepath.Rel(f.Home, f.Dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.Home)
	if err != nil {
		return nil, err
	}
	real := f.Home
	for name := range strings.SplitSeq(below, string(filepath.Separator)) {
		next, to, err := step(root, f.Home, real, name, create)
		_ = root.Close()
		if err != nil {
			return nil, err
		}
		root, real = next, to
	}
	return root, nil
}

// step opens the folder name, below home, in the folder root, whose path is
// real. It returns the opened folder and its path.
func step(root *os.Root, home, real, name string, create bool) (*os.Root, string, error) {
	above, err := root.Stat(".")
	if err != nil {
		return nil, "", err
	}
	if !isOwn(above) && owner(above) != 0 {
		return nil, "", untrusted("a folder above it belongs to another user")
	}
	path := filepath.Join(real, name)
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) && create {
		if !isOwn(above) {
			return nil, "", untrusted("the folder above it belongs to another user")
		}
		info, err = makeFolder(root, name)
	}
	switch {
	case err != nil:
		return nil, "", err
	case info.Mode().Type() == fs.ModeSymlink:
		if othersCanReplaceIn(above) {
			return nil, "", untrusted("a folder above it is a symbolic link that another user may have made")
		}
		target, err := root.Readlink(name)
		if err != nil {
			return nil, "", err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(real, target)
		}
		if path, err = resolve(home, info, target); err != nil {
			return nil, "", err
		}
		next, err := os.OpenRoot(path)
		return next, path, err
	case !info.IsDir():
		return nil, "", untrusted("its folder is not a folder")
	}
	next, err := root.OpenRoot(name)
	if err != nil {
		return nil, "", err
	}
	if opened, err := next.Stat("."); err != nil || !os.SameFile(info, opened) {
		_ = next.Close()
		return nil, "", untrusted("its folder was replaced while it was opened")
	}
	return next, path, nil
}

// makeFolder creates a folder with mode 0700, whatever the umask.
func makeFolder(root *os.Root, name string) (fs.FileInfo, error) {
	if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) { // another process was quicker
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

// maxLinks is how many symbolic links are followed, as many as Linux does:
// https://man7.org/linux/man-pages/man7/path_resolution.7.html.
const maxLinks = 40

// resolve returns the path that link, a symbolic link to target, leads to. It
// refuses a way on which another user can have made a link or can replace a
// folder. Home and the folders above it are taken as they are.
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
				if !filepath.IsAbs(target) {
					target = filepath.Join(path, target)
				}
				target = filepath.Join(target, after)
				break
			}
			path, rest = next, after
		}
	}
	return "", syscall.ELOOP
}

// protect checks the open folder and removes the permission of others to write
// to it: under umask 0002 the AWS CLI creates it with mode 0775.
func (d *folder) protect(readOnly bool) error {
	info, err := d.root.Stat(".")
	if err != nil {
		return err
	}
	if !isOwn(info) {
		return untrusted("its folder belongs to another user")
	}
	d.noModes = sync.OnceValue(func() bool { return d.ignoresModes(info) })
	if info.Mode()&othersWrite == 0 || readOnly || d.noModes() {
		return nil
	}
	// Where this has no effect, what is read is checked file by file all the same.
	_ = d.chmod(info.Mode() &^ othersWrite)
	return nil
}

// modeBits are the bits of a mode that chmod(2) sets.
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
// modes, such as a Windows drive under WSL: its type is one of those that may be
// unable to, and taking permissions away from others has no effect.
func (d *folder) ignoresModes(info fs.FileInfo) bool {
	if info.Mode()&othersAny == 0 {
		return false // the modes are as they must be, whether they can be set or not
	}
	f, err := d.root.Open(".")
	if err != nil {
		return false
	}
	defer f.Close()
	return mayIgnoreModes(f) && !chmodWorks(f, info.Mode())
}

// chmodWorks reports whether others' permissions can be taken away from a file or
// folder that has the mode, and leaves it as it was.
func chmodWorks(f interface {
	Chmod(mode fs.FileMode) error
	Stat() (fs.FileInfo, error)
}, mode fs.FileMode,
) bool {
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
