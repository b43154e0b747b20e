// Package gitconfig reads and writes git's configuration as git does: the effective
// settings of the current folder, and the files themselves, byte by byte.
package gitconfig

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	env  []string // added to this process's environment
	// files are inherited by git as file descriptors 3 and up; not on Windows.
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

// FindFor finds the git that runs this program, through GIT_EXEC_PATH, or else the
// git on PATH. The error has a hint.
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

// with returns a copy that runs git with another environment variable.
func (g Git) with(variable string) Git {
	return Git{Path: g.Path, env: append(slices.Clone(g.env), variable)}
}

// Environ returns the environment for git without GIT_CONFIG, which names a file
// that only git config reads, instead of the configuration. See ENVIRONMENT in
// git-config(1).
func Environ(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(variable string) bool { return strings.HasPrefix(variable, "GIT_CONFIG=") })
}

// pipeDelay limits how long a child process of git may keep git's output open after
// git exits.
const pipeDelay = time.Second

// maxOutput limits git's standard output in bytes: 8 MiB, more than maxItems entries
// of git config take. maxMessages limits its standard error: 64 KiB.
const (
	maxOutput   = 8 << 20
	maxMessages = 64 << 10
)

// Output runs git in the current folder and returns its standard output, up to
// maxOutput. The error is a RunError. Git's messages are in English, because callers
// parse them.
func (g Git) Output(ctx context.Context, args ...string) (string, error) {
	var stdout limited
	err := g.run(ctx, &stdout, args)
	if stdout.exceeded {
		return "", &RunError{Args: args, Err: fmt.Errorf("its output is larger than %d MiB", maxOutput>>20)}
	}
	if err != nil {
		return "", err
	}
	return stdout.text.String(), nil
}

// run runs git in the current folder. The error is a RunError.
func (g Git) run(ctx context.Context, stdout io.Writer, args []string) error {
	cmd := exec.CommandContext(ctx, g.Path, args...)
	cmd.Env = slices.Concat(Environ(cmd.Environ()), []string{"LC_ALL=C", "LANGUAGE="}, g.env)
	cmd.ExtraFiles = g.files
	cmd.WaitDelay = pipeDelay
	var stderr tail
	cmd.Stdout, cmd.Stderr = stdout, &stderr
	err := cmd.Run()
	if err == nil {
		return nil
	}
	e := &RunError{Args: args, Err: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		e.Exit = exit.ExitCode()
		e.Message = message(string(stderr))
	}
	if ctx.Err() != nil {
		e.Message, e.Err = "", errors.New("git timed out")
	}
	return e
}

// A limited keeps what is written to it, and fails beyond maxOutput, which ends git.
type limited struct {
	text     strings.Builder
	exceeded bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.exceeded = l.exceeded || l.text.Len()+len(p) > maxOutput; l.exceeded {
		return 0, io.ErrShortWrite
	}
	return l.text.Write(p)
}

// A tail keeps the end of what is written to it, between one and two times
// maxMessages: git prints the reason for a failure last.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	if over := len(*t) - maxMessages; over > maxMessages {
		*t = append((*t)[:0], (*t)[over:]...)
	}
	return len(p), nil
}

// message returns the line of git's standard error that says why it failed, or else
// the first line. Traces (GIT_TRACE) and warnings are skipped.
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
	Exit    int    // git's exit code; -1 if it was killed, 0 if it did not start
	Message string // git's reason; "" if it printed none
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

// Unsafe returns the path of a repository that git refuses to use because it
// belongs to another user and safe.directory does not list it (see git-config(1)).
// It is "" if git failed for another reason.
func (e *RunError) Unsafe() (dir string) {
	_, dir, _ = strings.Cut(e.Message, "dubious ownership in repository at '")
	return strings.TrimSuffix(dir, "'")
}
