package iampolicy

import "strconv"

// Terraform returns the part of one account as a Terraform configuration, or the
// user's part. The provider rejects credentials of another account. For the
// resources, see
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs.
func (a Access) Terraform(part Part) []byte {
	var blocks []block
	switch part {
	case ForUserAccount:
		blocks = a.UserAccount.blocks()
	case ForRepositoryAccount:
		blocks = a.RepositoryAccount.blocks()
	default:
		return a.User()
	}
	text := "terraform init && terraform apply\n"
	for _, b := range blocks {
		switch b.header {
		case `variable "create_group"`:
			text += "If the group exists already, add: -var create_group=false\n"
		case `variable "create_provider"`:
			text += "If the identity provider exists already, add: -var create_provider=false\n"
		}
	}
	out := a.heading(part) + comment(text)
	blocks = append([]block{
		{header: "terraform", inner: []block{{header: "required_providers", arguments: []argument{
			{"aws", "{\n" + indent(arguments([]argument{{"source", hclString("hashicorp/aws")}, {"version", hclString(a.providerVersion(part))}})) + "}"},
		}}}},
		{header: `provider "aws"`, arguments: []argument{
			{"region", hclString(a.Client.region)},
			{"allowed_account_ids", hclList(hclString(a.Account(part)))},
		}},
	}, blocks...)
	for _, b := range blocks {
		out += "\n" + b.String()
	}
	if part == ForUserAccount && a.UserAccount.next() != "" {
		out += "\n" + comment(a.UserAccount.next())
	}
	return []byte(out)
}

// providerVersion returns the oldest version of the AWS provider that accepts the
// configuration. thumbprint_list of an identity provider is optional since 5.82:
// https://github.com/hashicorp/terraform-provider-aws/issues/35112.
func (a Access) providerVersion(part Part) string {
	if part == ForUserAccount && a.UserAccount.IdentityProvider != nil || a.RepositoryAccount.IdentityProvider != nil {
		return ">= 6.0"
	}
	return ">= 5.0"
}

func (r RepositoryAccount) blocks() []block {
	return append(r.IdentityProvider.blocks(),
		block{header: `resource "aws_iam_role" "codecommit"`, arguments: r.IdentityProvider.dependency([]argument{
			{"name", hclString(r.Role.Name)},
			{"path", hclString(r.Role.Path)},
			{"max_session_duration", strconv.Itoa(r.MaxSessionDuration)},
			{"assume_role_policy", hclJSON(r.TrustPolicy)},
		})},
		block{header: `resource "aws_iam_role_policy" "codecommit"`, arguments: []argument{
			{"name", hclString(accessPolicyName)},
			{"role", "aws_iam_role.codecommit.name"},
			{"policy", hclJSON(r.AccessPolicy)},
		}},
		block{header: `output "role_arn"`, arguments: []argument{{"value", "aws_iam_role.codecommit.arn"}}})
}

func (u UserAccount) blocks() []block {
	policy := func(kind, holder string) block {
		return block{header: `resource "aws_iam_` + kind + `_policy" "assume_role"`, arguments: []argument{
			{"name", hclString(u.policyName)},
			{kind, holder},
			{"policy", hclJSON(u.AssumeRolePolicy)},
		}}
	}
	name := hclString(u.Holder.Name)
	trust := u.newRole()
	switch {
	case u.Holder.Kind == group:
		return []block{
			create("create_group", "false if the group exists already"),
			{header: `resource "aws_iam_group" "users"`, arguments: []argument{{"count", "var.create_group ? 1 : 0"}, {"name", name}}},
			policy("group", "var.create_group ? aws_iam_group.users[0].name : "+name),
		}
	case trust == nil:
		return []block{policy(string(u.Holder.Kind), name)}
	}
	blocks := append(u.IdentityProvider.blocks(),
		block{header: `resource "aws_iam_role" "users"`, arguments: u.IdentityProvider.dependency([]argument{
			{"name", name},
			{"path", hclString(u.Holder.Path)},
			{"assume_role_policy", hclJSON(*trust)},
		})},
		policy("role", "aws_iam_role.users.name"))
	if u.InstanceProfile != "" {
		blocks = append(blocks, block{header: `resource "aws_iam_instance_profile" "users"`, arguments: []argument{
			{"name", hclString(u.InstanceProfile)},
			{"role", "aws_iam_role.users.name"},
		}})
	}
	return append(blocks, block{header: `output "role_arn"`, arguments: []argument{{"value", "aws_iam_role.users.arn"}}})
}

// create returns a variable that controls the creation of a resource.
func create(name, description string) block {
	return block{header: `variable "` + name + `"`, arguments: []argument{
		{"type", "bool"},
		{"default", "true"},
		{"description", hclString(description)},
	}}
}

func (i *IdentityProvider) blocks() []block {
	if i == nil {
		return nil
	}
	return []block{
		create("create_provider", "false if the account has the identity provider already"),
		{header: `resource "aws_iam_openid_connect_provider" "jobs"`, arguments: []argument{
			{"count", "var.create_provider ? 1 : 0"},
			{"url", hclString(i.URL)},
			{"client_id_list", hclList(hclString(i.Audience))},
		}},
	}
}

// dependency makes a role depend on the identity provider in its trust policy.
func (i *IdentityProvider) dependency(list []argument) []argument {
	if i == nil {
		return list
	}
	return append(list, argument{"depends_on", "[aws_iam_openid_connect_provider.jobs]"})
}
