package session

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/exactjson"
)

// Limits on a credential_process.
const (
	processTimeout   = 2 * time.Minute  // without a terminal
	processWait      = 10 * time.Minute // how long other processes wait for one that has the terminal
	processPipeDelay = time.Second      // if a grandchild keeps the pipe open
	maxProcessOutput = 64 << 10         // bytes of standard output
	maxProcessErrors = 64 << 10         // bytes kept of the end of standard error
	maxLastWords     = 200              // characters shown of its last line
)

// process is a credential_process:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.
//
// With a terminal, the program gets it as standard input and standard error, and
// has no time limit: it may prompt, print and open a browser, and Ctrl-C goes to
// it. Without a terminal it has two minutes, and if it fails, the error shows the
// last line of its standard error.
//
// The SDK's processcreds runs a shell, and its errors contain the whole output (as
// of credentials v1.20.15).
type process struct{ awsprofile.Process }

func (process) timeout(w *walk) time.Duration {
	if t := w.openTerminal(); t != nil {
		t.close()
		return processWait
	}
	return processTimeout + processPipeDelay
}
func (process) key() string  { return "" }
func (process) kind() string { return "credential_process" }

func (s process) credentials(ctx context.Context, w *walk) (Credentials, error) {
	if err := checkOwner(w.SudoUID, s.Path); err != nil {
		return Credentials{}, err
	}
	terminal := w.openTerminal()
	if terminal != nil {
		defer terminal.close()
	}
	ctx, cancel := limited(ctx, terminal)
	defer cancel()
	// A signal that ends this process ends the program too.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	out, words := headBuffer{left: maxProcessOutput}, tailBuffer{}
	cmd.Stdout, cmd.Stderr = &out, &words
	if terminal != nil {
		cmd.Stdin, cmd.Stderr = terminal.file, terminal.file
	}
	cmd.WaitDelay = processPipeDelay
	w.Trace("run credential_process of profile %q", s.Profile)
	began := w.aws.Clock.Local()
	err := runInGroup(cmd, terminal)
	program := s.program(cmd)
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.Canceled), errors.As(err, &exit) && interrupted(exit.ProcessState):
		return Credentials{}, awsclient.ErrInterrupted
	case ctx.Err() != nil:
		return Credentials{}, &processError{fmt.Sprintf("%s did not finish within %s", program, w.aws.Clock.Local().Sub(began).Round(time.Second))}
	case out.left < 0:
		return Credentials{}, fmt.Errorf("%s printed more than %d KiB", program, maxProcessOutput>>10)
	case errors.As(err, &exit):
		problem := fmt.Sprintf("%s failed (%s)", program, exit.ProcessState)
		if last := lastWords(words.data, out.data); last != "" {
			problem += ": " + last
		}
		return Credentials{}, &processError{problem}
	case errors.Is(err, exec.ErrDot):
		return Credentials{}, fmt.Errorf("%s was found only in the current folder, from which it is not run", cli.Quote(s.Command[0]))
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return Credentials{}, errors.New(program + " is not found")
	case errors.Is(err, fs.ErrPermission):
		return Credentials{}, errors.New(program + " is not executable")
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return Credentials{}, errors.New(program + " cannot be started")
	}
	creds, err := fromProcess(out.data)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s %w", program, err)
	}
	return creds, nil
}

// limited returns the context in which a program runs. With a terminal, only the
// user's Ctrl-C ends the program.
func limited(ctx context.Context, t *terminal) (context.Context, context.CancelFunc) {
	if t != nil {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, processTimeout)
}

// program returns the path of the program, quoted for a message. Arguments are not
// shown, because they may contain a password. If the path does not exist, only its
// beginning is shown, because it may be more than a name: NAME=value, or a whole
// quoted command.
func (s process) program(cmd *exec.Cmd) string {
	path := cmp.Or(cmd.Path, s.Command[0])
	if _, err := os.Stat(path); err != nil {
		if i := strings.IndexAny(path, "= \t"); i >= 0 {
			return cli.Quote(path[:i]) + "…"
		}
	}
	return cli.Quote(path)
}

// processError is returned if a program was found but failed: the file that names it
// is correct.
type processError struct{ problem string }

func (e *processError) Error() string { return e.problem }

// fromProcess parses the standard output of a credential_process.
func fromProcess(data []byte) (Credentials, error) {
	answer, err := exactjson.Parse(data)
	if err != nil {
		return Credentials{}, errors.New("printed something other than the JSON of credentials")
	}
	var version float64
	if json.Unmarshal(answer["Version"], &version) != nil || version != 1 {
		return Credentials{}, errors.New("printed a Version other than 1")
	}
	creds := Credentials{
		AccessKeyID:     answer.Text("AccessKeyId"),
		SecretAccessKey: answer.Text("SecretAccessKey"),
		SessionToken:    answer.Text("SessionToken"),
	}
	if creds.AccessKeyID == "" || creds.SecretAccessKey == "" {
		return Credentials{}, errors.New("printed no AccessKeyId or no SecretAccessKey")
	}
	if expires := answer.Text("Expiration"); expires != "" {
		if creds.Expires, err = awstime.Parse(expires); err != nil {
			return Credentials{}, errors.New("printed an Expiration that is not a time")
		}
	}
	return creds, nil
}

// lastWords returns the last line of a program's standard error, printable and
// shortened. It is "" if there is none, or if the line may contain a secret: the
// name of one, or part of the program's standard output.
func lastWords(errs, out []byte) string {
	text := strings.TrimRight(string(errs), "\r\n\t ")
	if i := strings.LastIndexAny(text, "\r\n"); i >= 0 {
		text = text[i+1:]
	} else if len(errs) == maxProcessErrors {
		return "" // the beginning of the line is lost
	}
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text))
	if MayHoldSecret(text, string(out)) {
		return ""
	}
	if runes := []rune(text); len(runes) > maxLastWords {
		text = string(runes[:maxLastWords-1]) + "…"
	}
	return text
}

// MayHoldSecret reports whether a text contains the name of a secret, or part of
// out, which may contain secrets. Slashes may be escaped in either, as in JSON.
func MayHoldSecret(text, out string) bool {
	names := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(text))
	return strings.Contains(names, "secretaccesskey") || strings.Contains(names, "sessiontoken") ||
		sharesWord(strings.ReplaceAll(text, `\`, ""), strings.ReplaceAll(out, `\`, ""))
}

// sharesWord reports whether a word of text has 16 or more consecutive bytes that
// out also contains.
func sharesWord(text, out string) bool {
	const shortest = 16       // bytes; an access key ID is longer
	var parts map[string]bool // the parts of out with that length: searching out for each part of a long word would take seconds
	for word := range strings.FieldsSeq(text) {
		for i := 0; i+shortest <= len(word); i++ {
			if parts == nil {
				parts = map[string]bool{}
				for j := 0; j+shortest <= len(out); j++ {
					parts[out[j:j+shortest]] = true
				}
			}
			if parts[word[i:i+shortest]] {
				return true
			}
		}
	}
	return false
}

// headBuffer accepts a number of bytes and rejects more, so that a program with
// endless output ends because its pipe is closed. It does not embed bytes.Buffer,
// which has a ReadFrom without a limit.
type headBuffer struct {
	data []byte
	left int
}

func (b *headBuffer) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		b.left = -1
		return 0, errors.New("too much output")
	}
	b.data = append(b.data, p...)
	return len(p), nil
}

// tailBuffer keeps the last maxProcessErrors bytes written to it.
type tailBuffer struct{ data []byte }

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.data = append(b.data, p[max(0, len(p)-maxProcessErrors):]...)
	if more := len(b.data) - maxProcessErrors; more > 0 {
		b.data = bytes.Clone(b.data[more:])
	}
	return len(p), nil
}
