// Package cli holds what all commands share: the values of the process, errors
// with the hints that fix them, and the only code that prints text for people.
//
// It imports no other package of this module except internal/shell and
// internal/gitbool.
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

// The names of this program: git runs the same binary under both.
const (
	Name       = "git-credential-codecommit"
	RemoteName = "git-remote-codecommit" // for codecommit:// URLs, see gitremote-helpers(7)
)

// A Process holds everything that the process edge passes to a command:
// every effect on the outside world other than files, network and child
// processes.
type Process struct {
	Args            []string // os.Args
	Stdin           io.Reader
	Stdout, Stderr  io.Writer
	StdinIsTerminal func() bool
	StdoutColumns   func() int // columns of the terminal that is standard output; 0 if it is not a terminal
	LookupEnv       func(string) (string, bool)
	Environ         func() []string        // os.Environ
	Executable      func() (string, error) // os.Executable
	Home            func() string          // the user's home folder; "" if there is none
	Now             func() time.Time
}

// Getenv returns the value of an environment variable, "" if it is not set.
func (p Process) Getenv(name string) string {
	value, _ := p.LookupEnv(name)
	return value
}

// NoHome reports whether git has no home folder to write to for this user. On
// Windows, git finds one without HOME.
func (p Process) NoHome() bool { return p.Getenv("HOME") == "" && runtime.GOOS != "windows" }

// IsRemoteName reports whether the program was started under RemoteName.
func (p Process) IsRemoteName() bool {
	return len(p.Args) > 0 && strings.TrimSuffix(strings.ToLower(filepath.Base(p.Args[0])), ".exe") == RemoteName
}

// Command returns what a person types to run this program: its name if that
// runs this very program, otherwise its path, as a shell word.
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
