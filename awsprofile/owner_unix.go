//go:build unix

package awsprofile

import (
	"os"
	"syscall"
)

// OwnedByAnotherUser reports whether this process is root and the folder belongs to
// another user, who could put a link there, or could not read what root wrote.
func OwnedByAnotherUser(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && os.Geteuid() == 0 && info.Sys().(*syscall.Stat_t).Uid != 0
}
