package command

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
)

const (
	demoARN  = "arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"
	demoRole = "MyCrossAccountRepositoryContributorRole"
)

// runPolicy runs the command as a person would and returns what it wrote.
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

// printed is what other programs read of the JSON.
type printed struct {
	UserAccount struct {
		Account         string
		PolicyHolder    string
		InstanceProfile string
	}
	RepositoryAccount struct {
		Role               string
		MaxSessionDuration int
		TrustPolicy        struct {
			Statement []struct {
				Principal struct{ AWS string }
				Condition map[string]map[string]string
			}
		}
		AccessPolicy struct {
			Statement []struct{ Action, Resource []string }
		}
	}
	User struct{ Profile, Setup string }
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
			return p.RepositoryAccount.TrustPolicy.Statement[0].Condition["StringEquals"]["sts:ExternalId"] == "Example42" &&
				strings.HasPrefix(p.User.Profile, "[profile audit]\n") &&
				len(p.RepositoryAccount.AccessPolicy.Statement) == 1
		}},
		{"a role by name", []string{"policy", demoARN, "--role", "R", trustB, "--trust-role", "ci/Runner"}, func(p printed) bool {
			return p.RepositoryAccount.TrustPolicy.Statement[0].Principal.AWS == "arn:aws:iam::888888888888:role/ci/Runner"
		}},
		{"a user by ARN, with MFA", []string{"policy", demoARN, "--role", "R", "--trust-user", "arn:aws:iam::888888888888:user/Saanvi", "--require-mfa"}, func(p printed) bool {
			return p.UserAccount.PolicyHolder == "arn:aws:iam::888888888888:user/Saanvi" &&
				p.RepositoryAccount.TrustPolicy.Statement[0].Condition["Bool"]["aws:MultiFactorAuthPresent"] == "true"
		}},
		{"instances use git alone", []string{"policy", demoARN, "--role", "R", trustB, "--ec2-role", "Builders"}, func(p printed) bool {
			return p.UserAccount.InstanceProfile == "Builders" &&
				slices.Equal(p.RepositoryAccount.AccessPolicy.Statement[0].Action, []string{"codecommit:GitPull", "codecommit:GitPush"})
		}},
		{"unless they are said to do more", []string{"policy", demoARN, "--role", "R", trustB, "--ec2-role", "Builders", "--git-only=false"}, func(p printed) bool {
			return slices.Contains(p.RepositoryAccount.AccessPolicy.Statement[0].Action, "codecommit:CreatePullRequest")
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
				t.Errorf("not what was asked for:\n%s", stdout)
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
		{"cloudformation", []string{"--format", "cloudformation"}, "AWSTemplateFormatVersion", "aws iam create"},
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
		{"an ARN and a name", []string{demoARN, "--repository", "A", "--role", "R", trustB}, "do not go with it"},
		{"a name without its region", []string{"--repository", "A", "--account", "111122223333", "--role", "R", trustB}, "--repository needs --region and --account"},
		{"repositories of two accounts", []string{demoARN, "arn:aws:codecommit:us-east-2:222233334444:A", "--role", "R", trustB}, "of two accounts"},
		{"an ARN of something else", []string{"arn:aws:s3:::bucket", "--role", "R", trustB}, "is not the ARN of a repository"},
		{"no role", []string{demoARN, trustB}, "--role is needed"},
		{"a role that cannot be", []string{demoARN, "--role", "a b", trustB}, `--role: role name "a b"`},
		{"a role of another account", []string{demoARN, "--role", "arn:aws:iam::222233334444:role/R", trustB}, "is not of the account 111122223333"},
		{"nobody", []string{demoARN, "--role", "R"}, "nobody is trusted"},
		{"two at once", []string{demoARN, "--role", "R", trustB, "--trust-user", "U", "--ec2-role", "E"}, "--trust-user and --ec2-role exclude each other"},
		{"a name without its account", []string{demoARN, "--role", "R", "--trust-user", "U"}, "--trust-user \"U\" needs --trust-account"},
		{"an ARN of another account", []string{demoARN, "--role", "R", trustB, "--trust-user", "arn:aws:iam::222233334444:user/U"}, "is not of the account 888888888888"},
		{"a user for a role", []string{demoARN, "--role", "R", "--trust-role", "arn:aws:iam::888888888888:user/U"}, "is not a role's ARN"},
		{"an account that cannot be", []string{demoARN, "--role", "R", "--trust-account", "8888"}, `--trust-account: account id "8888" is not 12 digits`},
		{"MFA for an instance", []string{demoARN, "--role", "R", trustB, "--ec2-role", "E", "--require-mfa"}, "has no MFA device"},
		{"a session too short", []string{demoARN, "--role", "R", trustB, "--max-session", "30m"}, "not between 3600 (1h) and 43200 (12h) seconds"},
		{"a session too long", []string{demoARN, "--role", "R", trustB, "--max-session", "13h"}, "not between 3600 (1h) and 43200 (12h) seconds"},
		{"a session that a role cannot have", []string{demoARN, "--role", "R", trustB, "--ec2-role", "E", "--max-session", "2h"}, "after 1h"},
		{"an external id that cannot be", []string{demoARN, "--role", "R", trustB, "--external-id", "x"}, `external id "x"`},
		{"an empty value", []string{demoARN, "--role", "R", trustB, "--external-id", ""}, "--external-id needs a value"},
		{"a format that is not one", []string{demoARN, "--role", "R", trustB, "--format", "yaml"}, `--format "yaml" is not one of json, commands, cloudformation`},
		{"a part that is not one", []string{demoARN, "--role", "R", trustB, "--only", "x"}, `--only "x" is not one of`},
		{"a flag of git's commands", []string{demoARN, "--role", "R", trustB, "--mfa-serial", "x"}, "--mfa-serial does not go with policy"},
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

// The flags that git's commands have mean nothing here, or mean something else.
func TestPolicyHelp(t *testing.T) {
	t.Parallel()
	exit, stdout, _ := runPolicy("policy", "--help")
	if exit != cli.ExitOK {
		t.Fatalf("exit %d", exit)
	}
	for _, want := range []string{"--trust-account", "external ID", "account ID of the --repository", "--only"} {
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
