//go:build !unix

package awsprofile

import (
	"io/fs"
	"os"
)

func keepOwner(*os.File, fs.FileInfo) error { return nil }

func isAnothers(string) bool { return false }
