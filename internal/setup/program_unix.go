//go:build unix

package setup

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// replaceable reports whether a user other than root can replace a program, and
// returns the file or folder that allows it. A folder with the sticky bit, such as
// /tmp, protects its entries. Groups are trusted: Debian's /usr/local/bin belongs
// to group staff.
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

// real returns the path of a program with symbolic links resolved.
func real(program string) string {
	if path, err := filepath.EvalSymlinks(program); err == nil {
		return path
	}
	return program
}
