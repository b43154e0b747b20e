package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/session"
	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/canary"
)

var update = flag.Bool("update", false, "rewrite the example in doc")

const example = "../../doc/live-example.md"

// exampleNote follows the title of the example.
const exampleNote = "\n\nThis example comes from the simulated AWS of the tests, not from the real service.\n\n"

// TestMain is also the command under test, and a substitute for the AWS CLI: both are
// started as processes, because they read the proxy from the environment.
func TestMain(m *testing.M) {
	switch os.Getenv("LIVE_TEST_AS") {
	case "live":
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	case "aws":
		standIn(os.Getenv("LIVE_TEST_AWS"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// standIn answers like `aws codecommit credential-helper get`, with a fault.
func standIn(fault string) {
	at := func() awsprofile.Environment { return awsprofile.Environment{LookupEnv: os.LookupEnv, Home: home} }
	chain, err := awsprofile.Resolve(at(), awsprofile.Query{Profile: os.Args[3]})
	o := session.Options{Region: awsfake.Region, Home: home(), Now: time.Now, NoStore: fault == "no store"}
	if err == nil {
		var creds session.Result
		if creds, err = session.Get(context.Background(), chain, o); err == nil {
			host := codecommit.Host(awsfake.Region, false)
			ep, _ := codecommit.ParseEndpoint(host)
			path := "v1/repos/" + awsfake.SharedDemoRepo
			if fault == "other path" {
				path += "/"
			}
			username := codecommit.Username(creds.AccessKeyID, creds.SessionToken)
			if fault == "other username" {
				username += "x"
			}
			fmt.Printf("username=%s\npassword=%s\n", username, codecommit.Sign(creds.SecretAccessKey, ep, path, time.Now()))
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(255)
}

// A visit is one run of the command against a separate cloud.
type visit struct {
	quirks awsfake.Quirks
	fault  string // of the AWS CLI
	policy string // of the role, instead of one that allows everything
	args   []string
}

func (v visit) run(t *testing.T) (report, progress string, exit int, cloud *awsfake.Scenarios) {
	t.Helper()
	cloud, err := awsfake.StartScenarios(awsfake.Config{Dir: filepath.Join(t.TempDir(), "cloud")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	cloud.SetQuirks(v.quirks)
	if v.policy == "" {
		v.policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"}]}`
	}
	err = cloud.AddRole(awsfake.Role{
		ARN:      awsfake.ContributorRole,
		Trust:    `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:root"}, "Action": "sts:AssumeRole"}]}`,
		Policies: []string{v.policy},
	})
	if err != nil {
		t.Fatal(err)
	}
	homeDir, bin := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		filepath.Join(homeDir, ".aws", "config"):      awsfake.DeveloperConfigFile,
		filepath.Join(homeDir, ".aws", "credentials"): awsfake.DeveloperCredentialsFile,
		filepath.Join(homeDir, ".gitconfig"):          "",
	}
	if v.fault != "no AWS CLI" {
		files[filepath.Join(bin, "aws")] = "#!/bin/sh\nLIVE_TEST_AS=aws exec '" + self + "' \"$@\"\n"
	}
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), self, append([]string{"--profile", awsfake.DeveloperProfile, "--repository-arn", cloud.Shared.ARN}, v.args...)...)
	cmd.Dir = filepath.Join("..", "..") // where go run is typed
	path := os.Getenv("PATH")
	if v.fault == "no AWS CLI" {
		path = pathWithout(t, "aws")
	}
	cmd.Env = append(os.Environ(), cloud.Env()...)
	cmd.Env = append(cmd.Env, "LIVE_TEST_AS=live", "LIVE_TEST_AWS="+v.fault, "HOME="+homeDir, "PATH="+bin+string(os.PathListSeparator)+path)
	// What the Go command needs to build the program for --write.
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} {
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, name+"="+strings.TrimSpace(string(out)))
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if canary.Found(stdout.String()+stderr.String(), cloud.Secrets()) {
		t.Error("a secret was printed")
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), cloud
}

// pathWithout is PATH without the folders that have a program.
func pathWithout(t *testing.T, program string) string {
	t.Helper()
	return strings.Join(slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, program))
		return err == nil
	}), string(os.PathListSeparator))
}

// marked returns the questions whose answers differ.
func marked(report string) []string {
	var questions []string
	for line := range strings.Lines(report) {
		if cells := strings.Split(line, " | "); strings.HasSuffix(line, "| **differs** |\n") {
			questions = append(questions, strings.TrimPrefix(cells[0], "| "))
		}
	}
	return questions
}

var everything = []string{"--write", "--fips", "--vpc-host", "vpce-0123456789abcdef0-example1.git-codecommit.us-east-2.vpce.amazonaws.com"}

func skipWithoutShell(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the stand-in for the AWS CLI is a shell script")
	}
}

// The simulated AWS responds as the program assumes. Its report is the example in
// doc.
func TestSandboxIsAsAssumed(t *testing.T) {
	t.Parallel()
	skipWithoutShell(t)
	report, progress, exit, cloud := visit{args: everything}.run(t)
	if exit != exitAsAssumed || marked(report) != nil {
		t.Errorf("exit %d, different: %q\n%s", exit, marked(report), progress)
	}
	text := strings.Replace(report, "\n\n", exampleNote, 1)
	if *update {
		if err := os.WriteFile(example, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	if text != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("go test ./test/live -update rewrites %s:\n%s", example, report)
	}
	for _, private := range []string{awsfake.AccountA, awsfake.AccountB, awsfake.SharedDemoRepo, awsfake.DeveloperProfile, "ContributorRole", "developer", "/tmp", "127.0.0.1"} {
		if strings.Contains(report, private) {
			t.Errorf("%q is in the report", private)
		}
	}
	refs, err := exec.CommandContext(t.Context(), "git", "--git-dir", cloud.Shared.Dir, "for-each-ref").Output()
	if err != nil || !strings.Contains(string(refs), "refs/heads/main") || strings.Contains(string(refs), branch) {
		t.Errorf("left: %s %v", refs, err)
	}
	checkPlan(t, progress, cloud)
}

// checkPlan checks that there were no more requests than planned.
func checkPlan(t *testing.T, progress string, cloud *awsfake.Scenarios) {
	t.Helper()
	m := regexp.MustCompile(`at most (\d+) requests to CodeCommit`).FindStringSubmatch(progress)
	if m == nil || strings.Index(progress, "at most") > strings.Index(progress, "live: a request without credentials") {
		t.Fatalf("no plan in advance in\n%s", progress)
	}
	most := 0
	fmt.Sscan(m[1], &most) //nolint:errcheck // digits
	if got := len(cloud.Requests(awsfake.CodeCommit)); got > most || most > maxRequests {
		t.Errorf("%d requests, the plan says %d, and the limit is %d", got, most, maxRequests)
	}
}

// Each reversed fact is marked, and no other.
func TestReversedFacts(t *testing.T) {
	t.Parallel()
	skipWithoutShell(t)
	const reader = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}]}`
	tests := map[string]visit{
		"a request without credentials":                                               {quirks: awsfake.Quirks{Unauthenticated: 403}},
		"a request with a wrong signature":                                            {quirks: awsfake.Quirks{Refused: 404}},
		"a repository that does not exist":                                            {quirks: awsfake.Quirks{Missing: 410}},
		"credentials in the first request, before any 401 (proactive authentication)": {quirks: awsfake.Quirks{ChallengeFirst: true}},
		"one signature for info/refs and for git-upload-pack":                         {quirks: awsfake.Quirks{SignatureOnce: true}},
		"the age up to which a signature is accepted":                                 {quirks: awsfake.Quirks{MaxAge: 5 * time.Minute}},
		"how far in the future a signature may be dated":                              {quirks: awsfake.Quirks{MaxFuture: 20 * time.Minute}},
		"the path with .git, signed as requested and without .git":                    {quirks: awsfake.Quirks{DotGitIgnored: true}},
		"the path, signed with a trailing slash":                                      {quirks: awsfake.Quirks{TrailingSlash: true}},
		"Git LFS, signed for the repository, for info/lfs and for the whole path":     {quirks: awsfake.Quirks{LFSWholePath: true}},
		"the session token, as it is and percent-encoded":                             {quirks: awsfake.Quirks{EncodedToken: true}},
		"the region of the host in upper case, signed as requested and in lower case": {quirks: awsfake.Quirks{LowerCaseHost: true}},
		"the FIPS endpoint": {quirks: awsfake.Quirks{NoFIPS: true}, args: []string{"--fips"}},
		"the VPC endpoint":  {quirks: awsfake.Quirks{NoVPC: true}, args: everything[2:]},
		"username and password of the AWS CLI's helper in the same second":            {fault: "other path"},
		"username and password of the AWS CLI's helper in the same second (username)": {fault: "other username"},
		"a role session that this program stored, for the AWS CLI":                    {fault: "no store"},
		"a role session that the AWS CLI stored, for this program":                    {fault: "no store"},
		"a push to a new branch, and its deletion":                                    {policy: reader, args: []string{"--write"}},
	}
	// A reversed fact also changes the answers to these questions.
	follow := map[string][]string{
		"a request with a wrong signature": {
			"the path with .git, signed as requested and without .git", "the path, signed with a trailing slash",
			"the session token, as it is and percent-encoded", "the region of the host in upper case, signed as requested and in lower case",
		},
		"the session token, as it is and percent-encoded": {
			"a repository that does not exist", "credentials in the first request, before any 401 (proactive authentication)",
			"one signature for info/refs and for git-upload-pack", "the age up to which a signature is accepted",
			"how far in the future a signature may be dated", "the path with .git, signed as requested and without .git",
			"Git LFS, signed for the repository, for info/lfs and for the whole path",
			"the region of the host in upper case, signed as requested and in lower case",
		},
		"a role session that this program stored, for the AWS CLI": {"a role session that the AWS CLI stored, for this program"},
		"a role session that the AWS CLI stored, for this program": {"a role session that this program stored, for the AWS CLI"},
	}
	covered := map[string]bool{"a stored sign-in (IAM Identity Center, aws login)": true} // without it there are no credentials
	for name, v := range tests {
		question := strings.TrimSuffix(name, " (username)")
		covered[question] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, progress, exit, _ := v.run(t)
			got := marked(report)
			if exit != exitDiffers || !slices.Contains(got, question) {
				t.Errorf("exit %d, different: %q\n%s%s", exit, got, progress, report)
			}
			for _, other := range got {
				if v.quirks.SignatureOnce {
					break // other signatures of the same second differ, too
				}
				if other != question && !slices.Contains(follow[question], other) {
					t.Errorf("also different: %s", other)
				}
			}
		})
	}
	for _, f := range facts {
		if !covered[f.question] {
			t.Errorf("nothing reverses %q", f.question)
		}
	}
}

// A role for one repository gets 403, not 404, for others.
func TestRoleForOneRepository(t *testing.T) {
	t.Parallel()
	skipWithoutShell(t)
	report, progress, exit, _ := visit{
		policy: `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "arn:aws:codecommit:us-east-2:111122223333:SharedDemoRepo"}]}`,
		fault:  "no AWS CLI",
	}.run(t)
	if exit != exitAsAssumed || !strings.Contains(report, "so a 404 is not seen) | 404 ") || !strings.Contains(report, "(the AWS CLI is not on PATH)") {
		t.Errorf("exit %d\n%s%s", exit, progress, report)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:codecommit:us-east-2:111122223333:SharedDemoRepo"
	for _, args := range [][]string{
		nil,
		{"--profile", "x"},
		{"--repository-arn", arn},
		{"--profile", "x", "--repository-arn", "SharedDemoRepo"},
		{"--profile", "x", "--repository-arn", arn, "more"},
		{"--profile", "x", "--repository-arn", arn, "--vpc-host", "example.com"},
	} {
		var out, errs bytes.Buffer
		if exit := run(t.Context(), args, &out, &errs); exit != exitUsage || out.Len() > 0 || errs.Len() == 0 {
			t.Errorf("%q: exit %d, %q, %q", args, exit, out.String(), errs.String())
		}
	}
}
