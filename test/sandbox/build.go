package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// The two names of the program, which determine what it does.
const (
	helperName = "git-credential-codecommit"
	remoteName = "git-remote-codecommit"
)

// build builds the program of the module that contains the sandbox.
func (s *sandbox) build() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("not built as part of a module")
	}
	find := exec.Command("go", "list", "-m")
	find.Env = s.environ
	if module, err := find.Output(); err != nil || strings.TrimSpace(string(module)) != info.Main.Path {
		return fmt.Errorf("not in a checkout of %s; run it in the root of one, or name it: go -C CHECKOUT run ./test/sandbox", helperName)
	}
	fmt.Fprintf(s.stderr, "sandbox: building %s\n", helperName)
	if err := os.MkdirAll(s.bin(), 0o755); err != nil {
		return err
	}
	binary := filepath.Join(s.bin(), helperName+exeSuffix())
	for program, source := range map[string]string{binary: info.Main.Path, s.browser(): info.Main.Path + "/test/person"} {
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", program, source)
		cmd.Env = s.environ
		cmd.Stdout, cmd.Stderr = s.stderr, s.stderr
		if err := s.wait(cmd); err != nil {
			return fmt.Errorf("go build: %w", err)
		}
	}
	remote := filepath.Join(s.bin(), remoteName+exeSuffix())
	if err := os.Link(binary, remote); err != nil {
		return copyFile(remote, binary)
	}
	return nil
}

// browser is the path of a simulated browser that allows every sign-in.
func (s *sandbox) browser() string { return filepath.Join(s.bin(), "browser"+exeSuffix()) }

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
