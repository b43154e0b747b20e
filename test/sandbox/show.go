package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"git-credential-codecommit/test/awsfake"
)

// A scenario is one way to reach a repository in account A from account B.
type scenario struct {
	name     string // name of its HOME
	title    string
	awsFiles map[string]string
	setups   [][]string // the arguments of setup
	signsIn  string     // the profile to sign in with; "" for none
	url      string
}

// urlOf returns the URL of a repository for git.
func urlOf(name string) string {
	return "https://git-codecommit." + awsfake.Region + ".amazonaws.com/v1/repos/" + name
}

// show runs the scenarios one after another.
func (s *sandbox) show() error {
	started := time.Now()
	for i, sc := range []scenario{
		{
			name:     "developer",
			title:    "a developer in account B, a repository in account A",
			awsFiles: map[string]string{"credentials": awsfake.DeveloperCredentialsFile, "config": awsfake.DeveloperConfigFile},
			setups:   [][]string{{"--profile", awsfake.DeveloperProfile}},
			url:      urlOf(awsfake.MySharedDemoRepo),
		},
		{
			name:     "instance",
			title:    "an EC2 instance in account B, a repository in account A",
			awsFiles: map[string]string{"config": awsfake.InstanceConfigFile},
			setups:   [][]string{{"--profile", awsfake.InstanceProfile}},
			url:      urlOf(awsfake.SharedDemoRepo),
		},
		{
			name:  "person",
			title: "a person with IAM Identity Center in account B, and nothing in ~/.aws",
			setups: [][]string{
				{"--profile", "work", "--sso-start-url", awsfake.SSOStartURL, "--sso-region", awsfake.Region, "--sso-account", awsfake.AccountB, "--sso-role", awsfake.SSODeveloperRole},
				{"--profile", "contributor", "--role-arn", awsfake.ContributorRole, "--source-profile", "work", "--region", awsfake.Region},
			},
			signsIn: "contributor",
			url:     urlOf(awsfake.MySharedDemoRepo),
		},
	} {
		if i > 0 {
			fmt.Fprintln(s.stdout)
		}
		fmt.Fprintf(s.stdout, "== Scenario %d: %s\n", i+1, sc.title)
		if err := s.play(sc); err != nil {
			return fmt.Errorf("scenario %d: %w", i+1, err)
		}
	}
	fmt.Fprintf(s.stdout, "\nAll scenarios cloned and pushed, in %.1f s.\n", time.Since(started).Seconds())
	return nil
}

// play runs one scenario: clone, commit, push, and a second clone, which must be
// equal.
func (s *sandbox) play(sc scenario) error {
	m, err := s.newMachine(sc.name, sc.awsFiles)
	if err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(sc.awsFiles)) {
		fmt.Fprintf(s.stdout, "$ cat ~/.aws/%s\n%s", file, withoutSecrets(sc.awsFiles[file]))
	}
	s.cloud.Reset()
	for _, flags := range sc.setups {
		if err := m.run(helperName, append([]string{"setup"}, flags...)...); err != nil {
			return err
		}
	}
	if sc.signsIn != "" { // in a terminal, git would start it itself
		if err := m.run(helperName, "login", "--profile", sc.signsIn); err != nil {
			return err
		}
	}
	if err := m.run("git", "clone", sc.url, "work"); err != nil {
		return err
	}

	const text = "pushed from account B"
	fmt.Fprintf(s.stdout, "$ echo %s > work/%s.txt\n", text, sc.name)
	if err := os.WriteFile(filepath.Join(m.home, "work", sc.name+".txt"), []byte(text+"\n"), 0o644); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"-C", "work", "add", sc.name + ".txt"},
		{"-C", "work", "commit", "--quiet", "-m", "A commit from account B"},
		{"-C", "work", "push"},
		{"clone", sc.url, "again"},
	} {
		if err := m.run("git", args...); err != nil {
			return err
		}
	}

	pushed, err := m.output("git", "-C", "work", "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	cloned, err := m.output("git", "-C", "again", "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if pushed != cloned {
		return fmt.Errorf("pushed %s, cloned %s", pushed, cloned)
	}
	if err := m.run("git", "-C", "again", "diff", "--exit-code", pushed); err != nil {
		return err
	}
	return s.summary()
}

// summary prints which requests the cloud received. It returns an error if the
// proxy rejected any.
func (s *sandbox) summary() error {
	var counts []string
	for _, service := range []string{awsfake.SSOOIDC, awsfake.SSO, awsfake.Metadata, awsfake.STS, awsfake.CodeCommit} {
		if s.cloud.Count(service) == 0 && (service == awsfake.SSOOIDC || service == awsfake.SSO) {
			continue // relevant only with a sign-in
		}
		counts = append(counts, fmt.Sprintf("%d to %s", s.cloud.Count(service), service))
	}
	fmt.Fprintf(s.stdout, "-- the same commit in both; requests: %s\n", strings.Join(counts, ", "))
	if refused := s.cloud.Requests(awsfake.ProxyRefused); len(refused) > 0 {
		return fmt.Errorf("a request left the cloud, for %s", refused[0].Host)
	}
	return nil
}

// withoutSecrets returns an AWS file with its secrets replaced.
func withoutSecrets(content string) string {
	return strings.ReplaceAll(content, awsfake.DeveloperSecretKey, "********")
}

// command runs a command in the current folder, with the cloud's environment.
func (s *sandbox) command(args []string, stdin io.Reader) error {
	contents, config := scenarioContents, awsfake.DeveloperConfigFile+awsfake.InstanceConfigFile
	if s.guide {
		contents, config = guideContents, ""
	}
	m, err := s.newMachine("home", map[string]string{
		"credentials": contents.credentialsFile(),
		"config":      config,
	})
	if err != nil {
		return err
	}
	if !s.guide {
		if out, err := m.cmd(helperName, "setup", "--profile", awsfake.DeveloperProfile).CombinedOutput(); err != nil {
			return fmt.Errorf("setup: %s", out) // not the command's exit code
		}
	}
	cmd := m.cmd(args[0], args[1:]...)
	cmd.Dir = ""
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, s.stdout, s.stderr
	return s.wait(cmd)
}
