// Package gitconfig reads and writes git's configuration as git does: what git
// lists for the current folder, and the files themselves, byte by byte.
package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"git-credential-codecommit/internal/cli"
)

// A Git is the git program on this machine.
type Git struct {
	Path string   // absolute
	env  []string // variables that are added to this process's environment
	// files are what git gets beside its standard input and output; not on Windows.
	files []*os.File
}

// Find finds git on PATH.
func Find() (Git, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return Git{}, errors.New("git is not on PATH")
	}
	return Git{Path: path}, nil
}

// FindFor finds the git that runs this program, which names the folder of its
// programs in GIT_EXEC_PATH; else the one on PATH.
func FindFor(p cli.Process) (Git, error) {
	if dir := p.Getenv("GIT_EXEC_PATH"); filepath.IsAbs(dir) {
		if path, err := exec.LookPath(filepath.Join(dir, "git")); err == nil {
			return Git{Path: path}, nil
		}
	}
	git, err := Find()
	if err != nil {
		return git, cli.WithHints(err, cli.Advice("install git, or add its folder to PATH"))
	}
	return git, nil
}

// with returns the same git with another variable in its environment.
func (g Git) with(variable string) Git {
	return Git{Path: g.Path, env: append(slices.Clone(g.env), variable)}
}

// pipeDelay is how long a child process of git may keep git's output open after git
// has ended.
const pipeDelay = time.Second

// Output runs git in the current folder and returns its standard output. Git's
// messages are in English, because callers parse them.
func (g Git) Output(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, g.Path, args...)
	cmd.Env = slices.Concat(cmd.Environ(), []string{"LC_ALL=C", "LANGUAGE="}, g.env)
	cmd.ExtraFiles = g.files
	cmd.WaitDelay = pipeDelay
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err == nil {
		return stdout.String(), nil
	}
	e := &RunError{Args: args, Err: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		e.Exit = exit.ExitCode()
		e.Message = message(stderr.String())
	}
	if ctx.Err() != nil {
		e.Message, e.Err = "", errors.New("git did not finish in time")
	}
	return "", e
}

// message returns the line in which git says what is wrong, without traces
// (GIT_TRACE) and warnings; the first line if there is no such line.
func message(stderr string) string {
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "fatal: ") || strings.HasPrefix(line, "error: ") {
			return strings.TrimSpace(line)
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	return first
}

// RunError is returned when git fails.
type RunError struct {
	Args    []string
	Exit    int    // git's exit code; -1 when it was killed, 0 when it could not be started
	Message string // the line in which git says why; "" if it does not
	Err     error
}

func (e *RunError) Error() string {
	why := e.Message
	for _, kind := range []string{"error: ", "fatal: "} {
		why = strings.TrimPrefix(why, kind)
	}
	if why == "" {
		why = e.Err.Error()
	}
	verb := ""
	if len(e.Args) > 0 {
		verb = " " + e.Args[0]
	}
	return fmt.Sprintf("git%s: %s", verb, why)
}

func (e *RunError) Unwrap() error { return e.Err }

// NoRepository reports whether git failed because the current folder is not in a
// repository.
func (e *RunError) NoRepository() bool { return strings.Contains(e.Message, "not a git repository") }

// Unsafe returns the repository that git refuses because it belongs to another
// user and safe.directory does not name it (git-config(1)); "" if git failed for
// another reason.
func (e *RunError) Unsafe() (dir string) {
	_, dir, _ = strings.Cut(e.Message, "dubious ownership in repository at '")
	return strings.TrimSuffix(dir, "'")
}
