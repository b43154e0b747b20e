// Package cli contains what all commands share: the process's values, errors with
// hints on how to fix them, and the only code that prints messages.
//
// It imports only internal/shell and internal/gitbool from this module.
package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"git-credential-codecommit/internal/shell"
)

// The names of this program. Git runs the same binary under both names.
const (
	Name       = "git-credential-codecommit"
	RemoteName = "git-remote-codecommit" // for codecommit:// URLs, see gitremote-helpers(7)
)

// A Process holds everything that a command gets from the process edge: every
// effect on the outside world except files, network and child processes.
type Process struct {
	Args            []string // os.Args
	Stdin           io.Reader
	Stdout, Stderr  io.Writer
	StdinIsTerminal func() bool
	StdoutColumns   func() int // width of the terminal on standard output; 0 if it is not a terminal
	LookupEnv       func(string) (string, bool)
	Environ         func() []string        // os.Environ
	Executable      func() (string, error) // os.Executable
	Home            func() string          // the user's home folder; "" if there is none
	Now             func() time.Time
}

// Getenv returns the value of an environment variable; "" if it is not set.
func (p Process) Getenv(name string) string {
	value, _ := p.LookupEnv(name)
	return value
}

// NoHome reports whether git has no home folder for this user's configuration. On
// Windows, git finds one without HOME.
func (p Process) NoHome() bool { return p.Getenv("HOME") == "" && runtime.GOOS != "windows" }

// IsRemoteName reports whether the program was started under RemoteName.
func (p Process) IsRemoteName() bool {
	return len(p.Args) > 0 && strings.TrimSuffix(strings.ToLower(filepath.Base(p.Args[0])), ".exe") == RemoteName
}

// Command returns how the user types this program's name, quoted for a shell: its
// name if PATH finds this program, otherwise its path.
func (p Process) Command() string {
	if p.Executable == nil || p.IsRemoteName() {
		return Name
	}
	program, err := p.Executable()
	if err != nil {
		return Name
	}
	return CommandOf(program)
}

// CommandOf is Process.Command for the program at a path.
func CommandOf(program string) string {
	if path, err := exec.LookPath(Name); err == nil && SameFile(path, program) {
		return Name
	}
	return shell.Typed(program)
}

// SameFile reports whether two paths name the same file.
func SameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
