package command

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/internal/cli"
)

// A panic shows neither its value nor a stack trace.
func TestPanicIsAnInternalError(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(name, home)
	}
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	// No prompts: there is no sign-in, and CodeCommit's proxy does not exist.
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[http]\n\tproxy = http://127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const config = "[profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-2\nsso_account_id = 111122223333\nsso_role_name = Developer\n"
	if err := os.WriteFile(filepath.Join(home, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"AWS_CONFIG_FILE": filepath.Join(home, "config")}
	for name, variable := range map[string]string{
		"while it prints":                "NO_COLOR",
		"while doctor asks the service":  "GIT_SSL_NO_VERIFY",
		"while it looks at a repository": "AWS_CONFIG_FILE",
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			exit := Run(cli.Process{
				Args:            []string{cli.Name, "doctor", "--profile", "sso", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo"},
				Stdin:           strings.NewReader(""),
				Stdout:          &stdout,
				Stderr:          &stderr,
				StdinIsTerminal: func() bool { return false },
				StdoutColumns:   func() int { return 80 },
				LookupEnv: func(name string) (string, bool) {
					if name == variable {
						panic("a secret")
					}
					value, set := env[name]
					return value, set
				},
				Environ:    os.Environ,
				Executable: os.Executable,
				Home:       func() string { return home },
				Now:        time.Now,
			})
			const want = cli.Name + ": error: internal error: this is a bug in " + cli.Name + "\n" + cli.Name + ": hint: to report it with what you did, run: "
			if exit != cli.ExitFailed || stdout.Len() != 0 || !strings.HasPrefix(stderr.String(), want) {
				t.Errorf("exit %d, %s%s", exit, &stdout, &stderr)
			}
		})
	}
}
