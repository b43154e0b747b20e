package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

// newSignedOut is a machine on which the sign-in has expired and can no longer be
// renewed. Its browser is "click".
func newSignedOut(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t, ssoProfiles)
	m.env = append(m.env, "GIT_TERMINAL_PROMPT=1", "BROWSER=click", "CLICKS="+m.home+"/clicks")
	dir := m.home + "/.aws/sso/cache"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeJSONFile(dir+"/"+sha1Hex("my-sso")+".json", m.cloud.NewSSOToken(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	m.cloud.EndSSOTokens()
	return m
}

// clicks returns the number of pages that the browser opened.
func (m *machine) clicks() int {
	data, _ := os.ReadFile(m.home + "/clicks")
	return strings.Count(string(data), "\n")
}

// inTerminal starts a shell script in a new terminal.
func (m *machine) inTerminal(t *testing.T, script string) (cmd *exec.Cmd, keyboard *os.File) {
	t.Helper()
	keyboard, terminal := openPTY(t)
	if err := os.WriteFile(m.home+"/request", []byte(request), 0o600); err != nil {
		t.Fatal(err)
	}
	// As under git, the helper is not the session leader: the end of the leader
	// would close the terminal before the test checks it.
	cmd = exec.Command("/bin/sh", "-c", script+"\ntrue")
	cmd.Dir, cmd.Env = m.home, m.env
	cmd.ExtraFiles = []*os.File{terminal}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("output:\n%s", &out)
		}
	})
	return cmd, keyboard
}

func (m *machine) file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(m.home, name))
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

// The next morning, git pull opens the browser once and continues.
func TestGitSignsInAndContinues(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"sso", "chained"} {
		m := newSignedOut(t)
		cmd, keyboard := m.inTerminal(t, `git-credential-codecommit setup --profile `+profile+` &&
git clone -q https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo work && git -C work pull && echo pulled >done`)
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		screen := drain(keyboard)
		if m.file(t, "done") != "pulled\n" || m.clicks() != 1 {
			t.Errorf("%s: %d clicks", profile, m.clicks())
		}
		lines := strings.Split(strings.TrimSpace(screen), "\r\n")
		name := strings.Replace(profile, "chained", "sso-developer", 1)
		if len(lines) != 3 || !strings.Contains(lines[0], `to sign in for profile "`+name+`", continue in the browser, or open https://oidc.us-east-2.amazonaws.com/authorize?`) ||
			!strings.Contains(lines[1], "waiting for the sign-in") || !strings.Contains(lines[2], "signed in until ") {
			t.Errorf("%s: the terminal shows\n%s", profile, screen)
		}
	}
}

// manyHelpers is a script that starts concurrent helpers, with answers in out-N and
// errors in err-N.
func manyHelpers(n int) string {
	return fmt.Sprintf(`i=0; while [ $i -lt %d ]; do
git-credential-codecommit --profile sso get <request >out-$i 2>err-$i &
i=$((i+1)); done; wait`, n)
}

func crowdSize() int {
	if program.Race() { // processes take ten times as long to start
		return 25
	}
	return 100
}

func TestHundredHelpersOpenOneBrowser(t *testing.T) {
	t.Parallel()
	m := newSignedOut(t)
	n := crowdSize()
	cmd, _ := m.inTerminal(t, manyHelpers(n))
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if out := m.file(t, fmt.Sprintf("out-%d", i)); !strings.HasPrefix(out, "username=ASIA") {
			t.Fatalf("helper %d: %s%s", i, out, m.file(t, fmt.Sprintf("err-%d", i)))
		}
	}
	if m.clicks() != 1 {
		t.Errorf("%d clicks", m.clicks())
	}
}

// A refused sign-in is refused for all helpers, including those that start a little
// later. The command in the error starts a new one immediately.
func TestRefusedSignInOpensNoSecondBrowser(t *testing.T) {
	t.Parallel()
	m := newSignedOut(t)
	m.env = append(m.env, "CLICK="+awsfake.Deny)
	const n = 20
	cmd, _ := m.inTerminal(t, manyHelpers(n)+"\nmkdir later; mv out-* err-* later\n"+manyHelpers(1))
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	texts := map[string]int{}
	for i := range n + 1 {
		name := fmt.Sprintf("later/%%s-%d", i)
		if i == n {
			name = "%s-0"
		}
		out, errs := m.file(t, fmt.Sprintf(name, "out")), m.file(t, fmt.Sprintf(name, "err"))
		if out != "quit=1\n" || !strings.Contains(errs, "hint: run: git-credential-codecommit login --profile sso\n") {
			t.Errorf("helper %d: %s%s", i, out, errs)
		}
		texts[errs]++
	}
	refused := 0
	for text, count := range texts {
		if strings.Contains(text, "the sign-in was refused in the browser") {
			refused += count
		}
	}
	if refused != 1 || m.clicks() != 1 {
		t.Errorf("%d clicks, %d refusals: %v", m.clicks(), refused, texts)
	}
	cmd, _ = m.inTerminal(t, "CLICK=allow git-credential-codecommit login --profile sso && "+manyHelpers(1))
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(m.file(t, "out-0"), "username=ASIA") || m.clicks() != 2 {
		t.Errorf("%v: %s, %d clicks", err, m.file(t, "err-0"), m.clicks())
	}
	left, err := filepath.Glob(m.home + "/.aws/sso/cache/*")
	if err != nil || len(left) != 2 {
		t.Errorf("left: %v", left)
	}
}

// If no prompt is possible, the error shows the command immediately.
func TestNoSignInWithoutAPerson(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"no terminal":         `setsid -w git-credential-codecommit --profile sso get <request >out 2>err`,
		"in the background":   `set -m; git-credential-codecommit --profile sso get <request >out 2>err & wait`,
		"GIT_TERMINAL_PROMPT": `GIT_TERMINAL_PROMPT=0 git-credential-codecommit --profile sso get <request >out 2>err`,
		"interactive=false":   `git config --global credential.interactive false; git-credential-codecommit --profile sso get <request >out 2>err`,
		"interactive=never":   `git config --global credential.interactive never; git-credential-codecommit --profile sso get <request >out 2>err`,
	} {
		m := newSignedOut(t)
		cmd, _ := m.inTerminal(t, script)
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		if out, errs := m.file(t, "out"), m.file(t, "err"); out != "quit=1\n" || !strings.Contains(errs, "hint: run: git-credential-codecommit login --profile sso\n") {
			t.Errorf("%s: %s%s", name, out, errs)
		}
		if m.clicks() != 0 || len(m.cloud.Requests(awsfake.SSOOIDC)) > 1 { // one attempt to renew the sign-in
			t.Errorf("%s: a sign-in was started", name)
		}
	}
}

// Ctrl-C ends the wait for the browser, and leaves only a registration.
func TestCancelledSignInLeavesARegistration(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"login PKCE":        `git-credential-codecommit login --profile sso 2>&3`,
		"login device code": `git-credential-codecommit login --profile sso --no-browser 2>&3`,
		"get":               `git-credential-codecommit --profile sso get <request >out 2>err`,
	} {
		m := newMachine(t, ssoProfiles)
		m.env = append(m.env, "GIT_TERMINAL_PROMPT=1", "BROWSER=click", "CLICK=nothing")
		cmd, keyboard := m.inTerminal(t, "trap : INT; "+script+" || echo $? >status")
		readUntil(t, keyboard, "(Ctrl-C cancels it)\r\n")
		if _, err := keyboard.WriteString("\x03"); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil || m.file(t, "status") != "1\n" {
			t.Errorf("%s: %v", name, err)
		}
		screen := drain(keyboard)
		if name == "get" {
			screen = m.file(t, "err")
		}
		if !strings.Contains(screen, "the sign-in was cancelled") {
			t.Errorf("%s: %s", name, screen)
		}
		left, err := filepath.Glob(m.home + "/.aws/sso/cache/*")
		if err != nil || len(left) != 1 || strings.Contains(left[0], sha1Hex("my-sso")) {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

// On a new machine, the user chooses the account and the role by number, and git
// then works without another sign-in.
func TestSetupLetsAPersonChoose(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	m.cloud.SetPortalPages(1)
	m.env = append(m.env, "GIT_TERMINAL_PROMPT=1", "BROWSER=click", "CLICKS="+m.home+"/clicks")
	cmd, keyboard := m.inTerminal(t, `git-credential-codecommit setup --sso-start-url `+awsfake.SSOStartURL+` --sso-region `+awsfake.Region+` --profile work 2>err &&
git clone -q https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo work && echo cloned >done`)
	screen := readUntil(t, keyboard, "account (1-2): ")
	if !strings.Contains(screen, "  1  "+awsfake.AccountB+"  Developers\r\n  2  "+awsfake.AccountA+"  Repositories\r\n") {
		t.Errorf("%s", screen)
	}
	for _, answer := range []string{"3\n", "x\n"} {
		if _, err := keyboard.WriteString(answer); err != nil {
			t.Fatal(err)
		}
		readUntil(t, keyboard, "account (1-2): ")
	}
	if _, err := keyboard.WriteString("2\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	config := m.file(t, ".aws/config")
	if m.file(t, "done") != "cloned\n" || m.clicks() != 1 || !strings.Contains(config, "[profile work]\nsso_session = example\nsso_account_id = "+awsfake.AccountA+"\nsso_role_name = "+awsfake.SSOContributorRole+"\n") {
		t.Errorf("%d clicks: %s", m.clicks(), config)
	}
	out, err := exec.Command("setsid", "-w", "git-credential-codecommit", "setup", "--sso-start-url", awsfake.SSOStartURL, "--sso-region", awsfake.Region, "--profile", "other").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "requires --sso-account and --sso-role if there is no terminal") {
		t.Errorf("without a terminal: %v: %s", err, out)
	}
}

// AWS may end a sign-in early, for example at an administrator's request: git then
// signs in again too.
func TestGitSignsInWhenAWSEndedTheSignIn(t *testing.T) {
	t.Parallel()
	m := newSignedOut(t)
	if err := writeJSONFile(m.home+"/.aws/sso/cache/"+sha1Hex("my-sso")+".json", m.cloud.NewSSOToken(8*time.Hour)); err != nil {
		t.Fatal(err)
	}
	m.cloud.EndSSOTokens()
	cmd, _ := m.inTerminal(t, manyHelpers(5))
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if out := m.file(t, fmt.Sprintf("out-%d", i)); !strings.HasPrefix(out, "username=ASIA") {
			t.Errorf("helper %d: %s%s", i, out, m.file(t, fmt.Sprintf("err-%d", i)))
		}
	}
	if m.clicks() != 1 {
		t.Errorf("%d clicks", m.clicks())
	}
}
