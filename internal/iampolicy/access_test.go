package iampolicy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// must returns v; err must be nil.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

const roleName = "MyCrossAccountRepositoryContributorRole"

// contributors is the access of AWS's guide: account 888888888888 uses
// MySharedDemoRepo in account 111122223333.
func contributors() Purpose {
	return Purpose{
		Repositories: []Repository{must(ParseRepository("arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"))},
		Role:         must(ParseEntity(Role, "aws", "111122223333", roleName)),
		Trusted:      must(AccountRoot("aws", "888888888888")),
	}
}

// instances is the access of EC2 instances.
func instances() Purpose {
	p := contributors()
	p.Role = must(ParseEntity(Role, "aws", "111122223333", "CrossAccountRepoAccessRole"))
	p.Trusted = must(ParseEntity(Role, "aws", "888888888888", "Builders"))
	p.Instance, p.GitOnly = true, true
	return p
}

// auditors is the access of a third party, in another partition.
func auditors() Purpose {
	return Purpose{
		Repositories: []Repository{
			must(NewRepository("us-gov-west-1", "111122223333", "First")),
			must(NewRepository("us-gov-east-1", "111122223333", "Second")),
		},
		Role:       must(ParseEntity(Role, "aws-us-gov", "111122223333", "third-party/Audit")),
		Trusted:    must(ParseEntity(User, "aws-us-gov", "888888888888", "auditors/Nikki")),
		ExternalID: "Example+Corp=42,x.y@z:a/b-c_d",
		RequireMFA: true,
		ReadOnly:   true,
		MaxSession: 4 * time.Hour,
		Profile:    "audit",
	}
}

// workflows is the access of GitHub workflows through a role in the users'
// account.
func workflows() Purpose {
	p := contributors()
	p.Role = must(ParseEntity(Role, "aws", "111122223333", "CIRepoAccessRole"))
	p.Trusted = must(ParseEntity(Role, "aws", "888888888888", "ci-runner"))
	jobs := must(ParseGitHub("example/app:environment:production"))
	jobs = must(jobs.Join(must(ParseGitHub("example@1234567/app@987654321"))))
	p.Jobs, p.GitOnly, p.ReadOnly = &jobs, true, true
	return p
}

// pipelines is the access of GitLab jobs that assume the access role directly.
func pipelines() Purpose {
	p := contributors()
	p.Role = must(ParseEntity(Role, "aws", "111122223333", "PipelineRole"))
	jobs := must(ParseGitLab("group/subgroup/project"))
	p.Trusted, p.Jobs, p.GitOnly = Entity{}, &jobs, true
	return p
}

// guardedGroup is the access of an existing group, with all conditions.
func guardedGroup() Purpose {
	p := contributors()
	p.Group = "Developers"
	p.SourceIPs = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	p.PrincipalTags = map[string]string{"team": "Payments and more", "cost:center": "42"}
	return p
}

// TestPublishedDocuments compares the documents with those that AWS, GitHub and
// GitLab publish for the same purpose, by meaning rather than by text.
func TestPublishedDocuments(t *testing.T) {
	t.Parallel()
	role, user := contributors(), contributors()
	role.Trusted = must(ParseEntity(Role, "aws", "888888888888", "Runner"))
	user.Trusted = must(ParseEntity(User, "aws", "888888888888", "team/Saanvi"))
	external, mfa, both := contributors(), contributors(), contributors()
	external.ExternalID, both.ExternalID = "12345", "12345"
	mfa.RequireMFA, both.RequireMFA = true, true

	tests := []publishedDocument{
		{
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html
			"trust an account", must(New(contributors())).RepositoryAccount.TrustPolicy,
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:root"}, "Action": "sts:AssumeRole"}]}`,
		},
		{
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
			"trust a role", must(New(role)).RepositoryAccount.TrustPolicy,
			`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::888888888888:role/Runner"]}, "Action": "sts:AssumeRole"}}`,
		},
		{
			"trust a user", must(New(user)).RepositoryAccount.TrustPolicy,
			`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:user/team/Saanvi"}, "Action": "sts:AssumeRole"}}`,
		},
		{
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
			"external id", must(New(external)).RepositoryAccount.TrustPolicy,
			`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:root"}, "Action": "sts:AssumeRole",
			  "Condition": {"StringEquals": {"sts:ExternalId": "12345"}}}}`,
		},
		{
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
			"MFA", must(New(mfa)).RepositoryAccount.TrustPolicy,
			`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:root"}, "Action": "sts:AssumeRole",
			  "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}`,
		},
		{
			"external id and MFA", must(New(both)).RepositoryAccount.TrustPolicy,
			`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:root"}, "Action": "sts:AssumeRole",
			  "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"sts:ExternalId": "12345"}}}}`,
		},
		{
			// https://docs.aws.amazon.com/codecommit/latest/userguide/cross-account-administrator-b.html
			"assume the role", must(New(contributors())).UserAccount.AssumeRolePolicy,
			`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole"}}`,
		},
		{
			// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
			"instances", *must(New(instances())).UserAccount.InstanceTrustPolicy,
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`,
		},
	}
	tests = append(tests, webIdentityDocuments()...)
	for _, tt := range tests {
		got, want := facts(t, must(json.Marshal(tt.got))), facts(t, []byte(tt.want))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%v\nwant\n%v", tt.name, got, want)
		}
	}
}

// A publishedDocument is one of our documents and the published one.
type publishedDocument struct {
	name string
	got  Document
	want string
}

func webIdentityDocuments() []publishedDocument {
	branch, immutable, gitlab, eks := workflows(), workflows(), pipelines(), workflows()
	for p, jobs := range map[*Purpose]WebIdentity{
		&branch:    must(ParseGitHub("octo-org/octo-repo:ref:refs/heads/octo-branch")),
		&immutable: must(ParseGitHub("octocat@123456/my-repo@456789:ref:refs/heads/main")),
		&gitlab:    must(ParseGitLab("mygroup/myproject:ref_type:branch:ref:main")),
		&eks:       must(ParseEKS("https://oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:system:serviceaccount:default:my-service-account")),
	} {
		p.Jobs = &jobs
	}
	return []publishedDocument{
		{
			// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
			"GitHub, a branch", *must(New(branch)).UserAccount.WebIdentityTrustPolicy,
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			  "Principal": {"Federated": "arn:aws:iam::888888888888:oidc-provider/token.actions.githubusercontent.com"},
			  "Action": "sts:AssumeRoleWithWebIdentity",
			  "Condition": {"StringEquals": {
			    "token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:ref:refs/heads/octo-branch",
			    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}]}`,
		},
		{
			// https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
			"GitHub, immutable", *must(New(immutable)).UserAccount.WebIdentityTrustPolicy,
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			  "Principal": {"Federated": "arn:aws:iam::888888888888:oidc-provider/token.actions.githubusercontent.com"},
			  "Action": "sts:AssumeRoleWithWebIdentity",
			  "Condition": {"StringEquals": {
			    "token.actions.githubusercontent.com:sub": "repo:octocat@123456/my-repo@456789:ref:refs/heads/main",
			    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}]}`,
		},
		{
			// https://docs.gitlab.com/ci/cloud_services/aws/
			"GitLab", must(New(gitlab)).RepositoryAccount.TrustPolicy,
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			  "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.com"},
			  "Action": "sts:AssumeRoleWithWebIdentity",
			  "Condition": {"StringEquals": {
			    "gitlab.com:sub": "project_path:mygroup/myproject:ref_type:branch:ref:main",
			    "gitlab.com:aud": "https://gitlab.com"}}}]}`,
		},
		{
			// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
			"EKS", *must(New(eks)).UserAccount.WebIdentityTrustPolicy,
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			  "Principal": {"Federated": "arn:aws:iam::888888888888:oidc-provider/oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"},
			  "Action": "sts:AssumeRoleWithWebIdentity",
			  "Condition": {"StringEquals": {
			    "oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub": "system:serviceaccount:default:my-service-account",
			    "oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:aud": "sts.amazonaws.com"}}}]}`,
		},
	}
}

// facts parses a policy so that equivalent policies compare equal: the grammar
// allows a string in place of a list of one.
func facts(t *testing.T, policy []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(policy, &v); err != nil {
		t.Fatal(err)
	}
	var normal func(any) any
	normal = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				v[k] = normal(v[k])
			}
		case []any:
			for i := range v {
				v[i] = normal(v[i])
			}
			if len(v) == 1 {
				return v[0]
			}
		}
		return v
	}
	return normal(v)
}

// The action sets that AWS publishes, without the "codecommit:".
var (
	// https://docs.aws.amazon.com/codecommit/latest/userguide/cross-account-administrator-a.html
	guideContributors = strings.Fields("BatchGet* Create* DeleteBranch Get* List* Describe* Put* Post* Merge* Test* Update* GitPull GitPush")
	// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeCommitReadOnly.html
	managedReadOnly = strings.Fields("BatchGet* BatchDescribe* Describe* EvaluatePullRequestApprovalRules Get* List* GitPull")
)

// leftOut are actions on a repository that the guide's wildcards allow and we do
// not: action.go gives the reasons.
var leftOut = strings.Fields(`CreateRepository GetRepositoryTriggers GetUploadArchiveStatus
	ListAssociatedApprovalRuleTemplatesForRepository ListTagsForResource PutRepositoryTriggers TestRepositoryTriggers
	UpdateDefaultBranch UpdateRepositoryDescription UpdateRepositoryEncryptionKey UpdateRepositoryName
	GetBlobDifferences`)

// added are actions that we allow and the guide does not.
var added = []string{"BatchDescribeMergeConflicts", "EvaluatePullRequestApprovalRules"}

func TestContributorActions(t *testing.T) {
	t.Parallel()
	d := must(New(contributors())).RepositoryAccount.AccessPolicy
	ours := bare(d.Statement[0].Action)
	known := publishedActions(t)

	var want []string
	for name, action := range known {
		inGuide := matches(guideContributors, name) && action.resource == "repository"
		if inGuide && !slices.Contains(leftOut, name) || slices.Contains(added, name) {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	slices.Sort(ours)
	if !slices.Equal(ours, want) {
		t.Errorf("contributors may\n%v\nwant\n%v", ours, want)
	}
	for _, name := range leftOut {
		if _, ok := known[name]; !ok || !matches(guideContributors, name) {
			t.Errorf("%s is left out of a set that does not contain it", name)
		}
	}
	if got := d.Statement[0].Resource; !slices.Equal(got, []string{"arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"}) {
		t.Errorf("on %v", got)
	}
	if got, want := d.Statement[1], (Statement{Effect: "Allow", Action: []string{"codecommit:ListRepositories"}, Resource: []string{"*"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("second statement %v, want %v", got, want)
	}
}

// No purpose gets a wildcard in an action, or in a resource unless the action
// supports no resources. Readers cannot write, and --git-only allows only git's actions.
func TestLeastPrivilege(t *testing.T) {
	t.Parallel()
	known := publishedActions(t)
	for _, base := range []Purpose{contributors(), instances(), auditors(), workflows(), pipelines(), guardedGroup()} {
		for _, readOnly := range []bool{true, false} {
			for _, gitOnly := range []bool{true, false} {
				p := base
				p.ReadOnly, p.GitOnly = readOnly, gitOnly
				for _, s := range must(New(p)).RepositoryAccount.AccessPolicy.Statement {
					for _, name := range bare(s.Action) {
						action, ok := known[name]
						switch {
						case !ok:
							t.Errorf("%s is not an action", name)
						case (action.resource == "*") != slices.Equal(s.Resource, []string{"*"}):
							t.Errorf("%s is allowed on %v, and takes %s", name, s.Resource, action.resource)
						case readOnly && (action.level != "read" && action.level != "list" || !matches(managedReadOnly, name)):
							t.Errorf("%s (%s) for readers", name, action.level)
						case gitOnly && !strings.HasPrefix(name, "Git"):
							t.Errorf("%s is not an action of git", name)
						}
					}
				}
			}
		}
	}
}

// Only users of the console may list repositories.
func TestListRepositories(t *testing.T) {
	t.Parallel()
	gitOnly, external, readOnly := contributors(), contributors(), contributors()
	gitOnly.GitOnly, external.ExternalID, readOnly.ReadOnly = true, "12345", true
	builders := instances()
	builders.GitOnly = false
	jobs := workflows()
	jobs.GitOnly = false
	for _, tt := range []struct {
		name string
		p    Purpose
		want bool
	}{
		{"contributors", contributors(), true},
		{"readers", readOnly, true},
		{"git only", gitOnly, false},
		{"external id", external, false},
		{"instances", builders, false},
		{"CI jobs", jobs, false},
	} {
		policy := must(json.Marshal(must(New(tt.p)).RepositoryAccount.AccessPolicy))
		if got := bytes.Contains(policy, []byte("ListRepositories")); got != tt.want {
			t.Errorf("%s: listed %t, want %t", tt.name, got, tt.want)
		}
	}
}

// No document, template or command mixes partitions.
func TestPartitions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ region, partition, ec2 string }{
		{"eu-central-1", "aws", "ec2.amazonaws.com"},
		{"cn-northwest-1", "aws-cn", "ec2.amazonaws.com.cn"},
		{"us-gov-west-1", "aws-us-gov", "ec2.amazonaws.com"},
		{"eusc-de-east-1", "aws-eusc", "ec2.amazonaws.com"},
		{"us-iso-east-1", "aws-iso", "ec2.amazonaws.com"},
		{"us-isob-east-1", "aws-iso-b", "ec2.amazonaws.com"},
		{"eu-isoe-west-1", "aws-iso-e", "ec2.amazonaws.com"},
		{"us-isof-south-1", "aws-iso-f", "ec2.amazonaws.com"},
	} {
		p := instances()
		p.Repositories = []Repository{must(NewRepository(tt.region, "111122223333", "A"))}
		p.Role.Partition, p.Trusted.Partition = tt.partition, tt.partition
		a := must(New(p))
		if got := a.UserAccount.InstanceTrustPolicy.Statement[0].Principal.Service; got != tt.ec2 {
			t.Errorf("%s: instances are %s, want %s", tt.region, got, tt.ec2)
		}
		all := string(a.JSON(ForAll)) + string(a.Commands(ForAll)) + string(a.Template(ForUserAccount)) + string(a.Template(ForRepositoryAccount)) +
			string(a.Terraform(ForUserAccount)) + string(a.Terraform(ForRepositoryAccount))
		if strings.Count(all, "arn:") != strings.Count(all, "arn:"+tt.partition+":") {
			t.Errorf("%s: an ARN of another partition in\n%s", tt.region, all)
		}
	}
}

// publishedAction is a line of testdata/actions.txt.
type publishedAction struct{ level, resource string }

func publishedActions(t *testing.T) map[string]publishedAction {
	t.Helper()
	file := must(os.Open("testdata/actions.txt"))
	defer file.Close()
	known := map[string]publishedAction{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if f := strings.Fields(lines.Text()); f[0] != "#" {
			known[f[0]] = publishedAction{level: f[1], resource: f[2]}
		}
	}
	if len(known) < 80 {
		t.Fatalf("only %d actions", len(known))
	}
	return known
}

// bare removes the service's prefix.
func bare(actions []string) []string {
	var names []string
	for _, a := range actions {
		names = append(names, strings.TrimPrefix(a, "codecommit:"))
	}
	return names
}

// matches reports whether one of the patterns matches an action.
func matches(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return must(path.Match(pattern, action)) })
}
