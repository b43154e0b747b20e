// Sandbox demonstrates git-credential-codecommit in a simulated AWS. It builds the
// program, starts test/awsfake on loopback, and removes everything at the end. Its
// --help explains how to run it and lists what its cloud contains.
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
	// A signal interrupts the running command; the sandbox then cleans up.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	os.Exit(run(os.Args[1:], os.Environ(), signals, os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit code, which is that of the command if there is one.
func run(args, environ []string, signals <-chan os.Signal, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "sandbox: error: %v\nsandbox: hint: run: go run ./test/sandbox --help\n", err)
		return 2
	}
	if o.help {
		fmt.Fprint(stdout, usage())
		return 0
	}
	dir, err := os.MkdirTemp("", "codecommit-sandbox-")
	if err != nil {
		fmt.Fprintln(stderr, "sandbox: error:", err)
		return 1
	}
	defer os.RemoveAll(dir)

	s := &sandbox{dir: dir, guide: o.guide, environ: environ, stdout: stdout, stderr: stderr, signals: signals}
	if err := s.start(); err != nil {
		fmt.Fprintln(stderr, "sandbox: error:", err)
		return 1
	}
	defer s.cloud.Close()
	args = o.command
	switch {
	case o.fleet != nil:
		err = s.measureFleets(o.fleet)
	case len(args) > 0:
		err = s.command(args, stdin)
	default:
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

// exitCode returns the exit code that a shell would report.
func exitCode(exit *exec.ExitError) int {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

// A sandbox is a cloud, and the program that was built for it.
type sandbox struct {
	dir     string // contains everything
	environ []string
	stdout  io.Writer
	stderr  io.Writer
	signals <-chan os.Signal
	guide   bool // start without any access
	cloud   *awsfake.Cloud
}

func (s *sandbox) start() error {
	if err := s.build(); err != nil {
		return err
	}
	config := awsfake.Config{Dir: filepath.Join(s.dir, "aws")}
	if s.guide {
		accounts, err := awsfake.StartAccounts(config)
		if err != nil {
			return err
		}
		s.cloud = accounts.Cloud
		return nil
	}
	scenarios, err := awsfake.StartScenarios(config)
	if err != nil {
		return err
	}
	s.cloud = scenarios.Cloud
	return nil
}

func (s *sandbox) bin() string { return filepath.Join(s.dir, "bin") }

// wait waits for a command. It passes signals for the sandbox on to it.
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
			if err := cmd.Process.Signal(sig); err != nil { // on Windows, for example
				cmd.Process.Kill() //nolint:errcheck // it may have exited already
			}
		case err := <-ended:
			if err == nil && interrupted {
				err = errors.New("interrupted")
			}
			return err
		}
	}
}
