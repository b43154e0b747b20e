package guide

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/canary"
	"git-credential-codecommit/test/program"
)

// TestMain is also the replacement for the AWS CLI.
func TestMain(m *testing.M) {
	program.Main(m, map[string]func(){"aws-stand-in": awsStandIn})
}

const guideFile = "doc/cross-account.md"

// A guideBlock is one block of commands in the guide. The comment before it names the
// persona that runs it, and says if it is expected to fail:
//
//	<!-- run: developer -->
//	<!-- run: auditor, fails -->
//	<!-- not run: the reason -->
type guideBlock struct {
	line    int
	persona string // empty: it is not run
	fails   bool
	script  string
}

var (
	fence   = regexp.MustCompile("^```(.*)$")
	runMark = regexp.MustCompile(`^<!-- run: ([a-z-]+)(, fails)? -->$`)
	notRun  = regexp.MustCompile(`^<!-- not run: .+ -->$`)
)

// guideBlocks returns the blocks of a Markdown file. Text that a reader could take
// for commands must be marked.
func guideBlocks(file, text string) ([]guideBlock, error) {
	var blocks []guideBlock
	var open *guideBlock // the current block, if it contains commands
	inside, before := false, ""
	for i, line := range strings.Split(text, "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && inside:
			if open != nil {
				blocks = append(blocks, *open)
			}
			inside, open, before = false, nil, ""
		case m != nil && m[1] == "sh":
			mark := runMark.FindStringSubmatch(before)
			open = &guideBlock{line: i + 1}
			switch {
			case mark != nil:
				open.persona, open.fails = mark[1], mark[2] != ""
			case !notRun.MatchString(before):
				return nil, fmt.Errorf("%s:%d: no comment names the persona that runs this", file, i+1)
			}
			inside = true
		case m != nil && (m[1] == "json" || m[1] == "ini" || m[1] == "text"):
			inside = true
		case m != nil:
			return nil, fmt.Errorf("%s:%d: a block must be sh, json, ini or text, not %q", file, i+1, m[1])
		case inside && open != nil:
			open.script += line + "\n"
		case strings.TrimSpace(line) != "":
			before = line
		}
	}
	if inside {
		return nil, fmt.Errorf("%s: a block has no end", file)
	}
	return blocks, nil
}

func TestGuideBlocks(t *testing.T) {
	t.Parallel()
	got, err := guideBlocks(guideFile, "a\n<!-- run: ci -->\n\n```sh\none\n```\n<!-- run: ci, fails -->\n```sh\ntwo\n```\n<!-- not run: why -->\n```sh\nthree\n```\n```json\n{}\n```\n")
	want := []guideBlock{{4, "ci", false, "one\n"}, {8, "ci", true, "two\n"}, {12, "", false, "three\n"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, wrong := range []string{
		"```sh\nx\n```\n", "<!-- not run: -->\n```sh\nx\n```\n", "```bash\nx\n```\n", "```\nx\n```\n",
		"<!-- run: ci -->\n```sh\nx\n", "<!-- run: ci -->\n```sh\nx\n```\n```sh\ny\n```\n",
	} {
		if got, err := guideBlocks(guideFile, wrong); err == nil {
			t.Errorf("%q was parsed as %+v", wrong, got)
		}
	}
}

// accountsCloud is a cloud in which no access has been granted.
func accountsCloud(t *testing.T) *awsfake.Accounts {
	t.Helper()
	cloud, err := awsfake.StartAccounts(awsfake.Config{Dir: filepath.Join(t.TempDir(), "cloud")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	return cloud
}

// A persona is a person or a machine with a separate HOME.
type persona struct {
	home string
	env  []string
}

const guideGitConfig = "[user]\n\tname = Alice\n\temail = alice@example.com\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"

// newPersona creates a HOME with git's settings, an access key if there is one, and
// an askpass program that knows the MFA code.
func newPersona(t *testing.T, cloud *awsfake.Accounts, keyID, secret string, env ...string) *persona {
	t.Helper()
	p := &persona{home: t.TempDir()}
	files := map[string]string{
		".gitconfig":      guideGitConfig,
		"etc/gitconfig":   "", // the system's
		".config/askpass": "#!/bin/sh\necho " + awsfake.DeveloperMFACode + "\n",
	}
	if keyID != "" {
		files[".aws/credentials"] = "[default]\naws_access_key_id = " + keyID + "\naws_secret_access_key = " + secret + "\n"
	}
	for name, content := range files {
		name = filepath.Join(p.home, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.env = append(program.Env(cloud.Cloud), "PATH="+os.Getenv("PATH"), "HOME="+p.home)
	p.env = append(p.env,
		"GIT_CONFIG_NOSYSTEM=", "GIT_CONFIG_SYSTEM="+filepath.Join(p.home, "etc", "gitconfig"),
		"GIT_ASKPASS="+filepath.Join(p.home, ".config", "askpass"))
	p.env = append(p.env, env...)
	return p
}

// sh runs a script in the HOME and returns its output.
func (p *persona) sh(t *testing.T, script string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu")
	cmd.Dir, cmd.Env = p.home, p.env
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *persona) must(t *testing.T, script string) string {
	t.Helper()
	out, err := p.sh(t, script)
	if err != nil {
		t.Fatalf("%s%s%v", script, out, err)
	}
	return out
}

func needShell(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a POSIX shell")
	}
}

// Every command of the guide runs in order, as the person that it is for, from an
// AWS without any access through all steps back to one without any access.
func TestGuide(t *testing.T) {
	t.Parallel()
	needShell(t)
	runGuide(t, filepath.Join(awsStandInBin(t), "aws"))
}

// awsStandInBin returns a folder with the replacement of the AWS CLI, under its
// name.
func awsStandInBin(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte("#!/bin/sh\nexec aws-stand-in \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func runGuide(t *testing.T, aws string) {
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(guideFile)))
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := guideBlocks(guideFile, strings.ReplaceAll(string(text), "\r\n", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	cloud := accountsCloud(t)
	// The environment of a job with a token from its CI service.
	job := func(issuer, subject, audience, role string) []string {
		token, err := cloud.WebIdentityToken(issuer, subject, audience, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"AWS_ROLE_ARN=" + role, "AWS_WEB_IDENTITY_TOKEN_FILE=" + file, "AWS_EC2_METADATA_DISABLED=true"}
	}
	personas := map[string]*persona{
		"admin-a":       newPersona(t, cloud, awsfake.AdminAAccessKeyID, awsfake.AdminASecretKey),
		"admin-b":       newPersona(t, cloud, awsfake.AdminBAccessKeyID, awsfake.AdminBSecretKey),
		"admin-auditor": newPersona(t, cloud, awsfake.AdminAuditorAccessKeyID, awsfake.AdminAuditorSecretKey),
		"developer":     newPersona(t, cloud, awsfake.DeveloperAccessKeyID, awsfake.DeveloperSecretKey),
		"auditor":       newPersona(t, cloud, awsfake.AuditorAccessKeyID, awsfake.AuditorSecretKey),
		"instance":      newPersona(t, cloud, "", ""),
		"ci": newPersona(t, cloud, "", "",
			job(awsfake.GitHubIssuer, awsfake.GitHubSubject, awsfake.GitHubAudience, "arn:aws:iam::888888888888:role/ci-runner")...),
		"pipeline": newPersona(t, cloud, "", "",
			job(awsfake.GitLabIssuer, "project_path:group/project:ref_type:branch:ref:main", awsfake.GitLabAudience, "arn:aws:iam::111122223333:role/PipelineRepoAccessRole")...),
	}
	bin := t.TempDir()
	if err := os.Symlink(aws, filepath.Join(bin, "aws")); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	used := map[string]bool{}
	for _, b := range blocks {
		p := personas[b.persona]
		if p == nil {
			if b.persona != "" {
				t.Fatalf("%s:%d: there is no %q", guideFile, b.line, b.persona)
			}
			continue
		}
		used[b.persona] = true
		if strings.Contains(b.script, "date -u") {
			time.Sleep(1100 * time.Millisecond) // sessions are revoked up to this second, which must have ended
		}
		out, err := p.sh(t, `PATH="`+bin+`:$PATH"`+"\n"+b.script)
		printed.WriteString(out)
		if (err != nil) != b.fails {
			t.Fatalf("%s:%d: %s (%v):\n%s\n%s", guideFile, b.line, b.persona, cmp.Or(fmt.Sprint(err), "it works"), b.script, out)
		}
		t.Logf("%s:%d: %s:\n%s%s", guideFile, b.line, b.persona, b.script, out)
	}
	for name := range personas {
		if !used[name] {
			t.Errorf("the guide has nothing for %s", name)
		}
	}
	if refused := cloud.Requests(awsfake.ProxyRefused); len(refused) > 0 {
		t.Errorf("a request left the cloud, for %s", refused[0].Host)
	}
	if canary.Found(printed.String(), cloud.Secrets()) {
		t.Error("a secret was printed")
	}

	// Nothing remains.
	if got := cloud.Entities(); len(got) > 0 {
		t.Errorf("left in the accounts: %s", got)
	}
	for name, p := range personas {
		for file, want := range map[string]string{".gitconfig": guideGitConfig, "etc/gitconfig": "", ".aws/config": ""} {
			if got, _ := os.ReadFile(filepath.Join(p.home, file)); strings.TrimSpace(string(got)) != strings.TrimSpace(want) {
				t.Errorf("%s's %s:\n%s", name, file, got)
			}
		}
	}
	checkScripts(t, string(text), personas)
}

// checkScripts checks the scripts for the administrators: every shell accepts them,
// both administrators have the same script, and its last comment contains the setup
// command of the guide.
func checkScripts(t *testing.T, guide string, personas map[string]*persona) {
	t.Helper()
	guide = strings.Join(strings.Fields(strings.ReplaceAll(guide, "\\\n", "")), " ")
	scripts := map[string][]byte{}
	for name, p := range personas {
		files, _ := filepath.Glob(filepath.Join(p.home, "*.sh"))
		for _, file := range files {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			base := filepath.Base(file)
			if other := scripts[base]; other != nil && !bytes.Equal(script, other) {
				t.Errorf("%s has a different %s", name, base)
			}
			scripts[base] = script
			for _, shell := range [][]string{{"sh"}, {"dash"}, {"bash", "--posix"}, {"busybox", "sh"}, {"zsh"}, {"ksh"}} {
				if _, err := exec.LookPath(shell[0]); err != nil {
					continue
				}
				if out, err := exec.CommandContext(t.Context(), shell[0], append(shell[1:], "-n", file)...).CombinedOutput(); err != nil {
					t.Errorf("%s -n %s: %v\n%s", shell[0], base, err, out)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		lines := strings.Split(strings.TrimSpace(string(scripts[name])), "\n")
		setup := strings.TrimPrefix(lines[len(lines)-1], "# ")
		setup = strings.ReplaceAll(setup, ":mfa/DEVICE", ":mfa/developer")
		if !strings.HasPrefix(setup, "git-credential-codecommit setup ") {
			t.Errorf("%s ends in %s", name, setup)
		}
		if !strings.Contains(guide, setup) {
			t.Errorf("the guide does not show, for %s:\n%s", name, setup)
		}
	}
}
