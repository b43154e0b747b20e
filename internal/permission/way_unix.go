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

// maxLinks is how many symbolic links are followed, as in Linux:
// https://man7.org/linux/man-pages/man7/path_resolution.7.html.
const maxLinks = 40

// NotOwnedBy returns the first file, folder or symbolic link on the path, including
// the file itself, that belongs to a user other than root and the given ones; "" if
// there is none. Uid is its owner, who decides what is at the path, even if the
// file belongs to someone else.
//
// The owner of the root folder is trusted like root: in a user namespace, the
// system's folders belong to a user that does not exist there.
func NotOwnedBy(path string, users ...uint32) (stranger string, uid uint32, err error) {
	if !filepath.IsAbs(path) {
		dir, err := os.Getwd()
		if err != nil {
			return "", 0, err
		}
		path = dir + "/" + path // not cleaned: ".." after a link means the target's parent
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
		at = filepath.Join(at, name) // at contains no links, so ".." is its parent
	}
}
