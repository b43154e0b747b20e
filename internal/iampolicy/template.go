package iampolicy

import "encoding/json"

// A template is a CloudFormation template. It is written as JSON, which is also
// valid YAML, so that comments can precede it.
type template struct {
	AWSTemplateFormatVersion string
	Description              string
	Parameters               map[string]any `json:",omitempty"`
	Conditions               map[string]any `json:",omitempty"`
	Resources                map[string]resource
	Outputs                  map[string]output `json:",omitempty"`
}

type resource struct {
	Type       string
	Condition  string `json:",omitempty"`
	Properties map[string]any
}

type output struct {
	Description string
	Value       any
}

// templateVersion is the only version of the format:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/format-version-structure.html.
const templateVersion = "2010-09-09"

// Template returns the part of one account as a CloudFormation template, or the
// user's part.
func (a Access) Template(part Part) []byte {
	switch part {
	case ForUserAccount:
		return []byte(a.heading(part) + deployable(part, a.UserAccount.template()) + comment(a.UserAccount.next()))
	case ForRepositoryAccount:
		return []byte(a.heading(part) + deployable(part, a.RepositoryAccount.template()))
	}
	return a.User()
}

// deployable returns a template after a comment with the command that deploys it.
// Named IAM resources require the capability:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html.
func deployable(part Part, t template) string {
	text := "aws cloudformation deploy --stack-name NAME --template-file " + string(part) + ".yaml --capabilities CAPABILITY_NAMED_IAM\n"
	for parameter, what := range map[string]string{createGroup: "the group", createProvider: "the identity provider"} {
		if t.Parameters[parameter] != nil {
			text += "If " + what + " exists already, add: --parameter-overrides " + parameter + "=false\n"
		}
	}
	return comment(text) + string(mustJSON(json.MarshalIndent(t, "", "  "))) + "\n"
}

// Parameters. The conditions that they control have the same names.
const (
	createGroup    = "CreateGroup"
	createProvider = "CreateProvider"
)

// optional makes a resource depend on a parameter whose default is true.
func (t *template) optional(parameter, description, id string, r resource) {
	t.Parameters = map[string]any{parameter: map[string]any{
		"Type": "String", "Default": "true", "AllowedValues": []string{"true", "false"}, "Description": description,
	}}
	t.Conditions = map[string]any{parameter: map[string]any{"Fn::Equals": []any{ref(parameter), "true"}}}
	r.Condition = parameter
	t.Resources[id] = r
}

// unless returns value if the resource id is not created; otherwise the resource's
// Ref.
func unless(parameter, id, value string) map[string]any {
	return map[string]any{"Fn::If": []any{parameter, ref(id), value}}
}

// A federatedTrust is a trust policy that refers to the identity provider's
// resource, so that CloudFormation creates the provider before the role.
type federatedTrust struct {
	Version   string
	Statement []federatedStatement
}

type federatedStatement struct {
	Effect    string
	Principal map[string]any
	Action    []string
	Condition Condition
}

// trustOf returns the trust policy for the template, and adds the identity
// provider, if the policy has one, to the template.
func (t *template) trustOf(i *IdentityProvider, d Document) any {
	if i == nil {
		return d
	}
	t.optional(createProvider, "false if the account has the identity provider already", "Provider",
		resource{Type: "AWS::IAM::OIDCProvider", Properties: map[string]any{"Url": i.URL, "ClientIdList": []string{i.Audience}}})
	trust := federatedTrust{Version: d.Version}
	for _, s := range d.Statement {
		trust.Statement = append(trust.Statement, federatedStatement{
			s.Effect, map[string]any{"Federated": unless(createProvider, "Provider", s.Principal.Federated)}, s.Action, s.Condition,
		})
	}
	return trust
}

func (r RepositoryAccount) template() template {
	t := template{
		AWSTemplateFormatVersion: templateVersion,
		Description:              "Allows " + r.TrustPolicy.Statement[0].Principal.name() + " to use CodeCommit repositories",
		Resources:                map[string]resource{},
		Outputs:                  map[string]output{"RoleArn": {"The role that users assume", arnOf("Role")}},
	}
	t.Resources["Role"] = resource{Type: "AWS::IAM::Role", Properties: map[string]any{
		"RoleName":                 r.Role.Name,
		"Path":                     r.Role.Path,
		"MaxSessionDuration":       r.MaxSessionDuration,
		"AssumeRolePolicyDocument": t.trustOf(r.IdentityProvider, r.TrustPolicy),
		"Policies":                 inline(accessPolicyName, r.AccessPolicy),
	}}
	return t
}

// name returns the principal's value.
func (p Principal) name() string { return p.AWS + p.Service + p.Federated }

func (u UserAccount) template() template {
	t := template{
		AWSTemplateFormatVersion: templateVersion,
		Description:              "Allows " + string(u.Holder.Kind) + " " + u.Holder.Name + " to assume " + u.AssumeRolePolicy.Statement[0].Resource[0],
		Resources:                map[string]resource{},
	}
	trust := u.newRole()
	switch {
	case u.Holder.Kind == group:
		t.optional(createGroup, "false if the group exists already", "Group",
			resource{Type: "AWS::IAM::Group", Properties: map[string]any{"GroupName": u.Holder.Name}})
		t.Resources["Policy"] = u.policyOf("Group", unless(createGroup, "Group", u.Holder.Name))
	case u.Holder.Kind == User:
		t.Resources["Policy"] = u.policyOf("User", u.Holder.Name)
	case trust == nil:
		t.Resources["Policy"] = u.policyOf("Role", u.Holder.Name)
	default:
		id := "JobsRole"
		if u.InstanceProfile != "" {
			id = "InstanceRole"
			t.Resources["InstanceProfile"] = resource{Type: "AWS::IAM::InstanceProfile", Properties: map[string]any{
				"InstanceProfileName": u.InstanceProfile,
				"Roles":               []any{ref(id)},
			}}
			t.Outputs = map[string]output{"InstanceProfileArn": {"The profile to launch instances with", arnOf("InstanceProfile")}}
		}
		t.Resources[id] = resource{Type: "AWS::IAM::Role", Properties: map[string]any{
			"RoleName":                 u.Holder.Name,
			"Path":                     u.Holder.Path,
			"AssumeRolePolicyDocument": t.trustOf(u.IdentityProvider, *trust),
			"Policies":                 inline(u.policyName, u.AssumeRolePolicy),
		}}
		if t.Outputs == nil {
			t.Outputs = map[string]output{}
		}
		t.Outputs[id+"Arn"] = output{"The role that the repository's account trusts", arnOf(id)}
	}
	return t
}

// policyOf returns the policy of an identity. Name is the identity's name, or a
// reference to the identity's resource.
func (u UserAccount) policyOf(kind string, name any) resource {
	return resource{Type: "AWS::IAM::" + kind + "Policy", Properties: map[string]any{
		kind + "Name":    name,
		"PolicyName":     u.policyName,
		"PolicyDocument": u.AssumeRolePolicy,
	}}
}

// inline returns the inline policies of a role that has one.
func inline(name string, d Document) []any {
	return []any{map[string]any{"PolicyName": name, "PolicyDocument": d}}
}

func ref(id string) map[string]string     { return map[string]string{"Ref": id} }
func arnOf(id string) map[string][]string { return map[string][]string{"Fn::GetAtt": {id, "Arn"}} }
