package command

import (
	"os"
	"os/exec"
	"path/filepath"
)

// executable returns the absolute path of this program. If the system does not
// report it (without /proc, as in some build environments), it looks up the name
// that the program was started with.
func executable() (string, error) {
	if path, err := os.Executable(); err == nil {
		return path, nil
	}
	path, err := exec.LookPath(os.Args[0])
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}
