//go:build unix

package store

import (
	"io/fs"
	"os"
	"syscall"
)

// Permission bits of the group and of others.
const (
	othersWrite = 0o022
	othersAny   = 0o077
)

// checkFile returns an error for a file that another user can have read or written.
// IgnoresModes reports whether the file system ignores modes; Windows then controls
// access, and only type, owner and links are checked.
func checkFile(info fs.FileInfo, ignoresModes func() bool) error {
	switch {
	case !info.Mode().IsRegular():
		return untrusted("it is not a regular file")
	case !isOwn(info):
		return untrusted("it belongs to another user")
	case info.Sys().(*syscall.Stat_t).Nlink > 1: // it has none after another process has replaced it
		return untrusted("it has more than one hard link")
	case info.Mode()&othersAny == 0 || ignoresModes():
		return nil
	case info.Mode()&othersWrite != 0:
		return untrusted("other users can write to it")
	}
	return ErrReadable
}

// othersCanReplaceIn reports whether another user can replace an entry of a folder.
// In a sticky folder, only the entry's owner can.
func othersCanReplaceIn(dir fs.FileInfo) bool {
	return dir.Mode()&othersWrite != 0 && dir.Mode()&fs.ModeSticky == 0
}

func isOwn(info fs.FileInfo) bool { return owner(info) == uint32(os.Geteuid()) }

func owner(info fs.FileInfo) uint32 { return info.Sys().(*syscall.Stat_t).Uid }
