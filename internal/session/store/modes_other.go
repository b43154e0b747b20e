//go:build unix && !linux && !darwin

package store

import "os"

// mayIgnoreModes reports false: the types of file systems here are not known.
func mayIgnoreModes(*os.File) bool { return false }
