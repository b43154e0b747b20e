//go:build unix && !linux && !darwin

package permission

import "os"

// MayIgnoreModes reports false: the types of file systems here are not known.
func MayIgnoreModes(*os.File) bool { return false }
