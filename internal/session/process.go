package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
)

// Bounds on a credential_process.
const (
	processTimeout   = 30 * time.Second
	processPipeDelay = time.Second // for a grandchild that keeps the pipe open
	maxProcessOutput = 64 << 10    // bytes
)

// process runs a credential_process, without a shell, and reads what it prints:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.
// What it prints on standard error is dropped: it could hold a secret.
func (w *walk) process(ctx context.Context, s awsprofile.Process) (Credentials, error) {
	began := w.aws.Clock.Local()
	ctx, cancel := context.WithTimeout(ctx, processTimeout)
	defer cancel()
	// Whoever ends this process ends the command too.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	out := cappedBuffer{left: maxProcessOutput}
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	cmd.Stdout = &out
	cmd.WaitDelay = processPipeDelay
	w.Trace("run credential_process of profile %q", s.Profile)
	err := runInGroup(cmd)
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return Credentials{}, awsclient.ErrInterrupted
	case ctx.Err() != nil:
		return Credentials{}, fmt.Errorf("the command did not end within %s", w.aws.Clock.Local().Sub(began).Round(time.Second))
	case out.left < 0:
		return Credentials{}, fmt.Errorf("the command printed more than %d KiB", maxProcessOutput>>10)
	case errors.As(err, &exit):
		return Credentials{}, fmt.Errorf("the command failed (%s)", exit.ProcessState)
	case errors.Is(err, exec.ErrDot):
		return Credentials{}, errors.New("PATH leads to a command of that name in the current folder, which is not run")
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return Credentials{}, errors.New("the command is not found")
	case errors.Is(err, fs.ErrPermission):
		return Credentials{}, errors.New("the command may not be run")
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return Credentials{}, errors.New("the command cannot be started")
	}
	return fromProcess(out.data)
}

// fromProcess reads what a credential_process printed.
func fromProcess(data []byte) (Credentials, error) {
	var answer struct {
		Version         float64
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return Credentials{}, errors.New("the command's output is not the JSON of credentials")
	}
	if answer.Version != 1 {
		return Credentials{}, fmt.Errorf("the command's output has Version %g, and 1 is known", answer.Version)
	}
	if answer.AccessKeyID == "" || answer.SecretAccessKey == "" {
		return Credentials{}, errors.New("the command's output holds no AccessKeyId or no SecretAccessKey")
	}
	creds := Credentials{
		AccessKeyID:     answer.AccessKeyID,
		SecretAccessKey: answer.SecretAccessKey,
		SessionToken:    answer.SessionToken,
	}
	if answer.Expiration != "" {
		var err error
		if creds.Expires, err = awstime.Parse(answer.Expiration); err != nil {
			return Credentials{}, errors.New("the command's output has an Expiration that is not a time")
		}
	}
	return creds, nil
}

// cappedBuffer takes up to a number of bytes and refuses what is more, so
// that a process that prints without end dies of its closed pipe. It embeds no
// bytes.Buffer: that would bring along a ReadFrom without the cap.
type cappedBuffer struct {
	data []byte
	left int
}

func (b *cappedBuffer) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		b.left = -1
		return 0, errors.New("too much output")
	}
	b.data = append(b.data, p...)
	return len(p), nil
}

type process struct{ awsprofile.Process }

func (process) timeout(w *walk) time.Duration { return processTimeout + processPipeDelay }
func (process) key() string                   { return "" }
func (process) kind() string                  { return "credential_process" }
func (s process) credentials(ctx context.Context, w *walk) (Credentials, error) {
	return w.process(ctx, s.Process)
}
