package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"git-credential-codecommit/test/awsfake"
)

// A fleet is a way to run CI jobs, each of which clones, commits and pushes.
type fleet struct {
	title string
	// flags are the flags of setup in every HOME. Without flags, jobs are as in
	// doc/ci.md: no setup, variables for a role and a workflow's token, and a
	// codecommit:: URL.
	flags []string
	// shared gives all jobs the same HOME, as on a runner that runs one job after
	// another. Otherwise each has a separate one, as in a new container.
	shared bool
	// over is the time over which the jobs are spread; 0 starts all at once.
	over time.Duration
}

// The fleet's role allows sessions of up to 12 hours. A workflow's token or a user's
// keys can assume it. If another role assumes it, as on an EC2 instance, AWS ends the
// session after an hour.
const (
	fleetRole        = "arn:aws:iam::" + awsfake.AccountA + ":role/FleetRole"
	fleetUser        = "arn:aws:iam::" + awsfake.AccountA + ":user/fleet"
	fleetAccessKeyID = "AKIAIFLEETUSER7EXAMP"
	fleetSecretKey   = "fLeEtSeCrEt/K7MDENG/bPxRfiCYEXAMPLEKEY99"
)

var (
	instanceFlags = []string{"--role-arn", awsfake.RepoAccessRole, "--credential-source", "Ec2InstanceMetadata"}

	fleets = []fleet{
		{title: "cold, OIDC"},
		{title: "cold, EC2 role", flags: instanceFlags},
		{title: "cold, access keys", flags: []string{"--profile", "keys"}},
		{title: "shared store, OIDC", shared: true},
		{title: "shared store, EC2 role", flags: instanceFlags, shared: true},
		{title: "shared store over 12 hours, access keys", flags: []string{"--profile", "keys"}, shared: true, over: 12 * time.Hour},
		{title: "the same with 12-hour sessions", flags: []string{"--profile", "keys-12-hours"}, shared: true, over: 12 * time.Hour},
	}
)

// measureFleets prints a Markdown table with the number of requests to each AWS
// service, for each fleet and number of jobs.
func (s *sandbox) measureFleets(sizes []int) error {
	m, err := s.newMachine("fleet", nil)
	if err != nil {
		return err
	}
	version, err := m.cmd("git", "version").Output()
	if err != nil {
		return err
	}
	if err := s.addFleet(); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "%s\n| jobs | fleet | STS | metadata | CodeCommit |\n|---|---|---|---|---|\n", strings.TrimSpace(string(version)))
	for _, jobs := range sizes {
		for i, f := range fleets {
			s.cloud.Reset()
			if err := s.runFleet(f, fmt.Sprintf("fleet-%d-%d", jobs, i), jobs); err != nil {
				return fmt.Errorf("%s, %d jobs: %w", f.title, jobs, err)
			}
			fmt.Fprintf(s.stdout, "| %d | %s | %d | %d | %d |\n", jobs, f.title,
				s.cloud.Count(awsfake.STS), s.cloud.Count(awsfake.Metadata), s.cloud.Count(awsfake.CodeCommit))
		}
	}
	return nil
}

// addFleet adds the fleet's role and user to the cloud.
func (s *sandbox) addFleet() error {
	err := s.cloud.AddUser(awsfake.User{
		ARN:        fleetUser,
		AccessKeys: []awsfake.AccessKey{{ID: fleetAccessKeyID, Secret: fleetSecretKey}},
		Policies:   []string{`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "` + fleetRole + `"}]}`},
	})
	if err != nil {
		return err
	}
	return s.cloud.AddRole(awsfake.Role{
		ARN: fleetRole,
		Trust: `{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "` + fleetUser + `"}},
			{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
			"Principal": {"Federated": "arn:aws:iam::` + awsfake.AccountA + `:oidc-provider/token.actions.githubusercontent.com"},
			"Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "` + awsfake.GitHubAudience + `"}}}]}`,
		Policies:   []string{`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"}]}`},
		MaxSession: 12 * time.Hour,
	})
}

// runFleet runs jobs, at most ten at a time, and returns the errors of those that
// failed.
func (s *sandbox) runFleet(f fleet, name string, jobs int) error {
	atOnce := 10
	if f.over > 0 {
		atOnce = 1 // time passes between jobs
	}
	var (
		wait sync.WaitGroup
		slot = make(chan struct{}, atOnce)
		errs = make([]error, jobs)
		home *machine
		err  error
	)
	for job := range jobs {
		branch := fmt.Sprintf("%s-%d", name, job)
		slot <- struct{}{}
		if home == nil || !f.shared {
			home, err = s.runner(f, branch)
		} else if f.over > 0 {
			err = age(home.home, f.over/time.Duration(jobs))
		}
		if err != nil {
			return err
		}
		m := home // the next iteration may change home
		wait.Go(func() {
			errs[job] = m.job(branch)
			<-slot
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// runner creates a machine for the fleet.
func (s *sandbox) runner(f fleet, name string) (*machine, error) {
	signed, err := s.cloud.WebIdentityToken(awsfake.GitHubIssuer, awsfake.GitHubSubject, awsfake.GitHubAudience, time.Hour)
	if err != nil {
		return nil, err
	}
	role := "role_arn = " + fleetRole + "\nrole_session_name = job\nregion = " + awsfake.Region + "\nsource_profile = default\n"
	m, err := s.newMachine(name, map[string]string{
		"config":      "[profile keys]\n" + role + "[profile keys-12-hours]\n" + role + "duration_seconds = 43200\n",
		"credentials": "[default]\naws_access_key_id = " + fleetAccessKeyID + "\naws_secret_access_key = " + fleetSecretKey + "\n",
		"token":       signed,
	})
	if err != nil {
		return nil, err
	}
	if f.flags == nil {
		m.variables = []string{
			"AWS_ROLE_ARN=" + fleetRole,
			"AWS_ROLE_SESSION_NAME=job",
			"AWS_WEB_IDENTITY_TOKEN_FILE=" + filepath.Join(m.home, ".aws", "token"),
		}
		// The default chain would use the keys first.
		return m, os.Remove(filepath.Join(m.home, ".aws", "credentials"))
	}
	return m, m.quietly(helperName, append([]string{"setup"}, f.flags...)...)
}

// job clones, commits and pushes a branch.
func (m *machine) job(branch string) error {
	url := urlOf(awsfake.SharedDemoRepo)
	if m.variables != nil {
		url = "codecommit::" + awsfake.Region + "://" + awsfake.SharedDemoRepo
	}
	for _, args := range [][]string{
		{"clone", "--quiet", url, branch},
		{"-C", branch, "switch", "--quiet", "--create", branch},
		{"-C", branch, "commit", "--quiet", "--allow-empty", "--message", branch},
		{"-C", branch, "push", "--quiet", "origin", branch},
	} {
		if err := m.quietly("git", args...); err != nil {
			return err
		}
	}
	return nil
}

// quietly runs a command. The error includes its output.
func (m *machine) quietly(name string, args ...string) error {
	if out, err := m.cmd(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", m.shown(name, args), err, out)
	}
	return nil
}

// age moves the expiry of a HOME's stored role sessions forward.
func age(home string, by time.Duration) error {
	files, err := filepath.Glob(filepath.Join(home, ".aws", "cli", "cache", "*.json"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var stored struct{ Credentials struct{ Expiration string } }
		if err := json.Unmarshal(text, &stored); err != nil {
			return err
		}
		end, err := time.Parse(time.RFC3339, stored.Credentials.Expiration)
		if err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte(stored.Credentials.Expiration), []byte(end.Add(-by).Format(time.RFC3339)))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
