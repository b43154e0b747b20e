//go:build unix

package setup

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// replaceable reports whether a user other than root can replace a program, and
// by which file or folder. A folder with the sticky bit, such as /tmp, protects
// what is in it. A group is trusted: Debian's /usr/local/bin belongs to staff.
func replaceable(program string) (path string, yes bool) {
	const othersMayWrite = 0o002
	for _, path := range []string{program, real(program)} {
		for {
			if info, err := os.Stat(path); err == nil {
				stat, ok := info.Sys().(*syscall.Stat_t)
				foreign := ok && stat.Uid != 0
				if foreign || info.Mode()&othersMayWrite != 0 && !(info.IsDir() && info.Mode()&fs.ModeSticky != 0) {
					return path, true
				}
			}
			above := filepath.Dir(path)
			if above == path {
				break
			}
			path = above
		}
	}
	return "", false
}

// real is the path of a program without symbolic links.
func real(program string) string {
	if path, err := filepath.EvalSymlinks(program); err == nil {
		return path
	}
	return program
}
