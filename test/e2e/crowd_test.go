package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

const request = "protocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\npath=v1/repos/SharedDemoRepo\n\n"

// machine is a HOME in a cloud, in which the program runs.
type machine struct {
	cloud *awsfake.Scenarios
	env   []string
	home  string
}

func newMachine(t *testing.T, config string) *machine {
	t.Helper()
	dir := t.TempDir()
	cloud, err := awsfake.StartScenarios(awsfake.Config{Dir: filepath.Join(dir, "cloud")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	home := filepath.Join(dir, "home")
	if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"credentials": awsfake.DeveloperCredentialsFile, "config": awsfake.DeveloperConfigFile + config} {
		if err := os.WriteFile(filepath.Join(home, ".aws", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := append(program.Env(cloud.Cloud), "PATH="+os.Getenv("PATH"), "HOME="+home, "USERPROFILE="+home)
	return &machine{cloud: cloud, env: env, home: home}
}

func (m *machine) get(profile string) *exec.Cmd {
	cmd := exec.Command("git-credential-codecommit", "--profile", profile, "get")
	cmd.Env = m.env
	cmd.Stdin = strings.NewReader(request)
	return cmd
}

// A job with many submodules starts as many helpers: they make one STS call, and
// all of them answer.
func TestHundredHelpersAtOnceMakeOneCall(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	m.cloud.Fail(awsfake.STS, awsfake.Fault{Delay: 200 * time.Millisecond, Serve: true})
	crowd := 100
	if program.Race() { // processes take ten times as long to start
		crowd = 25
	}
	var wg sync.WaitGroup
	answers := make([]string, crowd)
	for i := range crowd {
		wg.Go(func() {
			var out, errs bytes.Buffer
			cmd := m.get(awsfake.DeveloperProfile)
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Run(); err != nil {
				t.Errorf("%v: %s", err, &errs)
			}
			answers[i], _, _ = strings.Cut(out.String(), "\n")
		})
	}
	wg.Wait()
	for i, a := range answers {
		if !strings.HasPrefix(a, "username=ASIA") || a != answers[0] {
			t.Errorf("answer %d is %.40q", i, a)
		}
	}
	if n := m.cloud.Count(awsfake.STS); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
}

// Whenever a helper is killed, it leaves a complete session or none. The delay
// before the kill approaches the moment at which the session is stored, so that
// both cases occur even on a busy machine.
func TestKilledHelpersLeaveNoHalfSession(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process that is killed there still holds its files for a while")
	}
	m := newMachine(t, "")
	store := filepath.Join(m.home, ".aws", "cli", "cache")
	const helpers = 60
	whole, delay := 0, 10*time.Millisecond
	for range helpers {
		var errs bytes.Buffer
		cmd := m.get(awsfake.DeveloperProfile)
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		kill.Stop()
		files, _ := filepath.Glob(filepath.Join(store, "*.json"))
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil || !json.Valid(data) {
				t.Fatalf("%s: %v, %q", name, err, data)
			}
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		switch {
		case len(files) > 0:
			whole++
			delay -= delay / 8
		case cmd.ProcessState.Exited():
			t.Fatalf("a helper was not killed, but stored no session: %s", &errs)
		default:
			delay += delay / 8
		}
	}
	if whole == 0 || whole == helpers {
		t.Errorf("%d of %d had stored a session before they were killed", whole, helpers)
	}
	// The lock of a killed helper does not block others.
	if out, err := m.get(awsfake.DeveloperProfile).Output(); err != nil || !strings.HasPrefix(string(out), "username=ASIA") {
		t.Errorf("%v: %s", err, out)
	}
}
