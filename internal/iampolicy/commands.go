package iampolicy

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Commands writes one part, or all of it, as aws commands for a POSIX shell.
// Each account's commands run only with that account's credentials, so that
// both administrators can be given the same script.
func (a Access) Commands(part Part) []byte {
	users := a.usersHeading() + guarded(a.UserAccount.Account, a.UserAccount.commands()) + comment(a.UserAccount.next())
	repository := a.repositoryHeading() + guarded(a.RepositoryAccount.Account, a.RepositoryAccount.commands())
	return a.assemble(part, users, "\n", repository)
}

// guarded writes commands that run with the credentials of one account alone.
func guarded(account string, commands []string) string {
	return `if [ "$(aws sts get-caller-identity --query Account --output text)" = ` + account + " ]; then\n" +
		strings.Join(commands, "\n") +
		"\nelse\necho 'these are not credentials of account " + account + ": its part is left out' >&2\nfi\n"
}

func (u UserAccount) commands() []string {
	kind, name := string(u.Holder.Kind), u.Holder.Name
	policy := awsIAM("put-"+kind+"-policy",
		"--"+kind+"-name", name,
		"--policy-name", u.policyName,
		"--policy-document", indented(u.AssumeRolePolicy))
	switch {
	case u.InstanceTrustPolicy != nil:
		return []string{
			awsIAM("create-role",
				"--role-name", name,
				"--path", u.Holder.Path,
				"--assume-role-policy-document", indented(*u.InstanceTrustPolicy)),
			policy,
			awsIAM("create-instance-profile", "--instance-profile-name", u.InstanceProfile),
			awsIAM("add-role-to-instance-profile", "--instance-profile-name", u.InstanceProfile, "--role-name", name),
		}
	case u.Holder.Kind == group:
		return []string{awsIAM("create-group", "--group-name", name), policy}
	}
	return []string{policy}
}

// next is what is left to do for each user or instance.
func (u UserAccount) next() string {
	switch {
	case u.InstanceTrustPolicy != nil:
		return "For each instance: " + shellLine("aws", "ec2", "associate-iam-instance-profile", "--instance-id", "ID", "--iam-instance-profile", "Name="+u.InstanceProfile) + "\n"
	case u.Holder.Kind == group:
		return "For each user: " + shellLine("aws", "iam", "add-user-to-group", "--group-name", u.Holder.Name, "--user-name", "NAME") + "\n"
	}
	return ""
}

func (r RepositoryAccount) commands() []string {
	return []string{
		awsIAM("create-role",
			"--role-name", r.Role.Name,
			"--path", r.Role.Path,
			"--max-session-duration", strconv.Itoa(r.MaxSessionDuration),
			"--assume-role-policy-document", indented(r.TrustPolicy)),
		awsIAM("put-role-policy",
			"--role-name", r.Role.Name,
			"--policy-name", accessPolicyName,
			"--policy-document", indented(r.AccessPolicy)),
	}
}

// accessPolicyName is what the policy is called inside the role.
const accessPolicyName = "CodeCommitAccess"

// awsIAM writes a command with one option, and its value, a line.
func awsIAM(action string, options ...string) string {
	var b strings.Builder
	b.WriteString("aws iam " + action)
	for i := 0; i < len(options); i += 2 {
		b.WriteString(" \\\n  " + options[i] + " " + quote(options[i+1]))
	}
	return b.String()
}

func indented(d Document) string { return string(mustJSON(json.MarshalIndent(d, "", "  "))) }
