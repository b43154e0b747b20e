//go:build !unix

package session

import (
	"errors"
	"os"
)

// On Windows the store lies in the user's profile folder, whose access list
// lets nobody else in; only what a file is can be checked here.

// openTrusted opens a regular file and follows no symbolic link.
func openTrusted(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	return os.Open(path)
}

// checkDir says whether dir is a folder.
func checkDir(_, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("its folder is not a folder")
	}
	return nil
}

// makeDir makes the store's folder and those above it that are missing.
func (s *store) makeDir() error { return os.MkdirAll(s.dir, 0o700) }

// makeLock has nothing to do: locking the file makes it.
func makeLock(string) error { return nil }
