package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
)

// Attacks by a hostile server, repository, file or environment on the whole
// program. Unit tests in the packages check in detail what is rejected.

const ourHost = "git-codecommit.us-east-2.amazonaws.com"

// asked is a request for a repository, with parts replaced.
func asked(protocol, host, path string) string {
	return "protocol=" + protocol + "\nhost=" + host + "\npath=" + path + "\n\n"
}

// An outcome is the result of running the program.
type outcome struct {
	stdout, stderr string
	exit           int
	took           time.Duration
}

func (o outcome) String() string {
	return fmt.Sprintf("exit %d after %s, stdout %.200q, stderr %.400q", o.exit, o.took.Round(time.Millisecond), o.stdout, o.stderr)
}

// failed reports whether git was stopped and the reason printed on one line.
func (o outcome) failed() bool {
	return o.stdout == "quit=1\n" && o.exit == 1 && errorLines.MatchString(o.stderr)
}

// errorLines matches one line for the error, and at most two hints.
var errorLines = regexp.MustCompile(`\Agit-credential-codecommit: error: [^\n]+\n(git-credential-codecommit: hint: [^\n]+\n){0,2}\z`)

// silent reports whether the program ignored the request.
func (o outcome) silent() bool { return o.stdout == "" && o.stderr == "" && o.exit == 0 }

// answered reports whether git got a username and a password, and nothing else.
func (o outcome) answered() bool { return o.exit == 0 && answerLines.MatchString(o.stdout) }

var answerLines = regexp.MustCompile(`\A(username=[A-Z0-9_]{16,128}(%[!-~]+)?\npassword=[0-9]{8}T[0-9]{6}Z[0-9a-f]{64}\n` +
	`|capability\[\]=authtype\nauthtype=Basic\ncredential=[A-Za-z0-9+/]+=*\nephemeral=1\n)password_expiry_utc=[0-9]+\n\z`)

// hangs is the timeout of a run.
const hangs = 90 * time.Second

// run runs a command of this machine to its end.
func (m *machine) run(t testing.TB, stdin string, extra []string, args ...string) outcome {
	t.Helper()
	return runCommand(t, m.command(stdin, extra, args...))
}

func (m *machine) command(stdin string, extra []string, args ...string) *exec.Cmd {
	cmd := exec.Command("git-credential-codecommit", args...)
	cmd.Env = append(m.env[:len(m.env):len(m.env)], extra...)
	cmd.Dir = m.home
	cmd.Stdin = strings.NewReader(stdin)
	return cmd
}

func runCommand(t testing.TB, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &errs
	cmd.WaitDelay = 5 * time.Second
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(hangs, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	return outcome{out.String(), errs.String(), cmd.ProcessState.ExitCode(), time.Since(began)}
}

// each runs check for every entry of a table, a few in parallel.
func each[T any](t *testing.T, table map[string]T, check func(name string, row T)) {
	t.Helper()
	someOf(t, runtime.NumCPU()+1, table, check)
}

// atOnce is like each, but runs more checks in parallel, because they mostly wait.
func atOnce[T any](t *testing.T, table map[string]T, check func(name string, row T)) {
	t.Helper()
	someOf(t, 16, table, check)
}

func someOf[T any](t *testing.T, most int, table map[string]T, check func(name string, row T)) {
	t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, most)
	for name, row := range table {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			check(name, row)
		})
	}
	wg.Wait()
}

// staticMachine has the developer's access key and needs no network.
func staticMachine(t *testing.T) *machine { return newMachine(t, "") }

func TestMalformedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	const rest = "host=" + ourHost + "\npath=v1/repos/R\n\n"
	repo := func(line string) string { return "protocol=https\n" + line + "\n" + rest }
	table := map[string]string{
		"two carriage returns after the host": asked("https", ourHost+"\r\r", "v1/repos/R"),
		"a carriage return within the host":   asked("https", "git-codecommit\r.us-east-2.amazonaws.com", "v1/repos/R"),
		"a NUL in the host":                   asked("https", ourHost+"\x00.evil.example", "v1/repos/R"),
		"a NUL in the path":                   asked("https", ourHost, "v1/repos/R\x00"),
		"a NUL in a key":                      repo("use\x00rname=x"),
		"a NUL alone":                         repo("\x00"),
		"a tab in the path":                   asked("https", ourHost, "v1/repos/R\tx"),
		"a tab before a key":                  repo("\tusername=x"),
		"a vertical tab":                      repo("x=\v"),
		"a form feed":                         repo("x=\f"),
		"a backspace":                         repo("x=\b"),
		"an escape sequence":                  repo("username=\x1b]0;x\x07"),
		"a unit separator":                    repo("x=\x1f"),
		"a DEL":                               repo("x=\x7f"),
		"a control byte in an unknown key":    repo("wwwauth[]=Basic realm=\"\x01\""),
		"two protocols":                       "protocol=https\n" + asked("https", ourHost, "v1/repos/R"),
		"http and https":                      "protocol=http\n" + asked("https", ourHost, "v1/repos/R"),
		"two hosts, ours last":                "host=github.com\n" + asked("https", ourHost, "v1/repos/R"),
		"two hosts, ours first":               "host=" + ourHost + "\n" + asked("https", "github.com", "v1/repos/R"),
		"two hosts, one empty":                "host=\n" + asked("https", ourHost, "v1/repos/R"),
		"the same host twice":                 "host=" + ourHost + "\n" + asked("https", ourHost, "v1/repos/R"),
		"two paths":                           "path=v1/repos/A\n" + asked("https", ourHost, "v1/repos/R"),
		"two usernames":                       repo("username=a\nusername=b"),
		"two usernames, both empty":           repo("username=\nusername="),
		"a line without =":                    repo("username"),
		"a line of one space":                 repo(" "),
		"a comment":                           repo("# comment"),
		"an empty key":                        repo("=value"),
		"= alone":                             repo("="),
		"a line without = at the end":         "protocol=https\nhost=" + ourHost + "\npath=v1/repos/R\nx",
		"a line of 65,536 bytes":              repo("x=" + strings.Repeat("a", 65534)),
		"a line of 65,536 bytes, no end":      "x=" + strings.Repeat("a", 65534),
		"a line of 100,000 bytes":             repo("wwwauth[]=" + strings.Repeat("a", 100_000)),
		"a megabyte without a line feed":      strings.Repeat("a", 1<<20),
		"a request of a megabyte and a byte":  strings.Repeat("x=1\n", 1<<18) + "y",
		"two megabytes of lines":              strings.Repeat("wwwauth[]=Basic\n", 1<<17),
		"a byte order mark before the host":   "\uFEFFhost\n" + rest,
	}
	each(t, table, func(name, request string) {
		for _, run := range m.ways(name) {
			if o := run(t, request, nil, "get"); !o.failed() {
				t.Errorf("%s: %s", name, o)
			}
			// Git expects no answer to these, and shows no error.
			for _, action := range []string{"store", "erase"} {
				if o := run(t, request, nil, action); !o.silent() {
					t.Errorf("%s, %s: %s", name, action, o)
				}
			}
		}
	})
	if n := m.cloud.Count(""); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// foreign are requests that this helper must not answer. Git sends them to a helper
// that is configured for all hosts.
func foreign() map[string]string {
	const vpce = "vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-1.vpce.amazonaws.com"
	table := map[string]string{
		"nothing":                    "",
		"a blank line":               "\n",
		"a blank first line":         "\n" + asked("https", ourHost, "v1/repos/R"),
		"no host":                    "protocol=https\npath=v1/repos/R\n\n",
		"no protocol":                "host=" + ourHost + "\npath=v1/repos/R\n\n",
		"ours after the blank line":  "protocol=https\n\nhost=" + ourHost + "\npath=v1/repos/R\n",
		"keys in upper case":         "PROTOCOL=https\nHOST=" + ourHost + "\nPATH=v1/repos/R\n\n",
		"keys with spaces":           "protocol =https\nhost =" + ourHost + "\npath =v1/repos/R\n\n",
		"host[]":                     "protocol=https\nhost[]=" + ourHost + "\npath=v1/repos/R\n\n",
		"protocol[]":                 "protocol[]=https\nhost=" + ourHost + "\npath=v1/repos/R\n\n",
		"a url in place of a host":   "url=https://" + ourHost + "/v1/repos/R\n\n",
		"a key that looks like host": "protocol=https\nhоst=" + ourHost + "\npath=v1/repos/R\n\n", // Cyrillic о
		"a byte order mark":          "\uFEFFprotocol=https\nhost=" + ourHost + "\npath=v1/repos/R\n\n",
	}
	for _, protocol := range []string{"", "HTTPS", "Https", " https", "https ", "ftp", "ssh", "git", "file", "ws", "https:", "https://", "httpss", "codecommit", "cert", "HTTP"} {
		table["the protocol "+fmt.Sprintf("%q", protocol)] = asked(protocol, ourHost, "v1/repos/R")
	}
	for _, host := range []string{
		"", " ", ".", "github.com", "amazonaws.com", "evil-amazonaws.com", "evil-git-codecommit.us-east-1.amazonaws.com",
		"localhost", "127.0.0.1", "127.0.0.1:443", "[::1]", "[::1]:443", "[::ffff:7f00:1]", "169.254.169.254",
		"codecommit.us-east-1.amazonaws.com", "git-codecommit.amazonaws.com", "git-codecommit.us-east-1",
		"git-codecommit.us-east-1.amazonaws.com.evil.example", "git-codecommit.us-east-1.amazonaws.com-evil.example",
		"git-codecommit.us-east-1.amazonaws.comevil.example", "evil.git-codecommit.us-east-1.amazonaws.com",
		"evilgit-codecommit.us-east-1.amazonaws.com", "git-codecommit-evil.us-east-1.amazonaws.com",
		"git-codecommit.us-east-1.evil.amazonaws.com", "git-codecommit.us-east-1.evil.example.amazonaws.com",
		"git-codecommit.evil.example#.us-east-1.amazonaws.com", "git-codecommit.evil.amazonaws.com",
		"git-codecommit.s3.amazonaws.com", "git-codecommit.s3.us-east-1.amazonaws.com", "git-codecommit.us-east-1.s3.amazonaws.com",
		"git-codecommit.us-east-1.elb.amazonaws.com", "ec2-203-0-113-25.compute-1.amazonaws.com",
		"ec2-203-0-113-25.us-east-2.compute.amazonaws.com", "git-codecommit.execute-api.us-east-1.amazonaws.com",
		"git-codecommit.us-east-1.on.aws", "git-codecommit.us-east-1.api.aws", "git-codecommit.us-east-1.aws",
		"git-codecommit.us-east-1.amazonaws.co", "git-codecommit.us-east-1.amazonaws.org", "git-codecommit.us-east-1.amazonaws-com",
		"git-codecommit.us-east-1.amazonaws.com.", "git-codecommit.us-east-1.amazonaws.com..", ".git-codecommit.us-east-1.amazonaws.com",
		"git-codecommit..us-east-1.amazonaws.com", "git-codecommit.us-east-1..amazonaws.com", "git-codecommit.us-east-1.amazonaws..com",
		"git-codecommit.us-east-1.amazonaws.com:", "git-codecommit.us-east-1.amazonaws.com:80", "git-codecommit.us-east-1.amazonaws.com:8443",
		"git-codecommit.us-east-1.amazonaws.com:0443", "git-codecommit.us-east-1.amazonaws.com:4433", "git-codecommit.us-east-1.amazonaws.com:443:443",
		"git-codecommit.us-east-1.amazonaws.com:+443", "git-codecommit.us-east-1.amazonaws.com: 443", "git-codecommit.us-east-1.amazonaws.com:٤٤٣",
		"git-codecommit.us-east-1.amazonaws.com:443@evil.example", "git-codecommit.us-east-1.amazonaws.com@evil.example",
		"evil.example@git-codecommit.us-east-1.amazonaws.com", "user:pass@git-codecommit.us-east-1.amazonaws.com",
		"evil.example/git-codecommit.us-east-1.amazonaws.com", "git-codecommit.us-east-1.amazonaws.com/", "git-codecommit.us-east-1.amazonaws.com/v1",
		"git-codecommit.us-east-1.amazonaws.com\\", "evil.example\\git-codecommit.us-east-1.amazonaws.com", "git-codecommit.us-east-1.amazonaws.com?", "git-codecommit.us-east-1.amazonaws.com#",
		"git-codecommit.us-east-1.amazonaws.com%00", "git-codecommit%2eus-east-1.amazonaws.com", "git%2Dcodecommit.us-east-1.amazonaws.com",
		"[git-codecommit.us-east-1.amazonaws.com]", "(git-codecommit.us-east-1.amazonaws.com)", "*.us-east-1.amazonaws.com", "git-codecommit.*.amazonaws.com",
		" git-codecommit.us-east-1.amazonaws.com", "git-codecommit.us-east-1.amazonaws.com ", "git-codecommit. us-east-1.amazonaws.com",
		"git-codecommіt.us-east-1.amazonaws.com", "ɡit-codecommit.us-east-1.amazonaws.com", "xn--git-codecommt-9ib.us-east-1.amazonaws.com",
		"git-codecommit.us-east-1.amazonaws。com", "git-codecommit．us-east-1.amazonaws.com", "git\u00adcodecommit.us-east-1.amazonaws.com",
		"git‐codecommit.us-east-1.amazonaws.com", "git-codecommit.us-east-1.amazonaws.com\u200b", "git-codecommit.us-east-1.ama\u017fonaws.com",
		"git-codecommit.us-east-١.amazonaws.com", "git-codecommit.us-east-1.ama\u212aonaws.com", "git-codecommit.us-east-1.amazonaws.com\xff",
		"git-codecommit.us-east.amazonaws.com", "git-codecommit.us-1.amazonaws.com", "git-codecommit.useast1.amazonaws.com", "git-codecommit.us_east_1.amazonaws.com",
		"git-codecommit.-us-east-1.amazonaws.com", "git-codecommit.us-east-1-.amazonaws.com", "git-codecommit.us--east-1.amazonaws.com",
		"git-codecommit.us-east-1a.amazonaws.com", "git-codecommit.us-east-001.amazonaws.com", "git-codecommit.1-east-1.amazonaws.com",
		"git-codecommit." + strings.Repeat("a", 300) + ".amazonaws.com", strings.Repeat("a.", 30_000) + "amazonaws.com",
		"git-codecommit-fips-fips.us-east-1.amazonaws.com", "git-codecommit-.us-east-1.amazonaws.com", "fips-git-codecommit.us-east-1.amazonaws.com",
		// Another partition's suffix.
		"git-codecommit.cn-north-1.amazonaws.com", "git-codecommit.us-east-1.amazonaws.com.cn", "git-codecommit.eusc-de-east-1.amazonaws.com",
		"git-codecommit.us-east-1.amazonaws.eu", "git-codecommit.us-east-1.c2s.ic.gov", "git-codecommit.us-iso-east-1.amazonaws.com",
		"git-codecommit.us-isob-east-1.c2s.ic.gov", "git-codecommit.eu-isoe-west-1.csp.hci.ic.gov", "git-codecommit.us-gov-west-1.amazonaws.com.cn",
		// Names that look like those of VPC endpoints.
		"evil." + vpce, vpce + ".evil.example", vpce + ".", vpce + ":8443", "x" + vpce, "vpce." + strings.TrimPrefix(vpce, "vpce-0b47ea360adebf88a-jkl88hez."),
		"vpce-.git-codecommit.us-east-1.vpce.amazonaws.com", "vpce-x..git-codecommit.us-east-1.vpce.amazonaws.com", "vpce-a_b.git-codecommit.us-east-1.vpce.amazonaws.com",
		"vpce-a.b.git-codecommit.us-east-1.vpce.amazonaws.com", "vpce-a-.git-codecommit.us-east-1.vpce.amazonaws.com", "git-codecommit.us-east-1.vpce.amazonaws.com",
		"vpce-a.git-codecommit.us-east-1.amazonaws.com", "vpce-a.git-codecommit.vpce.amazonaws.com", "vpce-a.evil.us-east-1.vpce.amazonaws.com",
		"vpce-a.git-codecommit.us-east-1.vpce.amazonaws.com.cn", "vpce-a.git-codecommit.cn-north-1.vpce.amazonaws.com", "vpce-a.git-codecommit.us-east-1.evil.amazonaws.com",
		"vpce-a.git-codecommit.us-east-1.vpce-evil.amazonaws.com", "vpce-" + strings.Repeat("a", 64) + ".git-codecommit.us-east-1.vpce.amazonaws.com",
	} {
		table[fmt.Sprintf("the host %.80q", host)] = asked("https", host, "v1/repos/R")
	}
	for _, username := range []string{"alice-at-111122223333", "a-at-b-at-111122223333", "alice+1-at-000000000000"} {
		table["the static username "+username] = "username=" + username + "\n" + asked("https", ourHost, "v1/repos/R")
	}
	return table
}

func TestForeignRequestsAreNotAnswered(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	touched := watch(t, filepath.Join(m.home, ".aws"))
	each(t, foreign(), func(name, request string) {
		for _, args := range [][]string{{"get"}, {"erase"}, {"--profile", "nosuch", "get"}} {
			for _, run := range m.ways(name) {
				if o := run(t, request, nil, args...); !o.silent() {
					t.Errorf("%s, %s: %s", name, args, o)
				}
			}
		}
	})
	if n := m.cloud.Count(""); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if files := touched(); len(files) > 0 {
		t.Errorf("touched: %s", files)
	}
}

// The same over http is not answered either, and the error gives the reason.
func TestHTTPIsNotAnswered(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	touched := watch(t, filepath.Join(m.home, ".aws"))
	for _, host := range []string{ourHost, ourHost + ":443", "GIT-CODECOMMIT.us-east-2.amazonaws.com"} {
		o := m.run(t, asked("http", host, "v1/repos/R"), nil, "get")
		if o.stdout != "" || o.exit != 0 || !errorLines.MatchString(o.stderr) || !strings.Contains(o.stderr, "over plain http") {
			t.Errorf("%s: %s", host, o)
		}
		if o := m.run(t, asked("http", host, "v1/repos/R"), nil, "erase"); !o.silent() {
			t.Errorf("%s, erase: %s", host, o)
		}
	}
	if files := touched(); len(files) > 0 {
		t.Errorf("touched: %s", files)
	}
}

func TestPathsAreRefused(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	touched := watch(t, filepath.Join(m.home, ".aws"))
	table := map[string]string{}
	for _, path := range []string{
		"", "/", ".", "..", "v1", "v1/", "v1/repos", "v1/repos/", "v1/repos//", "v1/repos/.", "v1/repos/..", "v1/repos/./R", "v1/repos/../R", "v1/repos/R/..", "v1/repos/R/.",
		"v1/repos/R/../S", "v1//repos/R", "//v1/repos/R", "/v1/repos/R", "x/v1/repos/R", "V1/repos/R", "v1/Repos/R", "v2/repos/R",
		"v1/repos/R/info/refs", "v1/repos/R/git-upload-pack", "v1/repos/R/x", "v1/repos/R/info", "v1/repos/R/info/", "v1/repos/R/info/lfsx", "v1/repos/R/info/lfs/",
		"v1/repos/R/info/lfs/../../../S", "v1/repos/R/info/lfs/./x", "v1/repos/R/info/lfs//x", "v1/repos/R/info/lfs/x?y", "v1/repos/R/info/LFS", "v1/repos/R/info/lfs/%2e%2e",
		"v1/repos/R%2f..%2fS", "v1/repos/%52", "v1/repos/R%00", "v1/repos/R%0a", "v1/repos/R?x=y", "v1/repos/R#x", "v1/repos/R\\..\\S", "v1/repos\\R", "v1/repos/R;x", "v1/repos/R&x",
		"v1/repos/R S", "v1/repos/ R", "v1/repos/R ", "v1/repos/R:S", "v1/repos/R@S", "v1/repos/~R", "v1/repos/$R", "v1/repos/`R`", "v1/repos/R*", "v1/repos/\"R\"", "v1/repos/R=S",
		"v1/repos/é", "v1/repos/\u202eR", "v1/repos/R\u200b", "v1/repos/\xff", "v1/repos/Ｒ", "v1/repos/" + strings.Repeat("a", 101), "v1/repos/" + strings.Repeat("a", 60_000),
		"v1/repos/R/info/lfs/" + strings.Repeat("a/", 20_000) + "a", "https://evil.example/v1/repos/R", "@evil.example/v1/repos/R",
	} {
		table[fmt.Sprintf("%.60q", path)] = path
	}
	each(t, table, func(name, path string) {
		for _, run := range m.ways(name) {
			o := run(t, asked("https", ourHost, path), nil, "get")
			if !o.failed() || len(o.stderr) > 2000 {
				t.Errorf("%s: %s", name, o)
			}
		}
	})
	if o := m.run(t, "protocol=https\nhost="+ourHost+"\n\n", nil, "get"); !o.failed() || !strings.Contains(o.stderr, "useHttpPath true") {
		t.Errorf("no path: %s", o)
	}
	if files := touched(); len(files) > 0 {
		t.Errorf("touched: %s", files)
	}
}

func TestRequestsAtTheEdgesAreAnswered(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	request := asked("https", ourHost, "v1/repos/R")
	table := map[string]string{
		"as git sends it":                request,
		"no blank line":                  strings.TrimSuffix(request, "\n"),
		"no line feed at the end":        strings.TrimSuffix(request, "\n\n"),
		"more after the blank line":      request + "host=evil.example\n\x00\r",
		"another order":                  "path=v1/repos/R\nhost=" + ourHost + "\nprotocol=https\n\n",
		"port 443":                       asked("https", ourHost+":443", "v1/repos/R"),
		"upper case":                     asked("https", "GIT-CODECOMMIT.US-EAST-2.AMAZONAWS.COM", "v1/repos/R"),
		"unknown keys":                   "x=\ny[]=1\ny[]=2\nпривет=мир\nurl=https://evil.example\nquit=1\n" + request,
		"host[] beside host":             "host[]=evil.example\nhost[]=github.com\n" + request,
		"keys in upper case beside ours": "HOST=evil.example\nHost=evil.example\n" + request,
		"keys with a space beside ours":  "host =evil.example\n host=evil.example\n" + request,
		"an expired password":            "password=x\npassword_expiry_utc=1\n" + request,
		"a password":                     "password=x\npassword=y\n" + request,
		"a line of 65,535 bytes":         "wwwauth[]=" + strings.Repeat("a", 65535-len("wwwauth[]=")) + "\n" + request,
		"a request of one megabyte":      strings.Repeat("wwwauth[]=Basic\n", (1<<20-len(request))/16) + request,
		"capabilities":                   "capability[]=authtype\ncapability[]=state\n" + request,
		"a capability taken back":        "capability[]=authtype\ncapability[]=\n" + request,
		"a capability that is none":      "capability=authtype\ncapability[]=AUTHTYPE\ncapability[]= authtype\n" + request,
		"an empty username":              "username=\n" + request,
		"another username":               "username=AKIAI44QH8DHBEXAMPLE\n" + request,
		"a username with a token":        "username=ASIAIOSFODNN7EXAMPLE%token\n" + request,
		"a username almost static":       "username=alice-at-11112222333\n" + request,
		"a username that is but static":  "username=-at-111122223333\n" + request,
		"a username of other digits":     "username=alice-at-١١١١٢٢٢٢٣٣٣٣\n" + request,
		"a username beyond ASCII":        "username=Zoë\xff\n" + request,
		"CR LF as line ends":             strings.ReplaceAll(request, "\n", "\r\n"),
		"a trailing slash":               asked("https", ourHost, "v1/repos/R/"), // as cargo sends it
		".git":                           asked("https", ourHost, "v1/repos/R.git"),
		"dots":                           asked("https", ourHost, "v1/repos/..."),
		"a name of 100":                  asked("https", ourHost, "v1/repos/"+strings.Repeat("a", 100)),
		"LFS":                            asked("https", ourHost, "v1/repos/R.git/info/lfs/locks/verify"),
		"a VPC endpoint":                 asked("https", "vpce-0b47ea360adebf88a-jkl88hez-us-east-1a.git-codecommit-fips.us-east-1.vpce.amazonaws.com", "v1/repos/R"),
		"China":                          asked("https", "git-codecommit.cn-north-1.amazonaws.com.cn", "v1/repos/R"),
	}
	each(t, table, func(name, request string) {
		for _, run := range m.ways(name) {
			o := run(t, request, nil, "get")
			if !o.answered() || o.stderr != "" {
				t.Errorf("%s: %s", name, o)
			}
			if got := username(t, o); got != awsfake.DeveloperAccessKeyID {
				t.Errorf("%s: answered as %q", name, got)
			}
			if authtype := name == "capabilities"; strings.HasPrefix(o.stdout, "capability") != authtype {
				t.Errorf("%s: %s", name, o)
			}
		}
	})
}

// username returns the username in an answer of either form, without the token.
func username(t *testing.T, o outcome) string {
	t.Helper()
	for line := range strings.Lines(o.stdout) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if key == "credential" {
			plain, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				t.Error(err)
			}
			key, value = "username", string(plain)
		}
		if key == "username" {
			value, _, _ = strings.Cut(value, ":")
			value, _, _ = strings.Cut(value, "%")
			return value
		}
	}
	return ""
}

// Git may leave its end of the pipe open after the blank line.
func TestStandardInputNeedNotEnd(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	for name, request := range map[string]string{"ours": asked("https", ourHost, "v1/repos/R"), "foreign": asked("https", "github.com", "x")} {
		for _, action := range []string{"get", "erase", "store"} {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			defer r.Close()
			if _, err := w.WriteString(request); err != nil {
				t.Fatal(err)
			}
			cmd := m.command("", nil, action)
			cmd.Stdin = r
			o := runCommand(t, cmd)
			if o.exit != 0 || (o.stdout != "") != (name == "ours" && action == "get") {
				t.Errorf("%s, %s: %s", name, action, o)
			}
		}
	}
}

// Whatever the source, text that cannot be an access key never reaches standard
// output, and no error shows it.
func TestMalformedCredentialsAreRejected(t *testing.T) {
	t.Parallel()
	const (
		id     = "ASIAIOSFODNN7EXAMPLE"
		secret = "CANARYsecret/K7MDENG/bPxRfiCYEXAMPLEKEY"
		token  = "CANARYtoken//////////bPxRfiCYEXAMPLETOKEN"
	)
	type keys struct{ id, secret, token string }
	bad := map[string]keys{
		"a line feed in the key id":      {id + "\nhost=evil.example", secret, token},
		"a key id in lower case":         {strings.ToLower(id), secret, token},
		"a short key id":                 {"ASIA", secret, token},
		"a long key id":                  {strings.Repeat("A", 129), secret, token},
		"a percent sign in the key id":   {id + "%x", secret, token},
		"a colon in the key id":          {id + ":x", secret, token},
		"a line feed in the token":       {id, secret, token + "\nusername=evil"},
		"a carriage return in the token": {id, secret, token + "\r"},
		"a NUL in the token":             {id, secret, token + "\x00"},
		"a space in the token":           {id, secret, token + " x"},
		"a token beyond ASCII":           {id, secret, token + "é"},
		"a token without end":            {id, secret, strings.Repeat(token, 2000)},
		"a line feed in the secret":      {id, secret + "\nx", token},
		"a secret beyond ASCII":          {id, secret + "\u202e", token},
	}
	end := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	json := func(tokenName string, k keys) string {
		return fmt.Sprintf(`{"Version": 1, "Code": "Success", "AccessKeyId": %s, "SecretAccessKey": %s, %q: %s, "Expiration": %q}`,
			jsonString(k.id), jsonString(k.secret), tokenName, jsonString(k.token), end)
	}
	xml := func(k keys) string {
		escape := strings.NewReplacer("\n", "&#10;", "\r", "&#13;", "\x00", "&#9;")
		return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId>` +
			`<Arn>arn:aws:sts::111122223333:assumed-role/MyCrossAccountRepositoryContributorRole/s</Arn></AssumedRoleUser><Credentials>` +
			`<AccessKeyId>` + escape.Replace(k.id) + `</AccessKeyId><SecretAccessKey>` + escape.Replace(k.secret) + `</SecretAccessKey><SessionToken>` + escape.Replace(k.token) +
			`</SessionToken><Expiration>` + end + `</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
	}
	type source func(t *testing.T, m *machine, k keys) (env, args []string)
	sources := map[string]source{
		"the environment": func(_ *testing.T, _ *machine, k keys) (env, args []string) {
			return []string{"AWS_ACCESS_KEY_ID=" + k.id, "AWS_SECRET_ACCESS_KEY=" + k.secret, "AWS_SESSION_TOKEN=" + k.token}, nil
		},
		"a file": func(t *testing.T, m *machine, k keys) (env, args []string) {
			fold := strings.NewReplacer("\n", "\n  ")
			writeFile(t, m.home+"/.aws/credentials", fold.Replace("[default]")+"\naws_access_key_id = "+fold.Replace(k.id)+"\naws_secret_access_key = "+fold.Replace(k.secret)+"\naws_session_token = "+fold.Replace(k.token)+"\n")
			return nil, nil
		},
		"a credential_process": func(t *testing.T, m *machine, k keys) (env, args []string) {
			writeFile(t, m.home+"/answer", json("SessionToken", k))
			writeFile(t, m.home+"/.aws/config", "[profile p]\ncredential_process = cat "+m.home+"/answer\n")
			return nil, []string{"--profile", "p"}
		},
		"instance metadata": func(_ *testing.T, m *machine, k keys) (env, args []string) {
			m.cloud.Fail(awsfake.Metadata, awsfake.Fault{Action: "GetCredentials", Times: -1, Body: json("Token", k)})
			return []string{"AWS_SHARED_CREDENTIALS_FILE="}, nil
		},
		"a container": func(_ *testing.T, m *machine, k keys) (env, args []string) {
			m.cloud.Fail(awsfake.Container, awsfake.Fault{Times: -1, Body: json("Token", k)})
			return []string{"AWS_SHARED_CREDENTIALS_FILE=", "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + m.cloud.ContainerURL()}, nil
		},
		"STS": func(_ *testing.T, m *machine, k keys) (env, args []string) {
			m.cloud.Fail(awsfake.STS, awsfake.Fault{Times: -1, Header: http.Header{"Content-Type": {"text/xml"}}, Body: xml(k)})
			return nil, []string{"--profile", awsfake.DeveloperProfile}
		},
		"SSO": func(t *testing.T, m *machine, k keys) (env, args []string) {
			writeFile(t, m.home+"/.aws/config", "[profile p]\nsso_start_url = "+awsfake.SSOStartURL+"\nsso_region = us-east-2\nsso_account_id = 111122223333\nsso_role_name = R\n")
			dir := m.home + "/.aws/sso/cache"
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := writeJSONFile(dir+"/"+sha1Hex(awsfake.SSOStartURL)+".json", m.cloud.NewSSOToken(time.Hour)); err != nil {
				t.Fatal(err)
			}
			m.cloud.Fail(awsfake.SSO, awsfake.Fault{Times: -1, Header: http.Header{"Content-Type": {"application/json"}}, Body: fmt.Sprintf(
				`{"roleCredentials": {"accessKeyId": %s, "secretAccessKey": %s, "sessionToken": %s, "expiration": %d}}`,
				jsonString(k.id), jsonString(k.secret), jsonString(k.token), time.Now().Add(time.Hour).UnixMilli())})
			return nil, []string{"--profile", "p"}
		},
		"the store": func(t *testing.T, m *machine, k keys) (env, args []string) {
			dir := m.home + "/.aws/cli/cache"
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir+"/"+sha1Hex(`{"RoleArn": "`+awsfake.ContributorRole+`"}`)+".json", `{"Credentials": `+json("SessionToken", k)+
				`, "AssumedRoleUser": {"AssumedRoleId": "AROA:s", "Arn": "arn:aws:sts::111122223333:assumed-role/MyCrossAccountRepositoryContributorRole/s"}}`)
			m.cloud.Fail(awsfake.STS, awsfake.STSError(403, "AccessDenied", "no"))
			return nil, []string{"--profile", awsfake.DeveloperProfile}
		},
	}
	each(t, sources, func(name string, give source) {
		m := newMachine(t, "")
		env, args := give(t, m, keys{id, secret, token})
		good := m.run(t, request, env, append(args, "get")...)
		if username(t, good) != id || !strings.Contains(good.stdout, token) {
			t.Errorf("%s, credentials as they should be: %s", name, good)
			return
		}
		for what, k := range bad {
			if name == "the environment" && strings.Contains(k.token, "\x00") {
				continue // a variable cannot contain NUL
			}
			if name == "a file" && strings.Contains(k.token, "\r") {
				continue // CR ends the line
			}
			if name == "the environment" && len(k.token) > 65536 {
				k.token = strings.Repeat("t", 40_000) // some systems do not allow longer variables
			}
			m.cloud.Reset()
			if err := os.RemoveAll(m.home + "/.aws/cli"); err != nil {
				t.Error(err)
			}
			env, args := give(t, m, k)
			o := m.run(t, request, env, append(args, "get")...)
			if !o.failed() {
				t.Errorf("%s, %s: %s", name, what, o)
			}
			if strings.Contains(o.stderr, "CANARY") || strings.Contains(o.stderr, "evil") {
				t.Errorf("%s, %s: the error shows it: %s", name, what, o)
			}
		}
	})
}

// A region becomes part of a host name, which must always be AWS's.
func TestInvalidRegionsAreRejected(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	table := map[string]string{}
	for _, region := range []string{
		"us-east-1.evil.example", "us-east-1.evil.example/", "evil.example", "us-east-1@evil.example", "us-east-1:80", "us-east-1/x", "us-east-1#", "us-east-1?",
		"us-east-1\\", "us east 1", "../x", "-us-east-1", "us-east-1-", "%75s-east-1", "us-east-1é", "[::1]", "1", strings.Repeat("a", 64), "us-east-1\tx",
	} {
		table[region] = region
	}
	each(t, table, func(name, region string) {
		sso := "[profile s]\nsso_start_url = https://x.awsapps.com/start\nsso_account_id = 111122223333\nsso_role_name = R\nsso_region = " + region + "\n"
		role := "role_arn = " + awsfake.ContributorRole + "\nsource_profile = default\n"
		config := filepath.Join(t.TempDir(), "config")
		writeFile(t, config, "[profile p]\nregion = "+region+"\n"+role+"[profile r]\n"+role+sso)
		for _, way := range []struct{ env, args []string }{
			{[]string{"AWS_REGION=" + region}, []string{"--profile", "r"}},
			{[]string{"AWS_DEFAULT_REGION=" + region}, []string{"--profile", "r"}},
			{nil, []string{"--profile", "p"}},
			{nil, []string{"--profile", "s"}},
			{nil, []string{"--profile", "r", "--region", region}},
		} {
			o := m.run(t, request, append(way.env, "AWS_CONFIG_FILE="+config), append(way.args, "get")...)
			if o.stdout != "quit=1\n" || !errorLines.MatchString(o.stderr) {
				t.Errorf("%s %v %v: %s", name, way.env, way.args, o)
			}
		}
	})
	if n := m.cloud.Count(""); n != 0 {
		t.Errorf("%d requests were made: %v", n, m.cloud.Requests(""))
	}
}

// Redirects are never followed: credentials and tokens are sent only to the
// original host.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var visits sync.Map
	trap := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { visits.Store(r.Method+" "+r.URL.Path, true) }))
	defer trap.Close()
	atOnce(t, map[string]struct{ env, args []string }{
		awsfake.STS:       {nil, []string{"--profile", awsfake.DeveloperProfile}},
		awsfake.Metadata:  {[]string{"AWS_SHARED_CREDENTIALS_FILE="}, nil},
		awsfake.Container: {[]string{"AWS_SHARED_CREDENTIALS_FILE=", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/"}, nil},
	}, func(service string, way struct{ env, args []string }) {
		m := newMachine(t, "")
		if service == awsfake.Container {
			way.env[1] = "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + m.cloud.ContainerURL()
		}
		for _, status := range []int{301, 302, 303, 307, 308} {
			m.cloud.Reset()
			m.cloud.Fail(service, awsfake.Fault{Times: -1, Status: status, Header: http.Header{"Location": {trap.URL + "/" + service}}})
			if o := m.run(t, request, way.env, append(way.args, "get")...); !o.failed() {
				t.Errorf("%s, %d: %s", service, status, o)
			}
		}
	})
	visits.Range(func(visit, _ any) bool {
		t.Errorf("a redirect was followed: %s", visit)
		return true
	})
}

// The metadata service and container endpoints are never contacted through a proxy,
// which could answer in their place.
func TestNoProxyForLinkLocalEndpoints(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	env := []string{
		"AWS_SHARED_CREDENTIALS_FILE=", "HTTP_PROXY=" + m.cloud.ProxyURL(), "http_proxy=" + m.cloud.ProxyURL(), "ALL_PROXY=" + m.cloud.ProxyURL(), "all_proxy=" + m.cloud.ProxyURL(),
		"AWS_EC2_METADATA_SERVICE_ENDPOINT=", "AWS_METADATA_SERVICE_TIMEOUT=1",
	}
	// The results do not matter: at these addresses, other services may respond.
	_ = m.run(t, request, env, "get")
	_ = m.run(t, request, append(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="+awsfake.ContainerPath), "get")
	for _, r := range m.cloud.Requests("") {
		t.Errorf("through the proxy: %s %s%s", r.Service, r.Host, r.Path)
	}
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A closed standard output (git has exited) ends the program quietly.
func TestClosedStandardOutput(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs SIGPIPE")
	}
	m := staticMachine(t)
	for name, request := range map[string]string{"an answer": request, "a refusal": asked("https", ourHost, "x")} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		cmd := m.command(request, nil, "get")
		cmd.Stdout = w
		o := runCommand(t, cmd)
		_ = w.Close()
		if strings.Contains(o.stderr, "goroutine") || strings.Contains(o.stderr, "pipe") {
			t.Errorf("%s: %s", name, o)
		}
	}
}

// A crash trace contains no data of the program.
func TestPanicsShowNothing(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"CANARY", errors.New("CANARY"), context.Canceled} {
		o := panicking(value)
		if !errorLines.MatchString(o.stderr) || strings.Contains(o.stderr, "CANARY") || strings.Contains(o.stderr, "goroutine") || o.exit != 1 {
			t.Errorf("%v: %s", value, o)
		}
	}
}
