//go:build !unix

package store

import (
	"io/fs"
	"os"
)

// On Windows the folders are in the user's profile folder, whose access list
// keeps other users out; only what kind of file it is can be checked here.

// open opens the folder. With create, folders that are missing are created.
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

// checkFile refuses everything but a regular file.
func checkFile(info fs.FileInfo, _ func() bool) error {
	if !info.Mode().IsRegular() {
		return untrusted("it is not a regular file")
	}
	return nil
}

func isOwn(fs.FileInfo) bool { return true }

// ignoresModes reports false: modes are not checked.
func (d *folder) ignoresModes() bool { return false }
