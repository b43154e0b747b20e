package awsfake

import (
	"fmt"
	"strings"
	"time"
)

// The accounts of the scenarios: A has the repositories, B has their users, and the
// auditors belong to another company. A and B have the account IDs of AWS's guides.
const (
	AccountA       = "111122223333"
	AccountB       = "888888888888"
	AccountAuditor = "444455556666"

	Region = "us-east-2"

	SharedDemoRepo   = "SharedDemoRepo"
	MySharedDemoRepo = "MySharedDemoRepo"
	EmptyRepo        = "EmptyDemoRepo"   // in account A, without commits
	DeletedRepo      = "DeletedDemoRepo" // does not exist, but the contributors still have permissions on it

	// ConnectionID is the ID of account A's connection to another company's git
	// service. ConnectedRepo is a repository there; its owner contains a slash and
	// a space.
	ConnectionID  = "a1b2c3d4-5678-90ab-cdef-111122223333"
	ConnectedRepo = "example/My Project/app"
)

// AccountNames are the names of the accounts.
var AccountNames = map[string]string{AccountA: "Repositories", AccountB: "Developers", AccountAuditor: "Auditors"}

// The users of the scenarios and their keys. The secrets are dummies (the first is
// AWS's documented example). A program under test must not print them.
const (
	// DeveloperARN is a developer in account B who may assume roles in A and
	// has no permission on any repository of B.
	DeveloperARN         = "arn:aws:iam::888888888888:user/developer"
	DeveloperAccessKeyID = "AKIAIOSFODNN7EXAMPLE"
	DeveloperSecretKey   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	DeveloperMFASerial   = "arn:aws:iam::888888888888:mfa/developer"
	DeveloperMFACode     = "123456" // works once; see SetMFACodes
	DeveloperNextMFACode = "654321" // works once too

	// MaintainerARN is a user in account B who has access to the repository there
	// with the same name as the shared one, and cannot assume any role.
	MaintainerARN         = "arn:aws:iam::888888888888:user/maintainer"
	MaintainerAccessKeyID = "AKIAI44QH8DHBEXAMPLE"
	MaintainerSecretKey   = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"

	// AuditorARN is a user in the auditors' account.
	AuditorARN         = "arn:aws:iam::444455556666:user/auditor"
	AuditorAccessKeyID = "AKIAIAUDITOR7EXAMPLE"
	AuditorSecretKey   = "aUd1t0rSecretKey/K7MDENG/bPxRfiEXAMPLEKEY"
	AuditorExternalID  = "Example42"
)

// The roles of the scenarios.
const (
	// ContributorRole is the role of scenario 1. It trusts account B, whose policies
	// decide which principals may assume it.
	ContributorRole = "arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole"
	// RepoAccessRole is the role of scenario 2. It trusts only the roles of the
	// instance and of the container, and grants access only to SharedDemoRepo.
	RepoAccessRole = "arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole"
	// AuditorRole grants read access and requires an external ID.
	AuditorRole = "arn:aws:iam::111122223333:role/RepositoryAuditorRole"
	// MFARole is like ContributorRole, but requires MFA.
	MFARole = "arn:aws:iam::111122223333:role/MFARepositoryContributorRole"
	// TeamRole, in account B, is the first role of a chain. It is the only
	// principal that ChainedRole, in account A, trusts.
	TeamRole    = "arn:aws:iam::888888888888:role/team/DeveloperTeamRole"
	ChainedRole = "arn:aws:iam::111122223333:role/ChainedRepositoryContributorRole"
	// InstanceRole and ContainerRole are in account B, for EC2 and for containers.
	InstanceRole  = "arn:aws:iam::888888888888:role/MyInstanceRole"
	ContainerRole = "arn:aws:iam::888888888888:role/MyTaskRole"
	// GitHubRole, in account A, trusts the workflows of one repository.
	GitHubRole = "arn:aws:iam::111122223333:role/GitHubActionsRole"
)

// Names in the other sources of credentials.
const (
	ContainerPath  = "/v2/credentials/5d3e0d2e-9a3b-4c3f-8a3f-1f0e6c7b2a10"
	ContainerToken = "cOnTaInErToKeN/bPxRfiCYEXAMPLETOKEN"

	GitHubIssuer   = "https://token.actions.githubusercontent.com"
	GitHubAudience = "sts.amazonaws.com"
	GitHubSubject  = "repo:example/app:ref:refs/heads/main"

	GitLabIssuer   = "https://gitlab.com"
	GitLabAudience = "https://gitlab.com"

	SSOStartURL = "https://example.awsapps.com/start"
	// SSOUser is the user of IAM Identity Center.
	SSOUser = "user@example.com"
	// SSODeveloperRole, in account B, may assume ContributorRole.
	SSODeveloperRole = "DeveloperAccess"
	// SSOContributorRole may use account A's repositories without another role.
	SSOContributorRole = "RepositoryContributor"
)

// The AWS files of scenario 1, for ~/.aws.
const (
	DeveloperCredentialsFile = `[default]
aws_access_key_id = ` + DeveloperAccessKeyID + `
aws_secret_access_key = ` + DeveloperSecretKey + `
`
	DeveloperConfigFile = `[profile ` + DeveloperProfile + `]
region = ` + Region + `
role_arn = ` + ContributorRole + `
source_profile = default
`
	DeveloperProfile = "MyCrossAccountAccessProfile"
)

// The AWS config file of scenario 2.
const (
	InstanceConfigFile = `[profile ` + InstanceProfile + `]
role_arn = ` + RepoAccessRole + `
credential_source = Ec2InstanceMetadata
region = ` + Region + `
`
	InstanceProfile = "cross-account-role"
)

const contributorPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "codecommit:BatchGet*", "codecommit:Create*", "codecommit:DeleteBranch", "codecommit:Get*",
        "codecommit:List*", "codecommit:Describe*", "codecommit:Put*", "codecommit:Post*",
        "codecommit:Merge*", "codecommit:Test*", "codecommit:Update*",
        "codecommit:GitPull", "codecommit:GitPush"
      ],
      "Resource": [%s]
    },
    {"Effect": "Allow", "Action": "codecommit:ListRepositories", "Resource": "*"}
  ]
}`

// connectionPolicy allows every use of a connection, and readOnlyConnectionPolicy
// only reading.
const (
	connectionPolicy = `{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "codeconnections:UseConnection", "Resource": %q}]
}`
	readOnlyConnectionPolicy = `{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "codeconnections:UseConnection",
    "Resource": %q,
    "Condition": {"StringEquals": {"codeconnections:ProviderPermissionsRequired": "read_only"}}
  }]
}`
)

const readOnlyPolicy = `{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["codecommit:BatchGet*", "codecommit:Get*", "codecommit:List*", "codecommit:Describe*", "codecommit:GitPull"],
    "Resource": "*"
  }]
}`

// trusting returns a trust policy with one principal and, unless it is empty, a
// condition.
func trusting(principal, action, condition string) string {
	if condition != "" {
		condition = `, "Condition": ` + condition
	}
	return fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": %s, "Action": %q%s}]}`, principal, action, condition)
}

// allowing returns a policy with one statement.
func allowing(action, resources string) string {
	return fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": %q, "Resource": [%s]}]}`, action, resources)
}

// Scenarios is a cloud with the accounts, users, roles and repositories of the
// cross-account scenarios.
type Scenarios struct {
	*Cloud
	Shared   Repository // SharedDemoRepo in account A
	MyShared Repository // MySharedDemoRepo in account A
	Empty    Repository // EmptyDemoRepo in account A
	Namesake Repository // SharedDemoRepo in account B, with different contents

	Connected Repository // ConnectedRepo, through account A's connection
}

// StartScenarios starts the cloud of the scenarios. Its metadata service belongs to
// an instance in account B; its container endpoint requires ContainerToken.
func StartScenarios(config Config) (*Scenarios, error) {
	c, err := Start(config)
	if err != nil {
		return nil, err
	}
	s := &Scenarios{Cloud: c}
	if err := s.fill(); err != nil {
		c.Close()
		return nil, err
	}
	return s, nil
}

func (s *Scenarios) fill() error {
	for _, r := range []struct {
		at            *Repository
		account, name string
		readme        string
	}{
		{&s.Shared, AccountA, SharedDemoRepo, "The shared repository of account A.\n"},
		{&s.MyShared, AccountA, MySharedDemoRepo, "My shared repository of account A.\n"},
		{&s.Empty, AccountA, EmptyRepo, ""},
		{&s.Namesake, AccountB, SharedDemoRepo, "Not the shared repository: account B has one of the same name.\n"},
	} {
		made, err := s.CreateRepository(r.account, Region, r.name)
		if err != nil {
			return err
		}
		*r.at = made
		if r.readme == "" {
			continue
		}
		if err := s.Commit(made, map[string]string{"README.md": r.readme}); err != nil {
			return err
		}
	}
	connected, err := s.CreateConnectedRepository(AccountA, Region, ConnectionID, ConnectedRepo)
	if err != nil {
		return err
	}
	s.Connected = connected
	if err := s.Commit(connected, map[string]string{"README.md": "A repository of another company's git service.\n"}); err != nil {
		return err
	}
	shared := fmt.Sprintf("%q, %q, %q, %q", s.Shared.ARN, s.MyShared.ARN, s.Empty.ARN, strings.TrimSuffix(s.Empty.ARN, EmptyRepo)+DeletedRepo)
	const accountB = `{"AWS": "arn:aws:iam::888888888888:root"}`
	contributors := fmt.Sprintf("%q, %q, %q", ContributorRole, MFARole, TeamRole)

	for _, r := range []Role{
		{
			ARN: ContributorRole, Trust: trusting(accountB, "sts:AssumeRole", ""), MaxSession: 4 * time.Hour,
			Policies: []string{fmt.Sprintf(contributorPolicy, shared), fmt.Sprintf(connectionPolicy, connected.ARN)},
		},
		{ARN: RepoAccessRole, Trust: trusting(fmt.Sprintf(`{"AWS": [%q, %q]}`, InstanceRole, ContainerRole), "sts:AssumeRole", ""), Policies: []string{fmt.Sprintf(contributorPolicy, fmt.Sprintf("%q", s.Shared.ARN))}},
		{ARN: AuditorRole, Trust: trusting(`{"AWS": "arn:aws:iam::444455556666:root"}`, "sts:AssumeRole", `{"StringEquals": {"sts:ExternalId": "`+AuditorExternalID+`"}}`), Policies: []string{readOnlyPolicy, fmt.Sprintf(readOnlyConnectionPolicy, connected.ARN)}},
		{ARN: MFARole, Trust: trusting(accountB, "sts:AssumeRole", `{"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}`), Policies: []string{fmt.Sprintf(contributorPolicy, shared)}},
		{ARN: TeamRole, Trust: trusting(fmt.Sprintf(`{"AWS": %q}`, DeveloperARN), "sts:AssumeRole", ""), Policies: []string{allowing("sts:AssumeRole", fmt.Sprintf("%q", ChainedRole))}},
		{ARN: ChainedRole, Trust: trusting(fmt.Sprintf(`{"AWS": %q}`, TeamRole), "sts:AssumeRole", ""), Policies: []string{fmt.Sprintf(contributorPolicy, shared)}, MaxSession: 4 * time.Hour},
		{ARN: InstanceRole, Trust: trusting(`{"Service": "ec2.amazonaws.com"}`, "sts:AssumeRole", ""), Policies: []string{allowing("sts:AssumeRole", fmt.Sprintf("%q", RepoAccessRole))}},
		{ARN: ContainerRole, Trust: trusting(`{"Service": ["ecs-tasks.amazonaws.com", "pods.eks.amazonaws.com"]}`, "sts:AssumeRole", ""), Policies: []string{allowing("sts:AssumeRole", fmt.Sprintf("%q", RepoAccessRole))}},
		{
			ARN: GitHubRole, Trust: trusting(`{"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}`, "sts:AssumeRoleWithWebIdentity",
				`{"StringEquals": {"token.actions.githubusercontent.com:aud": "`+GitHubAudience+`"}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/app:*"}}`),
			Policies: []string{fmt.Sprintf(contributorPolicy, shared)},
		},
	} {
		if err := s.AddRole(r); err != nil {
			return err
		}
	}
	for _, u := range []User{
		{
			ARN:        DeveloperARN,
			AccessKeys: []AccessKey{{DeveloperAccessKeyID, DeveloperSecretKey}},
			MFADevices: []MFADevice{{DeveloperMFASerial, []string{DeveloperMFACode, DeveloperNextMFACode}}},
			Policies:   []string{allowing("sts:AssumeRole", contributors)},
		},
		{
			ARN:        MaintainerARN,
			AccessKeys: []AccessKey{{MaintainerAccessKeyID, MaintainerSecretKey}},
			Policies:   []string{allowing("codecommit:*", fmt.Sprintf("%q", s.Namesake.ARN))},
		},
		{
			ARN:        AuditorARN,
			AccessKeys: []AccessKey{{AuditorAccessKeyID, AuditorSecretKey}},
			Policies:   []string{allowing("sts:AssumeRole", fmt.Sprintf("%q", AuditorRole))},
		},
	} {
		if err := s.AddUser(u); err != nil {
			return err
		}
	}
	if err := s.addAdministrators(); err != nil {
		return err
	}
	if err := s.AddIdentityProvider(IdentityProvider{Account: AccountA, Issuer: GitHubIssuer, Audiences: []string{GitHubAudience}}); err != nil {
		return err
	}
	s.SetInstance(&Instance{Role: InstanceRole, Region: Region})
	s.SetContainer(&ContainerTask{Role: ContainerRole, Path: ContainerPath, Authorization: ContainerToken})
	return s.SetPortal(SSOStartURL, Region,
		Assignment{Account: AccountB, RoleName: SSODeveloperRole, Policies: []string{allowing("sts:AssumeRole", fmt.Sprintf("%q", ContributorRole))}},
		Assignment{Account: AccountA, RoleName: SSOContributorRole, Policies: []string{fmt.Sprintf(contributorPolicy, shared)}},
	)
}
