package command

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/internal/cli"
)

const completedProfiles = "[default]\n[profile dev]\n[profile 'a b']\n[profile team:prod]\n[profile \"tab\there\"]\n"

// completing returns a process with these profiles.
func completing(t *testing.T, config string, args ...string) (cli.Process, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte("[keys]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return cli.Process{
		Args: append([]string{cli.Name}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard,
		StdinIsTerminal: func() bool { return true },
		LookupEnv: func(name string) (string, bool) {
			switch name {
			case "AWS_CONFIG_FILE":
				return filepath.Join(dir, "config"), true
			case "AWS_SHARED_CREDENTIALS_FILE":
				return filepath.Join(dir, "credentials"), true
			}
			return "", false
		},
		Home: func() string { return dir },
	}, &out
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	profiles := []string{"a b", "default", "dev", "keys", "team:prod"}
	for _, test := range []struct {
		line []string
		want []string
	}{
		{[]string{"--profile", ""}, profiles},
		{[]string{"get", "--profile", ""}, profiles},
		{[]string{"setup", "--source-profile", ""}, profiles},
		{[]string{"policy", "--profile", ""}, profiles},
		{[]string{"setup", "--profile="}, profiles},
		{[]string{"setup", "--credential-source", ""}, credentialSources},
		{[]string{"setup", "--scope", ""}, setupScopes},
		{[]string{"setup", "--repo", ""}, nil},
		{[]string{"policy", "--format", ""}, policyFormats},
		{[]string{"policy", "--only", ""}, policyParts},
		{[]string{"completion", ""}, completionShells},
		{[]string{"version", ""}, nil},
		{[]string{"doctor", ""}, nil},
	} {
		p, out := completing(t, completedProfiles, append([]string{cobra.ShellCompNoDescRequestCmd}, test.line...)...)
		if exit := Run(p); exit != cli.ExitOK {
			t.Fatalf("%q: exit %d", test.line, exit)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		directive := lines[len(lines)-1]
		if got := lines[:len(lines)-1]; !slices.Equal(got, test.want) || directive != ":4" {
			t.Errorf("%q: got %q %s, want %q without files", test.line, got, directive, test.want)
		}
	}
}

func TestCompletionWithoutProfiles(t *testing.T) {
	t.Parallel()
	p, out := completing(t, "no section\n", cobra.ShellCompNoDescRequestCmd, "--profile", "")
	if exit := Run(p); exit != cli.ExitOK || out.String() != "keys\n:4\n" {
		t.Errorf("exit %d, %q", exit, out)
	}
}

// Bash evaluates a completed line: such names must not run anything.
func TestCompletionOffersNoCommand(t *testing.T) {
	t.Parallel()
	var config strings.Builder
	for _, name := range []string{"a$(b)", "a`b`", "a;b", "R&D", "a|b", "a>b", "a<b", "(a)", "'a", "ok", "O.K.-1_2@x"} {
		config.WriteString("[profile \"" + name + "\"]\n")
	}
	p, out := completing(t, config.String(), cobra.ShellCompNoDescRequestCmd, "--profile", "")
	if exit := Run(p); exit != cli.ExitOK || out.String() != "O.K.-1_2@x\nkeys\nok\n:4\n" {
		t.Errorf("exit %d, %q", exit, out)
	}
}

// TestEveryFlagCompletes finds flags whose values would be completed with file
// names.
func TestEveryFlagCompletes(t *testing.T) {
	t.Parallel()
	root := documentedRoot()
	for _, cmd := range append(root.Commands(), root) {
		cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if _, ok := cmd.GetFlagCompletionFunc(flag.Name); !ok && flag.NoOptDefVal == "" {
				t.Errorf("%s --%s", cmd.Name(), flag.Name)
			}
		})
	}
}

func TestCompletionDescribesFlagsWithoutBackticks(t *testing.T) {
	t.Parallel()
	p, out := completing(t, "", cobra.ShellCompRequestCmd, "get", "--")
	if exit := Run(p); exit != cli.ExitOK || strings.Contains(out.String(), "`") || !strings.Contains(out.String(), "--profile\tuse the AWS profile NAME\n") {
		t.Errorf("exit %d:\n%s", exit, out)
	}
}

// TestCompletionCommandsRun runs the commands from --help for each shell, in an
// empty HOME.
func TestCompletionCommandsRun(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	p, out := completing(t, "", "completion", "--help")
	if exit := Run(p); exit != cli.ExitOK {
		t.Fatalf("exit %d", exit)
	}
	dir := t.TempDir()
	stub := filepath.Join(dir, cli.Name)
	if err := os.WriteFile(stub, []byte("#!/bin/sh\necho \"$*\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	long, _, _ := strings.Cut(out.String(), "Usage:")
	for line := range strings.Lines(long) {
		if strings.HasPrefix(line, "    ") && !strings.Contains(line, "powershell") {
			script.WriteString(line)
		}
	}
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sh, "-e", "-c", script.String())
	cmd.Env = []string{"HOME=" + home, "PATH=" + dir + ":" + os.Getenv("PATH")}
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for shell, file := range map[string]string{
		"bash": ".local/share/bash-completion/completions/" + cli.Name,
		"zsh":  ".zfunc/_" + cli.Name,
		"fish": ".config/fish/completions/" + cli.Name + ".fish",
	} {
		if got, err := os.ReadFile(filepath.Join(home, file)); err != nil || string(got) != "completion "+shell+"\n" {
			t.Errorf("%s: %q, %v", shell, got, err)
		}
	}
}

// TestCompletionScripts makes each installed shell read its script.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range completionShells {
		p, out := completing(t, "", "completion", shell)
		if exit := Run(p); exit != cli.ExitOK || !strings.Contains(out.String(), cli.Name) {
			t.Errorf("%s: exit %d, %d bytes", shell, exit, out.Len())
		}
		path, err := exec.LookPath(shell)
		if err != nil || shell == "powershell" {
			continue
		}
		cmd := exec.Command(path, "-n")
		cmd.Stdin = out
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s -n: %v\n%s", shell, err, said)
		}
	}
	for _, args := range [][]string{{}, {"tcsh"}, {"bash", "zsh"}} {
		p, out := completing(t, "", append([]string{"completion"}, args...)...)
		if exit := Run(p); exit != cli.ExitUsage || out.Len() > 0 {
			t.Errorf("%q: exit %d, %q", args, exit, out)
		}
	}
}
