package permission

import (
	"os"
	"syscall"
)

// Types of file systems that may not support modes, from statfs(2):
// https://man7.org/linux/man-pages/man2/statfs.2.html and
// https://github.com/torvalds/linux/blob/master/include/uapi/linux/magic.h.
const (
	type9P    = 0x01021997 // Windows drives in WSL 2
	typeWSL1  = 0x53464846 // "SFHF": WSL 1
	typeFAT   = 0x4d44     // also vfat
	typeExFAT = 0x2011bab0
	typeNTFS  = 0x5346544e // the old driver
	typeNTFS3 = 0x7366746e
)

// MayIgnoreModes reports whether a file is on a file system that may not support
// modes, such as a Windows drive in WSL.
func MayIgnoreModes(f *os.File) bool {
	var fs syscall.Statfs_t
	if syscall.Fstatfs(int(f.Fd()), &fs) != nil {
		return false
	}
	switch uint32(fs.Type) {
	case type9P, typeWSL1, typeFAT, typeExFAT, typeNTFS, typeNTFS3:
		return true
	}
	return false
}
