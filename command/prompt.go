package command

import (
	"bytes"
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

	"git-credential-codecommit/session"
)

// promptTimeout is how long a person may take to answer.
const promptTimeout = 2 * time.Minute

// errInterrupted is returned when a signal ended the prompt.
var errInterrupted = errors.New("interrupted while waiting for the MFA code")

// mfaCode asks a person for the code of an MFA device, as git asks for a
// password: through GIT_ASKPASS, else SSH_ASKPASS, else on the terminal unless
// GIT_TERMINAL_PROMPT is 0. Standard input is git's and is not read.
//
// See git(1), GIT_ASKPASS and GIT_TERMINAL_PROMPT; the words are the AWS CLI's.
func (p Process) mfaCode(ctx context.Context, serial string) (string, error) {
	prompt := "Enter MFA code for " + oneLine(serial) + ": "
	for _, name := range []string{"GIT_ASKPASS", "SSH_ASKPASS"} {
		if program := p.getenv(name); program != "" {
			return askpass(ctx, name, program, prompt)
		}
	}
	if off(p.getenv("GIT_TERMINAL_PROMPT")) {
		return "", session.ErrNoPrompt
	}
	return askTerminal(prompt)
}

// off says whether a boolean variable of git's is set to false.
func off(value string) bool {
	switch strings.ToLower(value) {
	case "0", "false", "no", "off":
		return true
	}
	return false
}

// askpass runs the program with the prompt as its argument and takes the first
// line that it prints.
func askpass(ctx context.Context, name, program, prompt string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, promptTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, prompt)
	cmd.WaitDelay = time.Second
	var line firstLine
	cmd.Stdout = &line
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the program in %s gave no MFA code", name)
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
func askTerminal(prompt string) (string, error) {
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
	timeout := time.NewTimer(promptTimeout)
	defer timeout.Stop()
	defer func() { _, _ = io.WriteString(out, "\n") }()
	select {
	case a := <-answered:
		if a.err != nil {
			return "", errors.New("no MFA code was typed")
		}
		return strings.TrimSpace(string(a.code)), nil
	case <-signals:
		return "", errInterrupted
	case <-timeout.C:
		return "", fmt.Errorf("no MFA code was typed within %s", promptTimeout)
	}
}
