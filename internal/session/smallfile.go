package session

import (
	"errors"

	"git-credential-codecommit/internal/regularfile"
)

// maxSmallFile is the size limit for token files: 64 KiB.
const maxSmallFile = 64 << 10

// readSmallFile reads a token file: a regular file (or a symbolic link to one, as
// Kubernetes mounts them) of at most maxSmallFile bytes. An empty file is an error.
func readSmallFile(path string) ([]byte, error) {
	data, err := regularfile.Read(path, maxSmallFile)
	if err == nil && len(data) == 0 {
		err = errors.New("it is empty")
	}
	return data, err
}
