package session

import (
	"errors"

	"git-credential-codecommit/internal/regularfile"
)

// maxSmallFile is the size of the largest token file that is read: 64 KiB.
const maxSmallFile = 64 << 10

// readSmallFile reads a token file: regular (or a symbolic link to one, as
// Kubernetes mounts them), and of a size that a token can have. An empty file
// is an error.
func readSmallFile(path string) ([]byte, error) {
	data, err := regularfile.Read(path, maxSmallFile)
	if err == nil && len(data) == 0 {
		err = errors.New("it is empty")
	}
	return data, err
}
