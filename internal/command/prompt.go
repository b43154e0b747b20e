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
	"sync"
	"time"

	"golang.org/x/term"

	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitbool"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/session"
)

// noCodeError is returned if there is no MFA code.
type noCodeError struct {
	problem string
	askpass string // the variable that names the askpass program; "" for the terminal
}

func (e *noCodeError) Error() string { return e.problem }

// Hints returns how to enter a code.
func (e *noCodeError) Hints() []cli.Hint {
	if e.askpass != "" {
		return []cli.Hint{cli.Advice("make git prompt on the terminal: unset " + e.askpass)}
	}
	return []cli.Hint{cli.Advice("run the git command again, and type the code")}
}

// mfaCode asks for an MFA code as git asks for a password: through the program in
// GIT_ASKPASS or else SSH_ASKPASS; if there is none, or it returns no code, on the
// terminal unless GIT_TERMINAL_PROMPT is false. An empty GIT_ASKPASS disables both
// programs. core.askPass, which git tries between the two, is ignored, because
// reading it would take a git process. Standard input belongs to git and is not
// read.
//
// Host is the request's host ("" for none), for credential.interactive.
//
// See git_prompt in git's prompt.c. The wording of the prompt suits programs that
// show only its first and third words (VS Code) or take the third word for a URL
// (JetBrains).
func mfaCode(ctx context.Context, p cli.Process, serial, host string) (string, error) {
	prompt := "MFA-code for '" + cli.OneLine(serial) + "': "
	allowed := sync.OnceValue(func() error { return promptAllowed(ctx, p, host) })
	var failed error
	if name, program := askpass(p); program != "" {
		if err := allowed(); err != nil {
			return "", err
		}
		code, err := runAskpass(ctx, name, program, prompt)
		if err == nil || ctx.Err() != nil {
			return code, err
		}
		failed = err
	}
	if ask, set := p.LookupEnv("GIT_TERMINAL_PROMPT"); !set || gitTrue(ask) {
		code, err := askTerminal(ctx, prompt, func() error {
			if err := allowed(); err != nil {
				return err
			}
			if failed != nil {
				p.Warn(failed)
			}
			return nil
		})
		if err == nil || !errors.Is(err, session.ErrNoPrompt) || allowed() != nil {
			return code, err
		}
	}
	return "", cmp.Or(failed, session.ErrNoPrompt)
}

// promptAllowed returns an error if credential.interactive (also per URL; see
// git-config(1)) forbids prompts. It runs git, so it is called only before a
// prompt.
func promptAllowed(ctx context.Context, p cli.Process, host string) error {
	git, err := gitconfig.FindFor(p)
	if err != nil {
		return nil // without git there is no configuration
	}
	value, err := git.ForURL(ctx, "", "credential.interactive", "https://"+cmp.Or(host, "git-codecommit.us-east-1.amazonaws.com"))
	if err != nil || value == "" {
		return nil
	}
	if on, ok := gitbool.Parse(value); ok && !on || strings.EqualFold(value, "never") {
		return &forbiddenError{value}
	}
	return nil
}

// forbiddenError is returned if credential.interactive forbids prompts. It is a
// session.ErrNoPrompt.
type forbiddenError struct{ value string }

func (e *forbiddenError) Error() string {
	return "an MFA code is required, but git's configuration forbids prompts: credential.interactive is " + cli.Quote(e.value)
}

func (e *forbiddenError) Is(target error) bool { return target == session.ErrNoPrompt }

// Hints returns the command that finds the setting.
func (e *forbiddenError) Hints() []cli.Hint {
	return []cli.Hint{
		cli.Run("git config --show-origin --get-regexp '^credential.*interactive$'"),
		cli.Advice("or run the git command once in a terminal with git -c credential.interactive=true: the role session is then stored"),
	}
}

// askpass returns the askpass program, and the variable that names it; "" if there
// is none.
func askpass(p cli.Process) (name, program string) {
	for _, name := range []string{"GIT_ASKPASS", "SSH_ASKPASS"} {
		if program, set := p.LookupEnv(name); set {
			return name, program
		}
	}
	return "", ""
}

// runAskpass runs an askpass program with the prompt as its argument, and returns
// the first line that it prints.
func runAskpass(ctx context.Context, name, program, prompt string) (string, error) {
	cmd := exec.CommandContext(ctx, program, prompt)
	cmd.WaitDelay = time.Second
	var line firstLine
	cmd.Stdout = &line
	if err := cmd.Run(); err != nil {
		return "", &noCodeError{fmt.Sprintf("the program in %s (%s) failed", name, cli.Quote(program)), name}
	}
	code := strings.TrimSpace(string(line.text))
	if !session.ValidMFACode(code) { // for example GIT_ASKPASS=echo
		return "", &noCodeError{fmt.Sprintf("the program in %s (%s) did not return an MFA code of 6 digits", name, cli.Quote(program)), name}
	}
	return code, nil
}

// firstLine keeps the first line written to it, up to a length that no code
// exceeds.
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

// askTerminal asks on the terminal, without echo, and always restores the
// terminal's state. If there is a terminal, it calls before() before it prompts.
func askTerminal(ctx context.Context, prompt string, before func() error) (string, error) {
	in, out, err := openTerminal()
	if err != nil {
		return "", session.ErrNoPrompt
	}
	defer in.Close()
	defer out.Close()
	fd := int(in.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", session.ErrNoPrompt
	}
	if err := before(); err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(fd, state) }()

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
		return "", fmt.Errorf("%w while waiting for the MFA code", awsclient.ErrInterrupted)
	case <-ctx.Done():
		return "", &noCodeError{problem: "the prompt for the MFA code timed out"}
	}
}

// gitTrue reports whether git treats the value of a boolean variable as true;
// invalid values are true.
func gitTrue(value string) bool {
	b, ok := gitbool.Parse(value)
	return b || !ok
}
