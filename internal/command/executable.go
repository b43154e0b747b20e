package command

import (
	"os"
	"os/exec"
	"path/filepath"
)

// executable returns the absolute path of this program. Where the system does
// not report it (without /proc in some build environments), it is the path of
// the program that has the name it was started under.
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
