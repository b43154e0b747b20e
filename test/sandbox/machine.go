package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A machine is a separate HOME in which commands are run and shown.
type machine struct {
	*sandbox
	home      string
	variables []string // added to its environment, NAME=VALUE
}

// newMachine creates a HOME with these files in ~/.aws.
func (s *sandbox) newMachine(name string, awsFiles map[string]string) (*machine, error) {
	m := &machine{sandbox: s, home: filepath.Join(s.dir, name)}
	if err := os.MkdirAll(filepath.Join(m.home, ".aws"), 0o700); err != nil {
		return nil, err
	}
	for file, content := range awsFiles {
		if err := os.WriteFile(filepath.Join(m.home, ".aws", file), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	// The author does not matter. Git must not run in the background when the
	// folder is removed.
	gitconfig := "[user]\n\tname = Sandbox\n\temail = sandbox@example.com\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
	return m, os.WriteFile(filepath.Join(m.home, ".gitconfig"), []byte(gitconfig), 0o600)
}

// env returns the machine's environment: the caller's, without variables that refer
// to real accounts, configuration or networks.
func (m *machine) env() []string {
	path := m.bin()
	var env []string
	for _, v := range m.environ {
		name, value, _ := strings.Cut(v, "=")
		switch upper := strings.ToUpper(name); {
		case upper == "PATH":
			path += string(filepath.ListSeparator) + value
		case foreign(upper):
		default:
			env = append(env, v)
		}
	}
	// On a busy machine, the metadata service may take longer than the default of
	// one second.
	env = append(env, "PATH="+path, "HOME="+m.home, "USERPROFILE="+m.home, "AWS_METADATA_SERVICE_TIMEOUT=30", "BROWSER="+m.browser())
	return slices.Concat(env, m.cloud.Env(), m.variables)
}

func foreign(name string) bool {
	return strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "GIT_") || strings.HasSuffix(name, "_PROXY") ||
		slices.Contains([]string{"HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "SSH_ASKPASS", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"}, name)
}

// cmd returns a command that runs on the machine, in its HOME.
func (m *machine) cmd(name string, args ...string) *exec.Cmd {
	path := name
	if own := filepath.Join(m.bin(), name+exeSuffix()); exists(own) {
		path = own
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = m.home
	cmd.Env = m.env()
	return cmd
}

// run runs a command and shows it with its output.
func (m *machine) run(name string, args ...string) error {
	fmt.Fprintf(m.stdout, "$ %s\n", m.shown(name, args))
	cmd := m.cmd(name, args...)
	cmd.Stdout, cmd.Stderr = m.stdout, m.stdout
	if err := m.wait(cmd); err != nil {
		return fmt.Errorf("%s: %w", m.shown(name, args), err)
	}
	return nil
}

// output runs and shows a command like run, and returns its output.
func (m *machine) output(name string, args ...string) (string, error) {
	fmt.Fprintf(m.stdout, "$ %s\n", m.shown(name, args))
	var b strings.Builder
	cmd := m.cmd(name, args...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&b, m.stdout), m.stdout
	if err := m.wait(cmd); err != nil {
		return "", fmt.Errorf("%s: %w", m.shown(name, args), err)
	}
	return strings.TrimSpace(b.String()), nil
}

// shown returns a command line as a person would type it.
func (m *machine) shown(name string, args []string) string {
	words := []string{name}
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \\'\"$&|;<>*?()[]") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
