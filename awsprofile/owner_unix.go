//go:build unix

package awsprofile

import (
	"os"

	"git-credential-codecommit/internal/permission"
)

// OwnedByAnotherUser reports whether this process is root and a folder, or one
// above it, belongs to another user. That user could have placed a link there, or
// might not be able to read what root writes.
func OwnedByAnotherUser(dir string) bool {
	if os.Geteuid() != 0 {
		return false
	}
	stranger, _, err := permission.NotOwnedBy(dir)
	return err == nil && stranger != ""
}
