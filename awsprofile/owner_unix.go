//go:build unix

package awsprofile

import (
	"os"

	"git-credential-codecommit/internal/permission"
)

// OwnedByAnotherUser reports whether this process is root and the folder, or one
// above it, belongs to another user, who could put a link there, or could not read
// what root wrote.
func OwnedByAnotherUser(dir string) bool {
	if os.Geteuid() != 0 {
		return false
	}
	stranger, _, err := permission.NotOwnedBy(dir)
	return err == nil && stranger != ""
}
