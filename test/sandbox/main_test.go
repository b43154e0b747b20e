package main

import (
	"bytes"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"git-credential-codecommit/test/awsfake"
)

// sandboxed runs the sandbox and returns its exit code and output. It fails the
// test if a file remains. If signal is not nil, the sandbox gets it as soon as it
// prints anything.
func sandboxed(t *testing.T, signal os.Signal, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	temp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TEMP", "TMP"} { // Unix, Windows
		t.Setenv(name, temp)
	}
	environ := append(os.Environ(), "AWS_PROFILE=foreign", "GIT_DIR=foreign", "https_proxy=http://foreign.example")
	signals := make(chan os.Signal, 1)
	out := &trigger{fire: func() {
		if signal != nil {
			signals <- signal
		}
	}}
	var errs bytes.Buffer
	code = run(args, environ, signals, strings.NewReader("typed\n"), out, &errs)
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		if strings.HasPrefix(entry.Name(), "codecommit-sandbox-") {
			t.Errorf("not removed: %s", entry.Name())
		}
	}
	return code, out.written.String(), errs.String()
}

// A trigger fires when something is first written to it.
type trigger struct {
	written bytes.Buffer // not embedded: its ReadFrom would go past Write
	fire    func()
	fired   sync.Once
}

func (t *trigger) Write(p []byte) (int, error) {
	t.fired.Do(t.fire)
	return t.written.Write(p)
}

// building is the line that the sandbox prints while it builds.
const building = "sandbox: building git-credential-codecommit\n"

func TestScenariosAreShown(t *testing.T) {
	code, out, errs := sandboxed(t, nil)
	if code != 0 || errs != building {
		t.Fatalf("exit code %d: %s\n%s", code, errs, out)
	}
	for _, want := range []string{"$ git clone https://", "signed in as user@example.com until ", "All scenarios cloned and pushed", "0 to metadata, 1 to sts", "3 to metadata, 1 to sts"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	if strings.Contains(out, awsfake.DeveloperSecretKey) {
		t.Error("a secret is shown")
	}
}

func TestCommandRunsInsideTheCloud(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	const script = "git hash-object --stdin && git ls-remote https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo && echo complaint >&2 && exit 7"
	code, out, errs := sandboxed(t, nil, "--", "sh", "-c", script)
	if code != 7 || errs != building+"complaint\n" {
		t.Errorf("exit code %d: %s", code, errs)
	}
	const typed = "141bdaa7a89699e4f096d37af6710c4499ed3f37" // git's hash of "typed\n"
	if !strings.HasPrefix(out, typed+"\n") || !strings.Contains(out, "refs/heads/main") {
		t.Errorf("standard output: %s", out)
	}
}

func TestSignalReachesWhatRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send")
	}
	if code, _, errs := sandboxed(t, syscall.SIGTERM, "--", "sh", "-c", "echo started; exec sleep 600"); code != 128+int(syscall.SIGTERM) || errs != building {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if code, out, errs := sandboxed(t, os.Interrupt); code != 1 || !strings.Contains(errs, "sandbox: error: scenario 1") {
		t.Errorf("exit code %d: %s\n%s", code, errs, out)
	}
}

func TestHelpListsWhatTheCloudContains(t *testing.T) {
	t.Parallel()
	code, out, errs := sandboxedHelp()
	if code != 0 || errs != "" {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	scenarios, guide, ok := strings.Cut(out, "With --guide there")
	if !ok {
		t.Fatalf("nothing about --guide in:\n%s", out)
	}
	s, err := awsfake.StartScenarios(awsfake.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantARNs(t, scenarios, s.ARNs())
	a, err := awsfake.StartAccounts(awsfake.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	wantARNs(t, guide, a.ARNs())
}

// sandboxedHelp runs the sandbox without anything that a build or a cloud needs.
func sandboxedHelp() (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run([]string{"--help"}, nil, nil, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// wantARNs fails the test unless the text has exactly these ARNs.
func wantARNs(t *testing.T, text string, want []string) {
	t.Helper()
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^  (?:user|role|repository) +(arn:.*?)(?: \(profile .*\))?$`).FindAllStringSubmatch(text, -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

func TestEveryUserOfTheCloudHasAProfile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	// The guide's administrators run scripts that require the AWS CLI. Without it,
	// doctor shows that their keys work.
	for _, test := range []struct {
		guide bool
		users []user
	}{{false, scenarioContents.users}, {true, guideContents.users}} {
		var args, want []string
		if test.guide {
			args = append(args, "--guide")
		}
		script := ""
		for _, u := range test.users {
			script += "git-credential-codecommit doctor --profile " + u.profile + " --region us-east-2 " + urlOf(awsfake.SharedDemoRepo) + "; "
			want = append(want, u.arn)
		}
		code, out, errs := sandboxed(t, nil, append(args, "--", "sh", "-c", script+"exit 0")...)
		if code != 0 {
			t.Errorf("exit code %d: %s", code, errs)
		}
		for _, arn := range want {
			if !strings.Contains(out, arn) {
				t.Errorf("no %s in:\n%s", arn, out)
			}
		}
	}
}

func TestOutsideACheckoutTheSandboxNamesTheCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errs := sandboxed(t, nil)
	if code != 1 || out != "" || !strings.Contains(errs, "go -C CHECKOUT run ./test/sandbox") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

func TestWrongArgumentsAreUsageErrors(t *testing.T) {
	for _, args := range [][]string{{"--halp"}, {"--guide"}, {"--guide", "--"}, {"--fleet", "sh"}, {"--fleet", "--guide", "--", "sh"}} {
		code, out, errs := sandboxed(t, nil, args...)
		if code != 2 || out != "" || !strings.Contains(errs, "hint: run: go run ./test/sandbox --help\n") {
			t.Errorf("%q: exit code %d: %s%s", args, code, out, errs)
		}
	}
}
