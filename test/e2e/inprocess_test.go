package e2e

import (
	"bytes"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/command"
	"git-credential-codecommit/test/program"
)

// call runs the program's code in this process, in which a request takes a fraction
// of the time. It is for requests that need no network, because net/http would use
// this process's proxy variables.
func (m *machine) call(_ testing.TB, stdin string, extra []string, args ...string) outcome {
	env := map[string]string{}
	for _, v := range append(m.env[:len(m.env):len(m.env)], extra...) {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	var out, errs bytes.Buffer
	began := time.Now()
	exit := command.Run(cli.Process{
		Args:            append([]string{program.Helper}, args...),
		Stdin:           strings.NewReader(stdin),
		Stdout:          &out,
		Stderr:          &errs,
		StdinIsTerminal: func() bool { return false },
		StdoutColumns:   func() int { return 0 },
		LookupEnv:       func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		Environ:         func() []string { return append(m.env[:len(m.env):len(m.env)], extra...) },
		Executable:      func() (string, error) { return program.Path, nil },
		Home:            func() string { return m.home },
		Now:             time.Now,
	})
	return outcome{stdout: out.String(), stderr: errs.String(), exit: exit, took: time.Since(began)}
}

// A runner runs the program: machine.call, or machine.run like git.
type runner func(t testing.TB, stdin string, extra []string, args ...string) outcome

// ways returns how to run a row of a table: in this process and, for about one row
// in sixteen, also as git starts the program.
func (m *machine) ways(row string) []runner {
	if crc32.ChecksumIEEE([]byte(row))%16 == 0 {
		return []runner{m.call, m.run}
	}
	return []runner{m.call}
}
