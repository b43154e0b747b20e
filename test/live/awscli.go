package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/session"
)

// errNoAWSCLI is returned if there is no AWS CLI to compare with.
var errNoAWSCLI = errors.New("the AWS CLI is not on PATH")

// awsCLIAnswer runs the AWS CLI's helper with a home folder, and returns the
// username and password that it prints.
func (m *inputs) awsCLIAnswer(ctx context.Context, homeDir string) (username, password string, err error) {
	aws, err := exec.LookPath("aws")
	if err != nil {
		return "", "", errNoAWSCLI
	}
	cmd := exec.CommandContext(ctx, aws, "codecommit", "--profile", m.profile, "credential-helper", "get")
	cmd.Stdin = strings.NewReader("protocol=https\nhost=" + m.service.endpoint.Host + "\npath=" + m.service.path + "\n\n")
	cmd.Env = append(os.Environ(), "HOME="+homeDir)
	// Only HOME differs: the AWS files are still the user's.
	for variable, file := range map[string]string{"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"} {
		if os.Getenv(variable) == "" {
			cmd.Env = append(cmd.Env, variable+"="+filepath.Join(home(), ".aws", file))
		}
	}
	out, err := cmd.Output()
	if err != nil {
		return "", "", fmt.Errorf("aws codecommit credential-helper: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, "\r\n")
		if value, ok := strings.CutPrefix(line, "username="); ok {
			username = value
		}
		if value, ok := strings.CutPrefix(line, "password="); ok {
			password = value
		}
	}
	if username == "" || password == "" {
		return "", "", errors.New("aws codecommit credential-helper: no username or password")
	}
	return username, password, nil
}

// askAWSCLI compares this program's answer with the AWS CLI's, for the same path
// and signing time.
func askAWSCLI(ctx context.Context, m *inputs) (finding, error) {
	username, password, err := m.awsCLIAnswer(ctx, home())
	if err != nil {
		return finding{}, err
	}
	ours := m.service.credentials
	key, _, _ := strings.Cut(username, "%")
	if key != ours.AccessKeyID {
		return notTested("the AWS CLI has another session"), nil
	}
	at, err := time.Parse("20060102T150405Z", password[:min(len(password), 16)])
	if err != nil {
		return found("a password of another form"), nil
	}
	var differ []string
	if username != codecommit.Username(ours.AccessKeyID, ours.SessionToken) {
		differ = append(differ, "username")
	}
	if password != codecommit.Sign(ours.SecretAccessKey, m.service.endpoint, m.service.path, at) {
		differ = append(differ, "password")
	}
	if differ != nil {
		return found("different: %s", strings.Join(differ, ", ")), nil
	}
	return found("equal"), nil
}

// askStoreOurs makes this program store a session in an empty home folder, and then
// checks whether the AWS CLI uses it.
func askStoreOurs(ctx context.Context, m *inputs) (finding, error) {
	return m.askStore(ctx, func(home string) (first, second string, err error) {
		if first, err = m.ourKey(ctx, home); err == nil {
			second, err = m.theirKey(ctx, home)
		}
		return first, second, err
	})
}

// askStoreTheirs checks whether this program uses a session that the AWS CLI
// stored.
func askStoreTheirs(ctx context.Context, m *inputs) (finding, error) {
	return m.askStore(ctx, func(home string) (first, second string, err error) {
		if first, err = m.theirKey(ctx, home); err == nil {
			second, err = m.ourKey(ctx, home)
		}
		return first, second, err
	})
}

func (m *inputs) askStore(ctx context.Context, keys func(home string) (first, second string, err error)) (finding, error) {
	if len(m.chain.Roles) == 0 {
		return notTested("the profile assumes no role"), nil
	}
	if _, err := exec.LookPath("aws"); err != nil {
		return finding{}, errNoAWSCLI
	}
	switch m.chain.Source.(type) {
	case awsprofile.SSO, awsprofile.Login:
		return notTested("the sign-in is in the user's home folder"), nil
	}
	for _, role := range m.chain.Roles {
		if role.MFASerial != "" {
			return notTested("the profile needs an MFA code for each session"), nil
		}
	}
	dir, err := os.MkdirTemp("", "codecommit-live-")
	if err != nil {
		return finding{}, err
	}
	defer os.RemoveAll(dir)
	first, second, err := keys(dir)
	switch {
	case err != nil:
		return finding{}, err
	case first == second:
		return found("used"), nil
	}
	return found("not used"), nil
}

// ourKey and theirKey return the access key IDs of this program's and the AWS CLI's
// answers in a home folder.
func (m *inputs) ourKey(ctx context.Context, home string) (string, error) {
	creds, err := session.Get(ctx, m.chain, session.Options{Region: m.repository.Region, Home: home, Now: time.Now})
	return creds.AccessKeyID, err
}

func (m *inputs) theirKey(ctx context.Context, home string) (string, error) {
	username, _, err := m.awsCLIAnswer(ctx, home)
	key, _, _ := strings.Cut(username, "%")
	return key, err
}
