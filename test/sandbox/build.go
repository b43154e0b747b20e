package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
)

// The two names of the program: it tells by its name what git wants of it.
const (
	helperName = "git-credential-codecommit"
	remoteName = "git-remote-codecommit"
)

// build builds the program of the module that the sandbox belongs to.
func (s *sandbox) build() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("not built as part of a module")
	}
	if err := os.MkdirAll(s.bin(), 0o755); err != nil {
		return err
	}
	binary := filepath.Join(s.bin(), helperName+exeSuffix())
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", binary, info.Main.Path)
	cmd.Env = s.environ
	cmd.Stdout, cmd.Stderr = s.stderr, s.stderr
	if err := s.wait(cmd); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	remote := filepath.Join(s.bin(), remoteName+exeSuffix())
	if err := os.Link(binary, remote); err != nil {
		return copyFile(remote, binary)
	}
	return nil
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
