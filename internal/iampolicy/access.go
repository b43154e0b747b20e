package iampolicy

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Access contains everything that is required for access to the repositories. The
// users' account comes first: IAM rejects a trust policy that names a nonexistent
// role or user, but a policy may allow assuming a role that does not exist yet.
type Access struct {
	// UserAccount is nil if CI jobs assume the role directly.
	UserAccount       *UserAccount      `json:"userAccount,omitempty"`
	RepositoryAccount RepositoryAccount `json:"repositoryAccount"`
	Client            Client            `json:"user"`
}

// UserAccount is what the users' account needs.
type UserAccount struct {
	Account string `json:"account"`
	// Holder gets AssumeRolePolicy: a group if the whole account is trusted,
	// otherwise the trusted role or user.
	Holder Entity `json:"policyHolder"`
	// InstanceProfile and InstanceTrustPolicy are empty unless Holder is a role to
	// create for EC2 instances. Like in the console, the instance profile has the
	// role's name.
	InstanceProfile     string    `json:"instanceProfile,omitempty"`
	InstanceTrustPolicy *Document `json:"instanceTrustPolicy,omitempty"`
	// IdentityProvider and WebIdentityTrustPolicy are nil unless Holder is a role
	// to create for CI jobs.
	IdentityProvider       *IdentityProvider `json:"identityProvider,omitempty"`
	WebIdentityTrustPolicy *Document         `json:"webIdentityTrustPolicy,omitempty"`
	AssumeRolePolicy       Document          `json:"assumeRolePolicy"`

	// policyName distinguishes the policies for several roles of one holder.
	policyName string
}

// newRole returns the trust policy of Holder if it is a role to create; otherwise
// nil.
func (u UserAccount) newRole() *Document {
	if u.InstanceTrustPolicy != nil {
		return u.InstanceTrustPolicy
	}
	return u.WebIdentityTrustPolicy
}

// RepositoryAccount is what the repositories' account needs.
type RepositoryAccount struct {
	Account            string `json:"account"`
	Role               Entity `json:"role"`
	MaxSessionDuration int    `json:"maxSessionDuration"` // seconds
	// IdentityProvider is nil unless CI jobs assume the role directly.
	IdentityProvider *IdentityProvider `json:"identityProvider,omitempty"`
	TrustPolicy      Document          `json:"trustPolicy"`
	AccessPolicy     Document          `json:"accessPolicy"`
}

// New returns everything that the purpose requires. The error says what is wrong
// with the purpose.
func New(p Purpose) (Access, error) {
	p, err := p.normal()
	if err != nil {
		return Access{}, err
	}
	a := Access{
		RepositoryAccount: RepositoryAccount{
			Account:            p.Role.Account,
			Role:               p.Role,
			MaxSessionDuration: int(p.MaxSession.Seconds()),
			TrustPolicy:        p.trustPolicy(),
			AccessPolicy:       p.accessPolicy(),
		},
		Client: p.client(),
	}
	if p.direct() {
		a.RepositoryAccount.IdentityProvider = p.Jobs.provider(p.Role.Partition, p.Role.Account)
	} else {
		a.UserAccount = p.userAccount()
	}
	if size := a.RepositoryAccount.AccessPolicy.size(); size > maxRolePolicies {
		return Access{}, fmt.Errorf("the access policy for %d repositories has %d characters, more than the %d that IAM allows: create several roles", len(p.Repositories), size, maxRolePolicies)
	}
	for what, trust := range map[string]*Document{"the role " + p.Role.Name: &a.RepositoryAccount.TrustPolicy, "the CI jobs' role": a.webIdentityTrust()} {
		if trust == nil {
			continue
		}
		if size := trust.size(); size > maxTrustPolicy {
			return Access{}, fmt.Errorf("the trust policy of %s has %d characters, more than the %d that IAM allows", what, size, maxTrustPolicy)
		}
	}
	return a, nil
}

func (a Access) webIdentityTrust() *Document {
	if a.UserAccount == nil {
		return nil
	}
	return a.UserAccount.WebIdentityTrustPolicy
}

// Quotas in characters, without white space. The other documents cannot exceed
// theirs. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const (
	maxRolePolicies = 10240 // inline policies of one role
	maxTrustPolicy  = 2048  // per role; can be raised to 4096
)

// userAccount returns what the users' account needs.
func (p Purpose) userAccount() *UserAccount {
	u := &UserAccount{
		Account:          p.Trusted.Account,
		Holder:           p.holder(),
		AssumeRolePolicy: p.assumeRolePolicy(),
		policyName:       "Assume-" + p.Role.Account + "-" + p.Role.Name,
	}
	if p.Instance {
		trust := instanceTrustPolicy(p.Trusted.Partition)
		u.InstanceProfile, u.InstanceTrustPolicy = p.Trusted.Name, &trust
	}
	if p.Jobs != nil {
		trust := p.Jobs.trustPolicy(p.Trusted.Partition, p.Trusted.Account, nil)
		u.IdentityProvider, u.WebIdentityTrustPolicy = p.Jobs.provider(p.Trusted.Partition, p.Trusted.Account), &trust
	}
	return u
}

// holder returns the identity that may assume the role. For a whole account it is a
// group, as in
// https://docs.aws.amazon.com/codecommit/latest/userguide/cross-account-administrator-b.html.
func (p Purpose) holder() Entity {
	if p.Trusted.Kind != Root {
		return p.Trusted
	}
	name := p.Group
	if name == "" {
		name = p.Role.Name
	}
	return Entity{Partition: p.Trusted.Partition, Account: p.Trusted.Account, Kind: group, Path: "/", Name: name}
}

// accessPolicy returns the policy of the role.
func (p Purpose) accessPolicy() Document {
	var repositories []string
	var connections []Repository
	for _, r := range p.Repositories {
		if r.Connection != "" {
			connections = append(connections, r)
		} else {
			repositories = append(repositories, r.String())
		}
	}
	var statements []Statement
	if repositories != nil {
		statements = append(statements, Statement{Action: p.repositoryActions(), Resource: repositories})
	}
	if p.usesConsole() {
		statements = append(statements, Statement{Action: []string{listRepositories}, Resource: []string{"*"}})
	}
	if connections != nil {
		statements = append(statements, p.connectionStatements(connections)...)
	}
	return allow(statements...)
}

// connectionStatements return the statements that allow git through connections.
// Which name of the service applies depends on the connection and on the caller, so
// both are allowed, for the ARNs with both names. One action covers reading and
// writing; a condition limits readers to the provider's read permissions:
// https://docs.aws.amazon.com/dtconsole/latest/userguide/security_iam_id-based-policy-examples-connections.html.
func (p Purpose) connectionStatements(connections []Repository) []Statement {
	var arns []string
	for _, c := range connections {
		for _, service := range connectionServices {
			arns = append(arns, c.connectionARN(service))
		}
	}
	var statements []Statement
	for _, service := range connectionServices {
		s := Statement{Action: []string{service + ":UseConnection"}, Resource: arns, Condition: Condition{}}
		if p.ReadOnly {
			s.Condition.require("StringEquals", service+":ProviderPermissionsRequired", "read_only")
		}
		statements = append(statements, s)
	}
	return statements
}

const assumeRole = "sts:AssumeRole"

// trustPolicy returns the policy that says who may assume the role.
func (p Purpose) trustPolicy() Document {
	if p.direct() {
		return p.Jobs.trustPolicy(p.Role.Partition, p.Role.Account, p.conditions())
	}
	return allow(Statement{
		Principal: &Principal{AWS: p.Trusted.String()},
		Action:    []string{assumeRole},
		Condition: p.conditions(),
	})
}

// conditions returns the conditions that the role's callers must satisfy. For
// external IDs, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html.
// For MFA, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html:
// without MFA the key is absent, and Bool does not match. For the others, which
// apply to the call that assumes the role but not to the session's calls, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
func (p Purpose) conditions() Condition {
	c := Condition{}
	if p.ExternalID != "" {
		c.require("StringEquals", "sts:ExternalId", p.ExternalID)
	}
	if p.RequireMFA {
		c.require("Bool", "aws:MultiFactorAuthPresent", "true")
	}
	if len(p.SourceIPs) > 0 {
		var networks []string
		for _, network := range p.SourceIPs {
			networks = append(networks, network.String())
		}
		c.require("IpAddress", "aws:SourceIp", networks...)
	}
	if p.SourceVPC != "" {
		c.require("StringEquals", "aws:SourceVpc", p.SourceVPC)
	}
	for key, value := range p.PrincipalTags {
		c.require("StringEquals", "aws:PrincipalTag/"+key, value)
	}
	return c
}

// assumeRolePolicy returns the policy that allows assuming only this role.
func (p Purpose) assumeRolePolicy() Document {
	return allow(Statement{Action: []string{assumeRole}, Resource: []string{p.Role.String()}})
}

// instanceTrustPolicy returns the policy with which EC2 can give the role's
// credentials to instances:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html.
// The service has the same name in every partition except China, where IAM has
// rejected that name ("Invalid principal in policy") and the console writes another
// one: https://github.com/aws/aws-cdk/pull/24709.
func instanceTrustPolicy(partition string) Document {
	service := "ec2.amazonaws.com"
	if partition == "aws-cn" {
		service = "ec2.amazonaws.com.cn"
	}
	return allow(Statement{Principal: &Principal{Service: service}, Action: []string{assumeRole}})
}

// JSON returns one part, or everything, as one document.
func (a Access) JSON(part Part) []byte {
	var v any
	switch part {
	case ForUserAccount:
		v = a.UserAccount
	case ForRepositoryAccount:
		v = a.RepositoryAccount
	case ForUser:
		v = a.Client
	default:
		v = a
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // keep the & in the link
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return mustJSON(b.Bytes(), err)
}
