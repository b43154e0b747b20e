package main

import (
	"os"
	"os/exec"
	"path/filepath"
)

// executable returns the absolute path of this program. Where the system does
// not tell it, as without /proc in some build environments, it is what the
// name that the program was started by leads to.
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
