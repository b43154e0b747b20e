//go:build unix && !linux && !darwin

package permission

import "os"

// MayIgnoreModes returns false: file system types are not known on this system.
func MayIgnoreModes(*os.File) bool { return false }
