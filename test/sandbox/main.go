// Sandbox shows git-credential-codecommit at work in an AWS of its own.
//
//	go run ./test/sandbox                  show two scenarios, live
//	go run ./test/sandbox -- COMMAND [ARG…]  run a command inside that cloud
//
// It needs Go and git, no network and no AWS account. It builds the program,
// starts test/awsfake on loopback, and leaves nothing behind. A command finds
// the program first on its PATH, a HOME with the profiles of both scenarios, and
// git configured for the first.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"git-credential-codecommit/test/awsfake"
)

func main() {
	// What a signal interrupts is the command that runs; the sandbox then clears up.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	os.Exit(run(os.Args[1:], os.Environ(), signals, os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit code: of the command if there is one.
func run(args, environ []string, signals <-chan os.Signal, stdin io.Reader, stdout, stderr io.Writer) int {
	dir, err := os.MkdirTemp("", "codecommit-sandbox-")
	if err != nil {
		fmt.Fprintln(stderr, "sandbox: error:", err)
		return 1
	}
	defer os.RemoveAll(dir)

	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	s := &sandbox{dir: dir, environ: environ, stdout: stdout, stderr: stderr, signals: signals}
	if err := s.start(); err != nil {
		fmt.Fprintln(stderr, "sandbox: error:", err)
		return 1
	}
	defer s.cloud.Close()
	if len(args) > 0 {
		err = s.command(args, stdin)
	} else {
		err = s.show()
	}
	if exit := (*exec.ExitError)(nil); len(args) > 0 && errors.As(err, &exit) {
		return exitCode(exit)
	}
	if err != nil {
		fmt.Fprintln(stderr, "sandbox: error:", err)
		return 1
	}
	return 0
}

// exitCode is what a shell would say of a process that ended.
func exitCode(exit *exec.ExitError) int {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

// A sandbox is a cloud with the program built beside it.
type sandbox struct {
	dir     string // everything is below it
	environ []string
	stdout  io.Writer
	stderr  io.Writer
	signals <-chan os.Signal
	cloud   *awsfake.Scenarios
}

func (s *sandbox) start() error {
	if err := s.build(); err != nil {
		return err
	}
	cloud, err := awsfake.StartScenarios(awsfake.Config{Dir: filepath.Join(s.dir, "aws")})
	if err != nil {
		return err
	}
	s.cloud = cloud
	return nil
}

func (s *sandbox) bin() string { return filepath.Join(s.dir, "bin") }

// wait runs a command to its end. A signal that the sandbox gets goes on to it.
func (s *sandbox) wait(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for interrupted := false; ; {
		select {
		case sig := <-s.signals:
			interrupted = true
			if err := cmd.Process.Signal(sig); err != nil { // as on Windows
				cmd.Process.Kill() //nolint:errcheck // it has ended already
			}
		case err := <-ended:
			if err == nil && interrupted {
				err = errors.New("interrupted")
			}
			return err
		}
	}
}
