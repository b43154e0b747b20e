//go:build unix

package awsprofile

import (
	"os"
	"syscall"
)

// IsAnothers says whether this is root, and the folder another user's: who could
// put a link there, or not read afterwards what root wrote.
func IsAnothers(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && os.Geteuid() == 0 && info.Sys().(*syscall.Stat_t).Uid != 0
}
