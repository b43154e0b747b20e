//go:build compare

package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

// comparedConfig has one profile for each source of credentials.
const comparedConfig = `
[profile team]
role_arn = ` + awsfake.TeamRole + `
source_profile = default
[profile chain]
role_arn = ` + awsfake.ChainedRole + `
source_profile = team
role_session_name = alice
duration_seconds = 3600
[profile auditor-user]
aws_access_key_id = ` + awsfake.AuditorAccessKeyID + `
aws_secret_access_key = ` + awsfake.AuditorSecretKey + `
[profile auditor]
role_arn = ` + awsfake.AuditorRole + `
source_profile = auditor-user
external_id = ` + awsfake.AuditorExternalID + `
[profile self]
aws_access_key_id = ` + awsfake.DeveloperAccessKeyID + `
aws_secret_access_key = ` + awsfake.DeveloperSecretKey + `
role_arn = ` + awsfake.ContributorRole + `
source_profile = self
[profile instance]
role_arn = ` + awsfake.RepoAccessRole + `
credential_source = Ec2InstanceMetadata
[profile task]
role_arn = ` + awsfake.RepoAccessRole + `
credential_source = EcsContainer
[profile environment]
role_arn = ` + awsfake.ContributorRole + `
credential_source = Environment
[profile webidentity]
role_arn = ` + awsfake.GitHubRole + `
web_identity_token_file = token
[profile process]
credential_process = cat process.json
[profile process-role]
role_arn = ` + awsfake.ContributorRole + `
source_profile = process
[sso-session example]
sso_start_url = ` + awsfake.SSOStartURL + `
sso_region = us-east-2
[profile sso]
sso_session = example
sso_account_id = ` + awsfake.AccountA + `
sso_role_name = ` + awsfake.SSOContributorRole + `
aws_access_key_id = ` + awsfake.AuditorAccessKeyID + `
aws_secret_access_key = ` + awsfake.AuditorSecretKey + `
[profile sso-developer]
sso_session = example
sso_account_id = ` + awsfake.AccountB + `
sso_role_name = ` + awsfake.SSODeveloperRole + `
[profile sso-role]
role_arn = ` + awsfake.ContributorRole + `
source_profile = sso-developer
[profile nothing]
region = us-east-2
`

// The AWS CLI is the reference: the same profile leads to the same calls and, for
// long-term credentials, to the same key.
func TestProfilesMeanWhatTheAWSCLIReads(t *testing.T) {
	t.Parallel()
	aws := program.AWSCLI(t)
	for _, tt := range []struct {
		profile string
		env     []string
	}{
		{profile: "default"},
		{profile: awsfake.DeveloperProfile},
		{profile: "chain"},
		{profile: "auditor"},
		{profile: "self"},
		{profile: "instance"},
		{profile: "task", env: []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=", "AWS_CONTAINER_AUTHORIZATION_TOKEN=" + awsfake.ContainerToken}},
		{profile: "environment", env: []string{"AWS_ACCESS_KEY_ID=" + awsfake.DeveloperAccessKeyID, "AWS_SECRET_ACCESS_KEY=" + awsfake.DeveloperSecretKey}},
		{profile: "webidentity"},
		{profile: "process"},
		{profile: "process-role"},
		{profile: "sso"},
		{profile: "sso-role"},
		{profile: "nothing"},
		{profile: "default", env: []string{"AWS_ACCESS_KEY_ID=" + awsfake.AuditorAccessKeyID, "AWS_SECRET_ACCESS_KEY=" + awsfake.AuditorSecretKey}},
		{profile: "", env: []string{"AWS_PROFILE=chain", "AWS_ACCESS_KEY_ID=" + awsfake.AuditorAccessKeyID, "AWS_SECRET_ACCESS_KEY=" + awsfake.AuditorSecretKey}},
		{profile: "", env: []string{"AWS_PROFILE=chain"}},
		{profile: "", env: []string{"AWS_DEFAULT_PROFILE=auditor"}},
		{profile: ""},
	} {
		t.Run(strings.Join(append([]string{tt.profile}, tt.env...), " "), func(t *testing.T) {
			t.Parallel()
			var user, calls, answers [2]string
			for i, program := range []func(m *machine) *exec.Cmd{
				func(m *machine) *exec.Cmd { return m.awsHelper(aws, tt.profile) },
				func(m *machine) *exec.Cmd { return m.helper(tt.profile) },
			} {
				m := newComparedMachine(t)
				for _, v := range tt.env {
					if v == "AWS_CONTAINER_CREDENTIALS_FULL_URI=" {
						v += m.cloud.ContainerURL()
					}
					m.env = append(m.env, v)
				}
				user[i] = m.username(t, program(m))
				if strings.HasPrefix(user[i], "ASIA") {
					user[i] = "a session"
				}
				calls[i] = m.calls()
				for _, r := range m.cloud.Requests("") {
					answers[i] += fmt.Sprintf(" %d", r.Status)
				}
			}
			if user[0] != user[1] || calls[0] != calls[1] {
				t.Errorf("answers:%s and%s", answers[0], answers[1])
				t.Errorf("AWS CLI: %s\n%sthis program: %s\n%s", user[0], calls[0], user[1], calls[1])
			}
		})
	}
}

// Each program uses a session that the other one stored, without a second call.
func TestSessionsAreSharedWithTheAWSCLI(t *testing.T) {
	t.Parallel()
	aws := program.AWSCLI(t)
	for _, profile := range []string{awsfake.DeveloperProfile, "chain", "auditor", "webidentity", "process-role", "instance"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			for _, first := range []string{"aws", "this program"} {
				m := newComparedMachine(t)
				programs := []*exec.Cmd{m.awsHelper(aws, profile), m.helper(profile)}
				if first == "this program" {
					slices.Reverse(programs)
				}
				made := m.username(t, programs[0])
				calls := m.cloud.Count(awsfake.STS)
				used := m.username(t, programs[1])
				if made != used || m.cloud.Count(awsfake.STS) != calls {
					t.Errorf("%s first: %.20s, then %.20s; %d calls, then %d", first, made, used, calls, m.cloud.Count(awsfake.STS))
				}
			}
		})
	}
}

func newComparedMachine(t *testing.T) *machine {
	m := newMachine(t, comparedConfig)
	token, err := m.cloud.WebIdentityToken(awsfake.GitHubIssuer, awsfake.GitHubSubject, awsfake.GitHubAudience, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	const process = `{"Version": 1, "AccessKeyId": "` + awsfake.DeveloperAccessKeyID + `", "SecretAccessKey": "` + awsfake.DeveloperSecretKey + `"}`
	for name, content := range map[string]string{"token": token, "process.json": process} {
		if err := os.WriteFile(filepath.Join(m.home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The name is the SHA-1 of "example".
	path := filepath.Join(m.home, ".aws", "sso", "cache", "c3499c2729730a7f807efb8676a92dcb6f8a3f8f.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeJSONFile(path, m.cloud.NewSSOToken(8*time.Hour)); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *machine) helper(profile string) *exec.Cmd {
	cmd := exec.Command("git-credential-codecommit", "get")
	if profile != "" {
		cmd = m.get(profile)
	}
	return m.atHome(cmd)
}

func (m *machine) awsHelper(aws, profile string) *exec.Cmd {
	args := []string{"codecommit", "credential-helper", "get"}
	if profile != "" {
		args = append([]string{"--profile", profile}, args...)
	}
	return m.atHome(exec.Command(aws, args...))
}

func (m *machine) atHome(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = m.home
	cmd.Stdin = strings.NewReader(request)
	return cmd
}

func (m *machine) username(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	cmd.Env = append(m.env, "AWS_DEFAULT_REGION=us-east-2") // unlike this program, the AWS CLI does not use the region in the host name for STS
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", cmd, err, &errs)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimPrefix(line, "username=")
}

// calls lists the calls to the cloud, one per line. The names of sessions without a
// configured name differ between the programs.
func (m *machine) calls() string {
	var b strings.Builder
	for _, r := range m.cloud.Requests("") {
		if r.Service == awsfake.Proxy {
			continue
		}
		host := r.Host
		if strings.HasPrefix(host, "127.0.0.1:") {
			host = "link-local" // the ports differ
		}
		fmt.Fprintf(&b, "%s %s %s", r.Service, host, r.Action)
		for _, name := range slices.Sorted(maps.Keys(r.Params)) {
			value := r.Params.Get(name)
			if name == "RoleSessionName" && (strings.HasPrefix(value, "botocore-session-") || strings.HasPrefix(value, "git-credential-codecommit-")) {
				value = "automatic"
			}
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
