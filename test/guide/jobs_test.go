package guide

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
)

const (
	sharedARN = "arn:aws:codecommit:us-east-2:111122223333:SharedDemoRepo"
	sharedURL = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo"
)

// administer runs policy's script for an ARN and flags as an administrator of each
// account, the users' account first.
func administer(t *testing.T, cloud *awsfake.Accounts, arn, flags string) {
	t.Helper()
	bin := awsStandInBin(t)
	for _, key := range [][2]string{
		{awsfake.AdminBAccessKeyID, awsfake.AdminBSecretKey},
		{awsfake.AdminAAccessKeyID, awsfake.AdminASecretKey},
	} {
		p := newPersona(t, cloud, key[0], key[1])
		p.must(t, "PATH="+bin+":$PATH\ngit-credential-codecommit policy "+arn+" "+flags+" --format commands >script.sh")
		out, err := p.sh(t, "PATH="+bin+":$PATH\nsh script.sh")
		// An account without a part changes nothing.
		if err != nil && !strings.Contains(out, "error: nothing was changed") {
			t.Fatalf("%s%v", out, err)
		}
	}
}

// policy's output for CI jobs allows the jobs that it names, with each service's
// subjects, and no others.
func TestJobs(t *testing.T) {
	t.Parallel()
	needShell(t)
	const eks = "oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	for name, tt := range map[string]struct {
		flags    string
		issuer   string
		audience string
		role     string // of the job's environment
		setup    string
		admitted []string // subjects
		refused  []string
	}{
		"GitHub": {
			flags:  "--role CI --trust-account 888888888888 --trust-github example/app --trust-github example/app:environment:prod",
			issuer: awsfake.GitHubIssuer, audience: "sts.amazonaws.com",
			role: "arn:aws:iam::888888888888:role/CI", setup: "--role-arn arn:aws:iam::111122223333:role/CI",
			admitted: []string{"repo:example/app:ref:refs/heads/main", "repo:example/app:environment:prod"},
			refused: []string{
				"repo:example/app:ref:refs/heads/main2", "repo:example/app:ref:refs/heads/MAIN", "repo:example/app:pull_request",
				"repo:example/app2:ref:refs/heads/main", "repo:other/app:ref:refs/heads/main", "repo:example@123456/app@456789:ref:refs/heads/main",
			},
		},
		"GitHub, immutable": {
			flags:  "--role CI --trust-github example@123456/app@456789",
			issuer: awsfake.GitHubIssuer, audience: "sts.amazonaws.com",
			role:     "arn:aws:iam::111122223333:role/CI",
			admitted: []string{"repo:example@123456/app@456789:ref:refs/heads/main"},
			refused: []string{
				"repo:example/app:ref:refs/heads/main", "repo:example@123457/app@456789:ref:refs/heads/main",
				"repo:example@123456/app@4567890:ref:refs/heads/main",
			},
		},
		"GitLab": {
			flags:  "--role CI --trust-gitlab group/sub/project:ref_type:tag:ref:v1",
			issuer: awsfake.GitLabIssuer, audience: "https://gitlab.com",
			role:     "arn:aws:iam::111122223333:role/CI",
			admitted: []string{"project_path:group/sub/project:ref_type:tag:ref:v1"},
			refused:  []string{"project_path:group/sub/project:ref_type:branch:ref:v1", "project_path:group/sub/project2:ref_type:tag:ref:v1"},
		},
		"EKS": {
			flags:  "--role CI --trust-account 888888888888 --trust-role pods --trust-eks https://" + eks + ":system:serviceaccount:argocd:repo-server",
			issuer: "https://" + eks, audience: "sts.amazonaws.com",
			role: "arn:aws:iam::888888888888:role/pods", setup: "--role-arn arn:aws:iam::111122223333:role/CI",
			admitted: []string{"system:serviceaccount:argocd:repo-server"},
			refused:  []string{"system:serviceaccount:default:repo-server", "system:serviceaccount:argocd:default"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := accountsCloud(t)
			if err := cloud.AddIssuer(tt.issuer); err != nil {
				t.Fatal(err)
			}
			administer(t, cloud, sharedARN, tt.flags)
			try := func(subject, audience string) (string, error) {
				token, err := cloud.WebIdentityToken(tt.issuer, subject, audience, time.Hour)
				if err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(t.TempDir(), "token")
				if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
					t.Fatal(err)
				}
				job := newPersona(t, cloud, "", "", "AWS_ROLE_ARN="+tt.role, "AWS_WEB_IDENTITY_TOKEN_FILE="+file, "AWS_EC2_METADATA_DISABLED=true")
				job.must(t, "git-credential-codecommit setup --region us-east-2 --account 111122223333 "+tt.setup)
				return job.sh(t, "git ls-remote --quiet "+sharedURL)
			}
			for _, subject := range tt.admitted {
				if out, err := try(subject, tt.audience); err != nil {
					t.Errorf("%s was rejected: %v\n%s", subject, err, out)
				}
				if _, err := try(subject, "https://elsewhere.example"); err == nil {
					t.Errorf("%s is allowed with another audience", subject)
				}
			}
			for _, subject := range tt.refused {
				if _, err := try(subject, tt.audience); err == nil {
					t.Errorf("%s is allowed", subject)
				}
			}
			administer(t, cloud, sharedARN, tt.flags) // again, which is harmless
		})
	}
}

// The conditions of the trust policy allow callers that meet them, and no others.
func TestConditions(t *testing.T) {
	t.Parallel()
	needShell(t)
	inside, outside := awsfake.Network{IP: "203.0.113.7"}, awsfake.Network{IP: "198.51.100.7"}
	vpc := awsfake.Network{VPC: "vpc-0123456789abcdef0"}
	team := map[string]string{"team": "payments"}
	for name, tt := range map[string]struct {
		flags   string
		network awsfake.Network
		tags    map[string]string
		admit   bool
	}{
		"an address in the network":    {"--source-ip 203.0.113.0/24 --source-ip 2001:db8::/32", inside, nil, true},
		"an address of IPv6":           {"--source-ip 203.0.113.0/24 --source-ip 2001:db8::/32", awsfake.Network{IP: "2001:db8::7"}, nil, true},
		"an address outside":           {"--source-ip 203.0.113.0/24", outside, nil, false},
		"through a VPC, not the net":   {"--source-ip 203.0.113.0/24", vpc, nil, false},
		"the VPC":                      {"--source-vpc vpc-0123456789abcdef0", vpc, nil, true},
		"another VPC":                  {"--source-vpc vpc-0123456789abcdef0", awsfake.Network{VPC: "vpc-0123456789abcdef1"}, nil, false},
		"not through the VPC":          {"--source-vpc vpc-0123456789abcdef0", inside, nil, false},
		"the tag":                      {"--principal-tag team=payments", inside, team, true},
		"another value of the tag":     {"--principal-tag team=payments", inside, map[string]string{"team": "Payments"}, false},
		"no tag":                       {"--principal-tag team=payments", inside, nil, false},
		"one of two conditions":        {"--principal-tag team=payments --source-ip 203.0.113.0/24", outside, team, false},
		"both conditions":              {"--principal-tag team=payments --source-ip 203.0.113.0/24", inside, team, true},
		"one address without a prefix": {"--source-ip 203.0.113.7", inside, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := accountsCloud(t)
			err := cloud.AddUser(awsfake.User{
				ARN: awsfake.DeveloperARN, AccessKeys: []awsfake.AccessKey{{ID: awsfake.DeveloperAccessKeyID, Secret: awsfake.DeveloperSecretKey}},
				Tags: tt.tags,
			})
			if err != nil {
				t.Fatal(err)
			}
			administer(t, cloud, sharedARN, "--role R --trust-account 888888888888 --trust-user developer "+tt.flags)
			cloud.SetNetwork(tt.network)
			p := newPersona(t, cloud, awsfake.DeveloperAccessKeyID, awsfake.DeveloperSecretKey)
			p.must(t, "git-credential-codecommit setup --profile R --role-arn arn:aws:iam::111122223333:role/R --source-profile default --region us-east-2")
			if out, err := p.sh(t, "git ls-remote --quiet "+sharedURL); (err == nil) != tt.admit {
				t.Errorf("allowed %t, want %t\n%s", err == nil, tt.admit, out)
			}
		})
	}
}

// policy's output for a connection allows git to fetch and push through it, and
// with --read-only only to fetch.
func TestConnectionGrant(t *testing.T) {
	t.Parallel()
	needShell(t)
	for _, service := range []string{"codeconnections", "codestar-connections"} {
		for _, readOnly := range []bool{false, true} {
			t.Run(service+map[bool]string{true: " read-only"}[readOnly], func(t *testing.T) {
				t.Parallel()
				cloud := accountsCloud(t)
				connected, err := cloud.CreateConnectedRepository(awsfake.AccountA, awsfake.Region, awsfake.ConnectionID, "example/app")
				if err == nil {
					err = cloud.Commit(connected, map[string]string{"README.md": "connected\n"})
				}
				if err != nil {
					t.Fatal(err)
				}
				arn := strings.Replace(connected.ARN, ":codeconnections:", ":"+service+":", 1)
				flags := "--role R --trust-account 888888888888 --trust-user developer"
				if readOnly {
					flags += " --read-only"
				}
				administer(t, cloud, arn, flags)
				p := newPersona(t, cloud, awsfake.DeveloperAccessKeyID, awsfake.DeveloperSecretKey)
				p.must(t, "git-credential-codecommit setup --profile R --role-arn arn:aws:iam::111122223333:role/R --source-profile default --region us-east-2 --account 111122223333")
				p.must(t, "git clone --quiet "+connected.URL+" work && git -C work commit --quiet --allow-empty -m first")
				if out, err := p.sh(t, "git -C work push --quiet"); (err == nil) == readOnly {
					t.Errorf("push: %v\n%s", err, out)
				}
			})
		}
	}
}
