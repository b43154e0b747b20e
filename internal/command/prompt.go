package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/term"

	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitbool"
	"git-credential-codecommit/internal/session"
)

// errInterrupted is returned when a signal ended the prompt.
var errInterrupted = fmt.Errorf("%w while waiting for the MFA code", awsclient.ErrInterrupted)

// noCodeError is returned when nobody gave an MFA code.
type noCodeError struct {
	problem string
	askpass string // the variable that names the program that was asked; "" for the terminal
}

func (e *noCodeError) Error() string { return e.problem }

// Hints returns how to answer.
func (e *noCodeError) Hints() []cli.Hint {
	if e.askpass != "" {
		return []cli.Hint{cli.Advice("run the git command again, and answer it; or make git ask on the terminal: unset " + e.askpass)}
	}
	return []cli.Hint{cli.Advice("run the git command again, and type the code")}
}

// mfaCode asks a person for the code of an MFA device, as git asks for a
// password: through the program in GIT_ASKPASS, or else SSH_ASKPASS, and if
// there is none or it fails, on the terminal unless GIT_TERMINAL_PROMPT is
// false. A GIT_ASKPASS that is set to nothing says that there is none. Git's
// core.askPass, which comes between the two, is not looked at: that would take
// a run of git. Standard input is git's and is not read.
//
// See git_prompt in git's prompt.c; the words are the AWS CLI's.
func mfaCode(ctx context.Context, p cli.Process, serial string) (string, error) {
	prompt := "Enter MFA code for " + cli.OneLine(serial) + ": "
	var failed error
	if name, program := askpass(p); program != "" {
		code, err := runAskpass(ctx, name, program, prompt)
		if err == nil || ctx.Err() != nil {
			return code, err
		}
		failed = err
	}
	if ask, set := p.LookupEnv("GIT_TERMINAL_PROMPT"); !set || gitTrue(ask) {
		code, err := askTerminal(ctx, prompt)
		if !errors.Is(err, session.ErrNoPrompt) {
			return code, err
		}
	}
	return "", cmp.Or(failed, session.ErrNoPrompt)
}

// askpass is the program that asks for a password, and the variable that names
// it; "" for none.
func askpass(p cli.Process) (name, program string) {
	for _, name := range []string{"GIT_ASKPASS", "SSH_ASKPASS"} {
		if program, set := p.LookupEnv(name); set {
			return name, program
		}
	}
	return "", ""
}

// runAskpass runs the program with the prompt as its argument and takes the
// first line that it prints.
func runAskpass(ctx context.Context, name, program, prompt string) (string, error) {
	cmd := exec.CommandContext(ctx, program, prompt)
	cmd.WaitDelay = time.Second
	var line firstLine
	cmd.Stdout = &line
	if err := cmd.Run(); err != nil {
		return "", &noCodeError{"the program in " + name + " gave no MFA code", name}
	}
	return strings.TrimSpace(string(line.text)), nil
}

// firstLine takes the first line of what is written to it, as far as a code
// could reach, and drops the rest.
type firstLine struct {
	text  []byte
	ended bool
}

func (l *firstLine) Write(p []byte) (int, error) {
	const most = 1 << 10 // bytes
	text, _, ended := bytes.Cut(p, []byte("\n"))
	if !l.ended {
		l.text = append(l.text, text[:min(len(text), most-len(l.text))]...)
	}
	l.ended = l.ended || ended
	return len(p), nil
}

// askTerminal asks on the terminal, without echo, and leaves it as it found
// it, whatever ends the wait.
func askTerminal(ctx context.Context, prompt string) (string, error) {
	in, out, err := openTerminal()
	if err != nil {
		return "", session.ErrNoPrompt
	}
	defer in.Close()
	defer out.Close()
	fd := int(in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", session.ErrNoPrompt
	}
	defer func() { _ = term.Restore(fd, before) }()

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endingSignals...)
	defer signal.Stop(signals)
	if _, err := io.WriteString(out, prompt); err != nil {
		return "", session.ErrNoPrompt
	}
	type answer struct {
		code []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		code, err := term.ReadPassword(fd)
		answered <- answer{code, err}
	}()
	defer func() { _, _ = io.WriteString(out, "\n") }()
	select {
	case a := <-answered:
		if a.err != nil {
			return "", &noCodeError{problem: "no MFA code was typed"}
		}
		return strings.TrimSpace(string(a.code)), nil
	case <-signals:
		return "", errInterrupted
	case <-ctx.Done():
		return "", &noCodeError{problem: "no MFA code was typed in time"}
	}
}

// gitTrue reports whether a boolean variable of git is not false.
func gitTrue(value string) bool {
	b, ok := gitbool.Parse(value)
	return b || !ok
}
