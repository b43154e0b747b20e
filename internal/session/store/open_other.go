//go:build !unix

package store

import (
	"io/fs"
	"os"
)

// On Windows the folders are in the user's profile folder, whose access list
// excludes other users. Only the type of a file can be checked here.

// open opens the folder. With create, it creates missing folders.
func (f Folder) open(create bool) (*folder, error) {
	if create {
		if err := os.MkdirAll(f.Dir, 0o700); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, err
	}
	return &folder{root: root}, nil
}

// checkFile returns an error unless the file is a regular file.
func checkFile(info fs.FileInfo, _ func() bool) error {
	if !info.Mode().IsRegular() {
		return untrusted("it is not a regular file")
	}
	return nil
}

func isOwn(fs.FileInfo) bool { return true }

// ignoresModes returns false: modes are not checked.
func (d *folder) ignoresModes() bool { return false }
