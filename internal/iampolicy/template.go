package iampolicy

import "encoding/json"

// A template is a CloudFormation template. It is written as JSON, which YAML
// takes in, so that comments can stand before it and "---" between two.
type template struct {
	AWSTemplateFormatVersion string
	Description              string
	Resources                map[string]resource
	Outputs                  map[string]output `json:",omitempty"`
}

type resource struct {
	Type       string
	Properties map[string]any
}

type output struct {
	Description string
	Value       any
}

// templateVersion is the only one there is:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/format-version-structure.html.
const templateVersion = "2010-09-09"

// Templates writes one part, or all of it, as CloudFormation templates: YAML, a
// document for each account.
func (a Access) Templates(part Part) []byte {
	users := a.usersHeading() + deployable("users.yaml", a.UserAccount.template()) + comment(a.UserAccount.next())
	repository := a.repositoryHeading() + deployable("repository.yaml", a.RepositoryAccount.template())
	return a.assemble(part, users, "---\n", repository)
}

// deployable writes a template, and before it the command that deploys it.
// Resources of IAM with names of their own ask for the capability:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html.
func deployable(file string, t template) string {
	return comment("aws cloudformation deploy --stack-name NAME --template-file "+file+" --capabilities CAPABILITY_NAMED_IAM\n") +
		string(mustJSON(json.MarshalIndent(t, "", "  "))) + "\n"
}

func (r RepositoryAccount) template() template {
	return template{
		AWSTemplateFormatVersion: templateVersion,
		Description:              "Lets " + r.TrustPolicy.Statement[0].Principal.AWS + " use CodeCommit repositories",
		Resources: map[string]resource{"Role": {"AWS::IAM::Role", map[string]any{
			"RoleName":                 r.Role.Name,
			"Path":                     r.Role.Path,
			"MaxSessionDuration":       r.MaxSessionDuration,
			"AssumeRolePolicyDocument": r.TrustPolicy,
			"Policies":                 inline(accessPolicyName, r.AccessPolicy),
		}}},
		Outputs: map[string]output{"RoleArn": {"What the users assume", arnOf("Role")}},
	}
}

func (u UserAccount) template() template {
	t := template{
		AWSTemplateFormatVersion: templateVersion,
		Description:              "Lets " + string(u.Holder.Kind) + " " + u.Holder.Name + " assume " + u.AssumeRolePolicy.Statement[0].Resource[0],
		Resources:                map[string]resource{},
	}
	policies := inline(u.policyName, u.AssumeRolePolicy)
	switch {
	case u.InstanceTrustPolicy != nil:
		t.Resources["InstanceRole"] = resource{"AWS::IAM::Role", map[string]any{
			"RoleName":                 u.Holder.Name,
			"Path":                     u.Holder.Path,
			"AssumeRolePolicyDocument": *u.InstanceTrustPolicy,
			"Policies":                 policies,
		}}
		t.Resources["InstanceProfile"] = resource{"AWS::IAM::InstanceProfile", map[string]any{
			"InstanceProfileName": u.InstanceProfile,
			"Roles":               []any{ref("InstanceRole")},
		}}
		t.Outputs = map[string]output{
			"InstanceProfileArn": {"What instances are launched with", arnOf("InstanceProfile")},
			"InstanceRoleArn":    {"What the role in the repository's account trusts", arnOf("InstanceRole")},
		}
	case u.Holder.Kind == group:
		t.Resources["Group"] = resource{"AWS::IAM::Group", map[string]any{
			"GroupName": u.Holder.Name,
			"Policies":  policies,
		}}
		t.Outputs = map[string]output{"GroupArn": {"The group whose members may assume the role", arnOf("Group")}}
	case u.Holder.Kind == User:
		t.Resources["Policy"] = u.policyOf("User")
	default:
		t.Resources["Policy"] = u.policyOf("Role")
	}
	return t
}

// policyOf is the policy of a user or a role that is there already.
func (u UserAccount) policyOf(kind string) resource {
	return resource{"AWS::IAM::" + kind + "Policy", map[string]any{
		kind + "Name":    u.Holder.Name,
		"PolicyName":     u.policyName,
		"PolicyDocument": u.AssumeRolePolicy,
	}}
}

// inline is the one policy inside a role or a group.
func inline(name string, d Document) []any {
	return []any{map[string]any{"PolicyName": name, "PolicyDocument": d}}
}

func ref(id string) map[string]string     { return map[string]string{"Ref": id} }
func arnOf(id string) map[string][]string { return map[string][]string{"Fn::GetAtt": {id, "Arn"}} }
