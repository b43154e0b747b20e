package iampolicy

import (
	"encoding/json"
	"fmt"
)

// Access is all that it takes to reach the repositories from the other
// account. The users' account comes first since IAM refuses a trust policy that
// names a role or a user which is not there yet, while a policy may allow
// assuming a role that is still to come.
type Access struct {
	UserAccount       UserAccount       `json:"userAccount"`
	RepositoryAccount RepositoryAccount `json:"repositoryAccount"`
	Client            Client            `json:"user"`
}

// UserAccount is the half of the account that the users are in.
type UserAccount struct {
	Account string `json:"account"`
	// Holder gets AssumeRolePolicy: a group made for it when the whole account
	// is trusted, else the role or the user that is.
	Holder Entity `json:"policyHolder"`
	// InstanceProfile and InstanceTrustPolicy are empty unless the holder is a
	// role to be made for EC2 instances. The instance profile is called as the
	// role, as it is when the console makes it.
	InstanceProfile     string    `json:"instanceProfile,omitempty"`
	InstanceTrustPolicy *Document `json:"instanceTrustPolicy,omitempty"`
	AssumeRolePolicy    Document  `json:"assumeRolePolicy"`

	// policyName tells apart the policies for several roles on one holder.
	policyName string
}

// RepositoryAccount is the half of the account that owns the repositories.
type RepositoryAccount struct {
	Account            string   `json:"account"`
	Role               Entity   `json:"role"`
	MaxSessionDuration int      `json:"maxSessionDuration"` // seconds
	TrustPolicy        Document `json:"trustPolicy"`
	AccessPolicy       Document `json:"accessPolicy"`
}

// New makes everything that the purpose needs. The error says what in the
// purpose cannot be.
func New(p Purpose) (Access, error) {
	p, err := p.normal()
	if err != nil {
		return Access{}, err
	}
	a := Access{
		UserAccount: UserAccount{
			Account:          p.Trusted.Account,
			Holder:           p.holder(),
			AssumeRolePolicy: p.assumeRolePolicy(),
			policyName:       "Assume-" + p.Role.Account + "-" + p.Role.Name,
		},
		RepositoryAccount: RepositoryAccount{
			Account:            p.Role.Account,
			Role:               p.Role,
			MaxSessionDuration: int(p.MaxSession.Seconds()),
			TrustPolicy:        p.trustPolicy(),
			AccessPolicy:       p.accessPolicy(),
		},
		Client: p.client(),
	}
	if p.Instance {
		trust := instanceTrustPolicy(p.Trusted.Partition)
		a.UserAccount.InstanceProfile, a.UserAccount.InstanceTrustPolicy = p.Trusted.Name, &trust
	}
	if size := a.RepositoryAccount.AccessPolicy.size(); size > maxRolePolicies {
		return Access{}, fmt.Errorf("the access policy for %d repositories has %d characters, and IAM takes %d: give them roles of their own", len(p.Repositories), size, maxRolePolicies)
	}
	return a, nil
}

// maxRolePolicies is the quota on a role's inline policies, in characters. The
// other documents cannot reach theirs. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const maxRolePolicies = 10240

// holder is who gets the right to assume the role. For a whole account that is a
// group, called as the role, as in
// https://docs.aws.amazon.com/codecommit/latest/userguide/cross-account-administrator-b.html.
func (p Purpose) holder() Entity {
	if p.Trusted.Kind != Root {
		return p.Trusted
	}
	return Entity{Partition: p.Trusted.Partition, Account: p.Trusted.Account, Kind: group, Path: "/", Name: p.Role.Name}
}

// accessPolicy is what the role may do.
func (p Purpose) accessPolicy() Document {
	var arns []string
	for _, r := range p.Repositories {
		arns = append(arns, r.String())
	}
	statements := []Statement{{Action: p.repositoryActions(), Resource: arns}}
	if p.usesConsole() {
		statements = append(statements, Statement{Action: []string{listRepositories}, Resource: []string{"*"}})
	}
	return allow(statements...)
}

const assumeRole = "sts:AssumeRole"

// trustPolicy is who may assume the role. On external ids see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html,
// on MFA
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html:
// the key is absent where no MFA was used, and Bool then does not match.
func (p Purpose) trustPolicy() Document {
	s := Statement{Principal: &Principal{AWS: p.Trusted.String()}, Action: []string{assumeRole}}
	if p.ExternalID != "" || p.RequireMFA {
		s.Condition = Condition{}
	}
	if p.ExternalID != "" {
		s.Condition["StringEquals"] = map[string]string{"sts:ExternalId": p.ExternalID}
	}
	if p.RequireMFA {
		s.Condition["Bool"] = map[string]string{"aws:MultiFactorAuthPresent": "true"}
	}
	return allow(s)
}

// assumeRolePolicy lets its holder assume the role, and no other.
func (p Purpose) assumeRolePolicy() Document {
	return allow(Statement{Action: []string{assumeRole}, Resource: []string{p.Role.String()}})
}

// instanceTrustPolicy lets EC2 hand the role's credentials to instances:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html.
// The service has the same name in every partition except in China, where IAM
// has refused that name ("Invalid principal in policy") and the console writes
// another one: https://github.com/aws/aws-cdk/pull/24709.
func instanceTrustPolicy(partition string) Document {
	service := "ec2.amazonaws.com"
	if partition == "aws-cn" {
		service = "ec2.amazonaws.com.cn"
	}
	return allow(Statement{Principal: &Principal{Service: service}, Action: []string{assumeRole}})
}

// JSON writes one part, or all of it, as one document.
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
	return append(mustJSON(json.MarshalIndent(v, "", "  ")), '\n')
}
