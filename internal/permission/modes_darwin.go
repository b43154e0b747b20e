package permission

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// MayIgnoreModes reports whether a file is on a file system that may not support
// modes, by the type name from statfs(2).
func MayIgnoreModes(f *os.File) bool {
	var fs syscall.Statfs_t
	if syscall.Fstatfs(int(f.Fd()), &fs) != nil {
		return false
	}
	name := make([]byte, 0, len(fs.Fstypename))
	for _, c := range fs.Fstypename {
		name = append(name, byte(c))
	}
	switch unix.ByteSliceToString(name) {
	case "msdos", "exfat", "ntfs":
		return true
	}
	return false
}
