//go:build unix

package permission

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links are followed, as many as Linux does:
// https://man7.org/linux/man-pages/man7/path_resolution.7.html.
const maxLinks = 40

// NotOwnedBy returns the first file, folder or symbolic link on the way to path, the
// file at path included, that belongs to a user other than root and the given ones;
// "" if there is none. Its owner chooses what is at path, whoever owns the file
// itself. Uid is that owner.
//
// The owner of the root folder is trusted as root is: in a user namespace, the
// system's folders belong to a user that it does not have.
func NotOwnedBy(path string, users ...uint32) (stranger string, uid uint32, err error) {
	if !filepath.IsAbs(path) {
		dir, err := os.Getwd()
		if err != nil {
			return "", 0, err
		}
		path = dir + "/" + path // not cleaned: the folder above a link's target is another one
	}
	const root = "/"
	at, rest, links := root, path, 0
	for {
		info, err := os.Lstat(at)
		if err != nil {
			return "", 0, err
		}
		uid := info.Sys().(*syscall.Stat_t).Uid
		if at == root {
			users = append(users[:len(users):len(users)], 0, uid)
		}
		if !slices.Contains(users, uid) {
			return at, uid, nil
		}
		if info.Mode().Type() == fs.ModeSymlink {
			if links++; links > maxLinks {
				return "", 0, syscall.ELOOP
			}
			target, err := os.Readlink(at)
			if err != nil {
				return "", 0, err
			}
			if at, rest = filepath.Dir(at), target+"/"+rest; filepath.IsAbs(target) {
				at = root
			}
		}
		rest = strings.TrimLeft(rest, "/")
		if rest == "" {
			return "", 0, nil
		}
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		at = filepath.Join(at, name) // at has no links, so that ".." is the folder above
	}
}
