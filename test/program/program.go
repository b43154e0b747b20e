// Package program builds the program for tests that start it like git. It also
// provides the program's environment, and parses doctor's reports.
package program

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	// This import makes go test run the tests again, instead of using cached
	// results, after the program has changed.
	_ "git-credential-codecommit/internal/command"
)

// The program's names. Git runs the second one for codecommit:// URLs.
const (
	Helper = "git-credential-codecommit"
	Remote = "git-remote-codecommit"
)

// Path is the path of the program that Main built.
var Path string

// Main is the TestMain of packages whose tests start the program. It builds the
// program, puts it on PATH under both names, runs the tests and exits. Commands are
// programs that the test binary provides on PATH.
func Main(m *testing.M, commands map[string]func()) {
	testscript.Main(suite{m}, commands)
}

// A suite is the set of tests in a package, which start the program.
type suite struct{ *testing.M }

// Run implements [testscript.TestingM].
func (s suite) Run() int {
	flag.Parse()
	if flag.Lookup("test.list").Value.String() != "" {
		return s.M.Run() // only lists the tests
	}
	runMoreAtOnce()
	dir, err := os.MkdirTemp("", "codecommit-program-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := install(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return s.M.Run()
}

// runMoreAtOnce runs more tests in parallel than there are processors, unless
// -parallel is set, because some tests only wait. On two processors, the tests take
// 100 s with two in parallel, 63 s with four, and no less with eight.
func runMoreAtOnce() {
	const perProcessor = 2
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", strconv.Itoa(perProcessor*runtime.GOMAXPROCS(0)))
	}
}

// install builds the program into the folder, under both its names, and puts
// the folder first on PATH.
func install(dir string) error {
	Path = filepath.Join(dir, Helper+exe())
	if err := build(Path); err != nil {
		return err
	}
	if err := linkOrCopy(Path, filepath.Join(dir, Remote+exe())); err != nil {
		return err
	}
	// The editor in hints must not depend on this machine.
	editor := filepath.Join(dir, "sensible-editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\n"), 0o755); err != nil { //nolint:gosec // a program
		return err
	}
	return os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// build builds the program like install.sh and the releases. It includes the race
// detector if the tests do, and records coverage if GOCOVERDIR is set. These builds
// share compiled packages with go test, which -trimpath prevents.
func build(path string) error {
	args := []string{"build", "-buildvcs=false", "-o", path}
	cgo := "CGO_ENABLED=0"
	if AsReleased() {
		args = append(args, "-trimpath", "-ldflags", "-s -w")
	}
	if Race() {
		args, cgo = append(args, "-race"), "CGO_ENABLED=1"
	}
	if os.Getenv("GOCOVERDIR") != "" {
		args = append(args, "-cover", "-coverpkg", Helper+"/...")
	}
	cmd := exec.Command("go", append(args, Helper)...)
	cmd.Env = append(os.Environ(), cgo, "GOOS=", "GOARCH=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}

// Race reports whether the program and the tests are built with the race
// detector.
func Race() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// AsReleased reports whether the program is the one that a release contains,
// without the race detector and without coverage.
func AsReleased() bool { return !Race() && os.Getenv("GOCOVERDIR") == "" }

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
