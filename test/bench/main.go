// Bench measures the program from outside, as git starts it, and prints each figure
// next to its target.
//
//	go run ./test/bench [-runs N] [-git PATH] [-aws PATH] [-tests]
//
// It builds the program as it is released and an empty Go program, starts test/awsfake
// on loopback, and times whole processes in turn, so that other load on the machine
// affects all of them equally. Figures are medians. It requires Go and git, but neither
// a network nor an AWS account, and removes everything that it created. It compares with
// the AWS CLI and AWS's git-remote-codecommit if they are installed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == timerArg {
		exit(timeAll(os.Stdin, os.Stdout))
	}
	runs := flag.Int("runs", 400, "times that each quick process is started")
	git := flag.String("git", "git", "the git to measure with; 2.46 or later for proactive authentication")
	aws := flag.String("aws", "aws", "the AWS CLI to compare with")
	tests := flag.Bool("tests", false, "also time go test ./..., in the folder of the module")
	flag.Parse()
	exit(run(*runs, *git, *aws, *tests))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// errMissed is returned if a figure misses its target.
var errMissed = errors.New("some targets were missed")

func run(runs int, git, aws string, tests bool) error {
	dir, err := os.MkdirTemp("", "codecommit-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// A signal ends the measured process; then bench cleans up.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)

	b := &bench{dir: dir, runs: runs, withTests: tests}
	if b.git, err = exec.LookPath(git); err != nil {
		return err
	}
	if path, err := exec.LookPath(aws); err == nil {
		b.aws = realCLI(path)
	}
	b.remote, _ = exec.LookPath("git-remote-codecommit")
	if err := b.start(); err != nil {
		return err
	}
	defer b.cloud.Close()
	for _, rows := range []func() error{b.processes, b.profiles, b.cli, b.instance, b.crowd, b.nowhere, b.lsRemote, b.remoteHelper, b.setups, b.size, b.tests} {
		if err := rows(); err != nil {
			return err
		}
		select {
		case s := <-signals:
			return fmt.Errorf("stopped by signal %q", s)
		default:
		}
	}
	return b.print(os.Stdout)
}

// realCLI returns the program that a pyenv shim runs, because the shim's time must
// not be measured.
func realCLI(path string) string {
	if filepath.Base(filepath.Dir(path)) != "shims" {
		return path
	}
	out, err := exec.Command("pyenv", "which", filepath.Base(path)).Output()
	if real := string(trimNewline(out)); err == nil && real != "" {
		return real
	}
	return path
}
