package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

const (
	demoARN  = "arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"
	demoRole = "MyCrossAccountRepositoryContributorRole"
)

// runPolicy runs the command like a user and returns its output.
func runPolicy(args ...string) (exit int, stdout, stderr string) {
	var out, errOut bytes.Buffer
	p := cli.Process{
		Args:            slices.Concat([]string{cli.Name}, args),
		Stdin:           strings.NewReader(""),
		Stdout:          &out,
		Stderr:          &errOut,
		StdinIsTerminal: func() bool { return true },
		LookupEnv:       func(string) (string, bool) { return "", false },
		Home:            func() string { return "" },
	}
	root := newRoot(p)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errOut)
	exit = p.Report(root.Execute())
	return exit, out.String(), errOut.String()
}

// printed is the part of the JSON that other programs read.
type printed struct {
	UserAccount struct {
		Account          string
		PolicyHolder     string
		InstanceProfile  string
		IdentityProvider struct{ ARN, URL string }
	}
	RepositoryAccount struct {
		Role               string
		IdentityProvider   struct{ ARN, URL string }
		MaxSessionDuration int
		TrustPolicy        struct {
			Statement []trustStatement
		}
		AccessPolicy struct {
			Statement []struct{ Action, Resource []string }
		}
	}
	User struct{ Profile, Setup string }
}

type trustStatement struct {
	Principal struct{ AWS, Federated string }
	Condition map[string]map[string]any
}

// condition returns the values of a condition key, separated by spaces.
func (s trustStatement) condition(operator, key string) string {
	switch v := s.Condition[operator][key].(type) {
	case string:
		return v
	case []any:
		return strings.TrimSpace(fmt.Sprintln(v...))
	}
	return ""
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	const trustB = "--trust-account=888888888888"
	tests := []struct {
		name string
		args []string
		ok   func(p printed) bool
	}{
		{"an account", []string{"policy", demoARN, "--role", demoRole, trustB}, func(p printed) bool {
			return p.RepositoryAccount.TrustPolicy.Statement[0].Principal.AWS == "arn:aws:iam::888888888888:root" &&
				p.RepositoryAccount.Role == "arn:aws:iam::111122223333:role/"+demoRole &&
				p.RepositoryAccount.MaxSessionDuration == 3600 &&
				p.UserAccount.PolicyHolder == "arn:aws:iam::888888888888:group/"+demoRole &&
				len(p.RepositoryAccount.AccessPolicy.Statement) == 2
		}},
		{"the repository's name", []string{"policy", "--repository", "A", "--repository", "B", "--region", "cn-north-1", "--account", "111122223333", "--role", "team/R", trustB}, func(p printed) bool {
			return slices.Equal(p.RepositoryAccount.AccessPolicy.Statement[0].Resource, []string{
				"arn:aws-cn:codecommit:cn-north-1:111122223333:A", "arn:aws-cn:codecommit:cn-north-1:111122223333:B",
			}) && p.RepositoryAccount.Role == "arn:aws-cn:iam::111122223333:role/team/R"
		}},
		{"flags of the same name before the command", []string{"--external-id", "Example42", "--profile", "audit", "policy", demoARN, "--role", "Audit", trustB, "--read-only"}, func(p printed) bool {
			return p.RepositoryAccount.TrustPolicy.Statement[0].condition("StringEquals", "sts:ExternalId") == "Example42" &&
				strings.HasPrefix(p.User.Profile, "[profile audit]\n") &&
				len(p.RepositoryAccount.AccessPolicy.Statement) == 1
		}},
		{"a role by name", []string{"policy", demoARN, "--role", "R", trustB, "--trust-role", "ci/Runner"}, func(p printed) bool {
			return p.RepositoryAccount.TrustPolicy.Statement[0].Principal.AWS == "arn:aws:iam::888888888888:role/ci/Runner"
		}},
		{"a user by ARN, with MFA", []string{"policy", demoARN, "--role", "R", "--trust-user", "arn:aws:iam::888888888888:user/Saanvi", "--require-mfa"}, func(p printed) bool {
			return p.UserAccount.PolicyHolder == "arn:aws:iam::888888888888:user/Saanvi" &&
				p.RepositoryAccount.TrustPolicy.Statement[0].condition("Bool", "aws:MultiFactorAuthPresent") == "true"
		}},
		{"instances use only git", []string{"policy", demoARN, "--role", "R", trustB, "--ec2-role", "Builders"}, func(p printed) bool {
			return p.UserAccount.InstanceProfile == "Builders" &&
				slices.Equal(p.RepositoryAccount.AccessPolicy.Statement[0].Action, []string{"codecommit:GitPull", "codecommit:GitPush"})
		}},
		{"unless more is allowed", []string{"policy", demoARN, "--role", "R", trustB, "--ec2-role", "Builders", "--git-only=false"}, func(p printed) bool {
			return slices.Contains(p.RepositoryAccount.AccessPolicy.Statement[0].Action, "codecommit:CreatePullRequest")
		}},
		{"a group that exists", []string{"policy", demoARN, "--role", "R", trustB, "--group", "Developers"}, func(p printed) bool {
			return p.UserAccount.PolicyHolder == "arn:aws:iam::888888888888:group/Developers"
		}},
		{"CI jobs through a role of their account", []string{"policy", demoARN, "--role", "R", trustB, "--trust-github", "o/r:environment:prod"}, func(p printed) bool {
			return p.UserAccount.PolicyHolder == "arn:aws:iam::888888888888:role/R" &&
				p.UserAccount.IdentityProvider.ARN == "arn:aws:iam::888888888888:oidc-provider/token.actions.githubusercontent.com" &&
				p.RepositoryAccount.TrustPolicy.Statement[0].Principal.AWS == "arn:aws:iam::888888888888:role/R" &&
				slices.Equal(p.RepositoryAccount.AccessPolicy.Statement[0].Action, []string{"codecommit:GitPull", "codecommit:GitPush"})
		}},
		{"CI jobs through a role with a name", []string{"policy", demoARN, "--role", "R", trustB, "--trust-gitlab", "g/p", "--trust-role", "ci/Runner"}, func(p printed) bool {
			return p.UserAccount.PolicyHolder == "arn:aws:iam::888888888888:role/ci/Runner" &&
				p.RepositoryAccount.TrustPolicy.Statement[0].Principal.AWS == "arn:aws:iam::888888888888:role/ci/Runner"
		}},
		{"CI jobs through the role itself", []string{"policy", demoARN, "--role", "R", "--trust-eks", "oidc.eks.us-east-2.amazonaws.com/id/ABC:system:serviceaccount:ns:app", "--max-session", "2h"}, func(p printed) bool {
			return p.UserAccount.Account == "" && p.RepositoryAccount.IdentityProvider.URL == "https://oidc.eks.us-east-2.amazonaws.com/id/ABC" &&
				p.RepositoryAccount.TrustPolicy.Statement[0].Principal.Federated == "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-2.amazonaws.com/id/ABC"
		}},
		{"callers in networks", []string{"policy", demoARN, "--role", "R", trustB, "--source-ip", "203.0.113.0/24", "--source-ip", "2001:db8::1"}, func(p printed) bool {
			return p.RepositoryAccount.TrustPolicy.Statement[0].condition("IpAddress", "aws:SourceIp") == "203.0.113.0/24 2001:db8::1/128"
		}},
		{"callers in a VPC with a tag", []string{"policy", demoARN, "--role", "R", trustB, "--source-vpc", "vpc-0123456789abcdef0", "--principal-tag", "team=a=b"}, func(p printed) bool {
			s := p.RepositoryAccount.TrustPolicy.Statement[0]
			return s.condition("StringEquals", "aws:SourceVpc") == "vpc-0123456789abcdef0" && s.condition("StringEquals", "aws:PrincipalTag/team") == "a=b"
		}},
		{"a long session, in hours", []string{"policy", demoARN, "--role", "R", trustB, "--max-session", "12h"}, func(p printed) bool {
			return p.RepositoryAccount.MaxSessionDuration == 43200
		}},
		{"a long session, in seconds", []string{"policy", demoARN, "--role", "R", trustB, "--max-session", "7200"}, func(p printed) bool {
			return p.RepositoryAccount.MaxSessionDuration == 7200
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			exit, stdout, stderr := runPolicy(tt.args...)
			if exit != cli.ExitOK || stderr != "" {
				t.Fatalf("exit %d, standard error %q", exit, stderr)
			}
			var p printed
			if err := json.Unmarshal([]byte(stdout), &p); err != nil {
				t.Fatal(err)
			}
			if !tt.ok(p) {
				t.Errorf("not what was requested:\n%s", stdout)
			}
		})
	}
}

func TestPolicyFormats(t *testing.T) {
	t.Parallel()
	args := []string{"policy", demoARN, "--role", "R", "--trust-account", "888888888888"}
	tests := []struct {
		name     string
		args     []string
		has, not string
	}{
		{"json is the default", nil, `"userAccount": {`, "aws iam"},
		{"commands", []string{"--format", "commands"}, "aws iam create-role", "AWSTemplateFormatVersion"},
		{"cloudformation", []string{"--format", "cloudformation", "--only", "user-account"}, "AWSTemplateFormatVersion", "aws iam create"},
		{"terraform", []string{"--format", "terraform", "--only", "repository-account"}, `resource "aws_iam_role" "codecommit" {`, "aws iam create"},
		{"the trust policy", []string{"--document", "trust"}, `"arn:aws:iam::888888888888:root"`, "GitPull"},
		{"the access policy", []string{"--document", "access"}, `"codecommit:GitPull"`, "sts:AssumeRole"},
		{"the assume-role policy", []string{"--document", "assume-role"}, `"arn:aws:iam::111122223333:role/R"`, "Principal"},
		{"the profile", []string{"--document", "profile"}, "[profile R]\nrole_arn = ", "{"},
		{"one account", []string{"--format", "commands", "--only", "repository-account"}, "111122223333", "# For the user"},
		{"the user", []string{"--only", "user"}, "git-credential-codecommit setup", "Statement"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			exit, stdout, stderr := runPolicy(slices.Concat(args, tt.args)...)
			if exit != cli.ExitOK || stderr != "" || !strings.Contains(stdout, tt.has) || strings.Contains(stdout, tt.not) {
				t.Errorf("exit %d, standard error %q, standard output:\n%s", exit, stderr, stdout)
			}
		})
	}
}

func TestPolicyUsage(t *testing.T) {
	t.Parallel()
	const trustB = "--trust-account=888888888888"
	tests := []struct {
		name string
		args []string
		want string // in the error
	}{
		{"no repository", []string{"--role", "R", trustB}, "no repository given"},
		{"an ARN and a name", []string{demoARN, "--repository", "A", "--role", "R", trustB}, "cannot be combined with an ARN"},
		{"a name without its region", []string{"--repository", "A", "--account", "111122223333", "--role", "R", trustB}, "--repository requires --region and --account"},
		{"repositories of two accounts", []string{demoARN, "arn:aws:codecommit:us-east-2:222233334444:A", "--role", "R", trustB}, "belongs to another account"},
		{"an ARN of something else", []string{"arn:aws:s3:::bucket", "--role", "R", trustB}, "is not the ARN of a repository"},
		{"no role", []string{demoARN, trustB}, "--role is required"},
		{"a role that cannot be", []string{demoARN, "--role", "a b", trustB}, `--role: role name "a b"`},
		{"a role of another account", []string{demoARN, "--role", "arn:aws:iam::222233334444:role/R", trustB}, "belongs to another account, not to 111122223333"},
		{"no one trusted", []string{demoARN, "--role", "R"}, "no trusted caller given"},
		{"two at once", []string{demoARN, "--role", "R", trustB, "--trust-user", "U", "--ec2-role", "E"}, "--trust-user and --ec2-role cannot be used together"},
		{"a name without its account", []string{demoARN, "--role", "R", "--trust-user", "U"}, "--trust-user \"U\" requires --trust-account"},
		{"an ARN of another account", []string{demoARN, "--role", "R", trustB, "--trust-user", "arn:aws:iam::222233334444:user/U"}, "belongs to another account, not to 888888888888"},
		{"a user for a role", []string{demoARN, "--role", "R", "--trust-role", "arn:aws:iam::888888888888:user/U"}, "is not the ARN of a role"},
		{"an account that cannot be", []string{demoARN, "--role", "R", "--trust-account", "8888"}, `--trust-account: account ID "8888" is not 12 digits`},
		{"MFA for an instance", []string{demoARN, "--role", "R", trustB, "--ec2-role", "E", "--require-mfa"}, "has no MFA device"},
		{"a session too short", []string{demoARN, "--role", "R", trustB, "--max-session", "30m"}, "not between 3600 (1h) and 43200 (12h) seconds"},
		{"a session too long", []string{demoARN, "--role", "R", trustB, "--max-session", "13h"}, "not between 3600 (1h) and 43200 (12h) seconds"},
		{"a session that a role cannot have", []string{demoARN, "--role", "R", trustB, "--ec2-role", "E", "--max-session", "2h"}, "limits sessions to 1h"},
		{"an external id that cannot be", []string{demoARN, "--role", "R", trustB, "--external-id", "x"}, `external ID "x"`},
		{"an empty value", []string{demoARN, "--role", "R", trustB, "--external-id", ""}, "--external-id requires a value"},
		{"a format that is not one", []string{demoARN, "--role", "R", trustB, "--format", "yaml"}, `--format "yaml" is not one of json, commands, cloudformation, terraform`},
		{"a part that is not one", []string{demoARN, "--role", "R", trustB, "--only", "x"}, `--only "x" is not one of`},
		{"a flag of git's commands", []string{demoARN, "--role", "R", trustB, "--mfa-serial", "x"}, "--mfa-serial cannot be used with policy"},
		{"a group for a role", []string{demoARN, "--role", "R", trustB, "--trust-role", "T", "--group", "G"}, "--group and --trust-role cannot be used together"},
		{"a group for instances", []string{demoARN, "--role", "R", trustB, "--ec2-role", "E", "--group", "G"}, "--group and --ec2-role cannot be used together"},
		{"a group for a user", []string{demoARN, "--role", "R", trustB, "--trust-user", "U", "--group", "G"}, "--group and --trust-user cannot be used together"},
		{"a group for CI jobs", []string{demoARN, "--role", "R", trustB, "--trust-github", "o/r", "--group", "G"}, "--group cannot be used with CI jobs"},
		{"a group's name", []string{demoARN, "--role", "R", trustB, "--group", "a b"}, `group name "a b"`},
		{"instances and CI jobs", []string{demoARN, "--role", "R", trustB, "--ec2-role", "E", "--trust-github", "o/r"}, "need a separate role"},
		{"a user and CI jobs", []string{demoARN, "--role", "R", trustB, "--trust-user", "U", "--trust-github", "o/r"}, "need a separate role"},
		{"jobs of two services", []string{demoARN, "--role", "R", "--trust-github", "o/r", "--trust-gitlab", "g/p"}, "cannot share a role"},
		{"all repositories of GitHub", []string{demoARN, "--role", "R", "--trust-github", "*"}, "--trust-github: \"*\" does not name one GitHub repository"},
		{"all repositories of an owner", []string{demoARN, "--role", "R", "--trust-github", "example/*"}, "does not name one GitHub repository"},
		{"all branches", []string{demoARN, "--role", "R", "--trust-github", "example/app:*"}, "without wildcards"},
		{"an external id for CI jobs", []string{demoARN, "--role", "R", "--trust-gitlab", "g/p", "--external-id", "12345"}, "has no external ID"},
		{"no network", []string{demoARN, "--role", "R", trustB, "--source-ip", "anywhere"}, "--source-ip \"anywhere\" is not a network"},
		{"a network with a host's address", []string{demoARN, "--role", "R", trustB, "--source-ip", "203.0.113.7/24"}, "is not a network"},
		{"a tag without a value", []string{demoARN, "--role", "R", trustB, "--principal-tag", "team"}, "--principal-tag \"team\" is not KEY=VALUE"},
		{"a tag twice", []string{demoARN, "--role", "R", trustB, "--principal-tag", "a=b", "--principal-tag", "a=c"}, "repeats a key"},
		{"a document that is not one", []string{demoARN, "--role", "R", trustB, "--document", "x"}, `--document "x" is not one of`},
		{"a document of instances", []string{demoARN, "--role", "R", trustB, "--document", "instance-trust"}, "--document instance-trust: these flags produce no document"},
		{"a document and a format", []string{demoARN, "--role", "R", trustB, "--document", "trust", "--format", "json"}, "--document and --format cannot be used together"},
		{"a document and a part", []string{demoARN, "--role", "R", trustB, "--document", "trust", "--only", "user"}, "--document and --only cannot be used together"},
		{"the user's file", []string{demoARN, "--role", "R", trustB, "--output", "x", "--only", "user"}, "cannot be used with --only user"},
		{"the users' account of no one", []string{demoARN, "--role", "R", "--trust-github", "o/r", "--only", "user-account"}, "has nothing to print"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			exit, stdout, stderr := runPolicy(slices.Concat([]string{"policy"}, tt.args)...)
			if exit != cli.ExitUsage || stdout != "" || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit %d, standard output %q, standard error %q; want exit %d and %q", exit, stdout, stderr, cli.ExitUsage, tt.want)
			}
		})
	}
}

// A template or a configuration is for one account: the hints are one command per
// account, which work as printed.
func TestPolicyOneAccountAtATime(t *testing.T) {
	t.Parallel()
	args := []string{"policy", demoARN, "--role", "R", "--trust-account", "888888888888", "--principal-tag", "team=a b"}
	for _, format := range []string{"cloudformation", "terraform"} {
		exit, stdout, stderr := runPolicy(slices.Concat(args, []string{"--format", format})...)
		if exit != cli.ExitUsage || stdout != "" {
			t.Errorf("%s: exit %d, standard output %q", format, exit, stdout)
		}
		for _, part := range []string{"user-account", "repository-account"} {
			command := cli.Name + " policy " + demoARN + " --role R --trust-account 888888888888 --principal-tag 'team=a b' --format " + format + " --only " + part
			if !strings.Contains(stderr, "hint: run: "+command+"\n") {
				t.Errorf("%s: no hint %q in\n%s", format, command, stderr)
			}
			words, err := shell.Split(command)
			if err != nil {
				t.Fatal(err)
			}
			if exit, _, stderr := runPolicy(words[1:]...); exit != cli.ExitOK {
				t.Errorf("%s: exit %d, %s", command, exit, stderr)
			}
		}
	}
	// There is only one account.
	if exit, stdout, stderr := runPolicy("policy", demoARN, "--role", "R", "--trust-github", "o/r", "--format", "terraform"); exit != cli.ExitOK || !strings.Contains(stdout, "aws_iam_openid_connect_provider") {
		t.Errorf("exit %d, standard error %q", exit, stderr)
	}
}

// --output writes one file per account, with the content that --only prints, and
// never replaces a different file.
func TestPolicyOutput(t *testing.T) {
	t.Parallel()
	args := []string{"policy", demoARN, "--role", "R", "--trust-account", "888888888888"}
	for format, files := range map[string][2]string{
		"json":           {"user-account.json", "repository-account.json"},
		"commands":       {"user-account.sh", "repository-account.sh"},
		"cloudformation": {"user-account.yaml", "repository-account.yaml"},
		"terraform":      {filepath.Join("user-account", "main.tf"), filepath.Join("repository-account", "main.tf")},
	} {
		dir := filepath.Join(t.TempDir(), "a", "b")
		write := slices.Concat(args, []string{"--format", format, "--output", dir})
		exit, stdout, stderr := runPolicy(write...)
		if exit != cli.ExitOK || !strings.HasSuffix(stdout, "--account 111122223333\n") {
			t.Fatalf("%s: exit %d, standard error %q, standard output\n%s", format, exit, stderr, stdout)
		}
		for i, part := range []string{"user-account", "repository-account"} {
			file := filepath.Join(dir, files[i])
			if !strings.Contains(stdout, "# "+file+" is for the administrator of account "+[]string{"888888888888", "111122223333"}[i]+"\n") {
				t.Errorf("%s: %s is not named in\n%s", format, file, stdout)
			}
			written, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, printed, _ := runPolicy(slices.Concat(args, []string{"--format", format, "--only", part})...); printed != string(written) {
				t.Errorf("%s: %s is not what --only %s prints", format, file, part)
			}
		}
		if exit, again, stderr := runPolicy(write...); exit != cli.ExitOK || again != stdout {
			t.Errorf("%s, again: exit %d, %s", format, exit, stderr)
		}
		file := filepath.Join(dir, files[1])
		if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if exit, stdout, stderr := runPolicy(write...); exit != cli.ExitFailed || stdout != "" || !strings.Contains(stderr, files[1]+" exists with other contents") {
			t.Errorf("%s: exit %d, standard error %q", format, exit, stderr)
		}
		if left, _ := os.ReadFile(file); string(left) != "mine" {
			t.Errorf("%s: replaced by\n%s", format, left)
		}
	}
}

// Flags of git's actions have no meaning here, or a different one.
func TestPolicyHelp(t *testing.T) {
	t.Parallel()
	exit, stdout, _ := runPolicy("policy", "--help")
	if exit != cli.ExitOK {
		t.Fatalf("exit %d", exit)
	}
	for _, want := range []string{"--trust-account", "external ID", "account ID of --repository", "--only"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("help has no %q:\n%s", want, stdout)
		}
	}
	for _, not := range []string{"--mfa-serial", "--allow-host", "Global Flags"} {
		if strings.Contains(stdout, not) {
			t.Errorf("help has %q", not)
		}
	}
}
