//go:build unix

package awsprofile

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner and group of another file: root may be at work
// in somebody's home.
func keepOwner(f *os.File, other fs.FileInfo) error {
	want := other.Sys().(*syscall.Stat_t)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if have := info.Sys().(*syscall.Stat_t); have.Uid == want.Uid && have.Gid == want.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid))
}

// IsAnothers says whether this is root, and the folder another user's: who could
// put a link there, or not read afterwards what root wrote.
func IsAnothers(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && os.Geteuid() == 0 && info.Sys().(*syscall.Stat_t).Uid != 0
}
