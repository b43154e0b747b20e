package iampolicy

import (
	"encoding/json"
	"strconv"
	"strings"

	"git-credential-codecommit/internal/shell"
)

// Commands returns one part, or everything, as a POSIX shell script that calls the
// AWS CLI. Each account's commands run only with that account's credentials, so
// that both administrators can run the same script. It exits with 1 if a call
// failed, or if it did nothing.
func (a Access) Commands(part Part) []byte {
	if part == ForUser {
		return a.User()
	}
	parts := []Part{part}
	if part == ForAll {
		parts = a.Accounts()
	}
	var b strings.Builder
	b.WriteString(scriptStart)
	for _, p := range parts {
		b.WriteString("\n" + a.heading(p) + guarded(a.Account(p), a.commands(p)))
		if p == ForUserAccount {
			b.WriteString(comment(a.UserAccount.next()))
		}
	}
	b.WriteString(scriptEnd)
	if part == ForAll {
		// The user's command must not run on the administrators' machines.
		b.WriteString("\n" + comment(a.Client.notes()+a.Client.Setup+"\n"))
	}
	return []byte(b.String())
}

// The script runs in a subshell, so that exit does not close a terminal into which
// it was pasted, and nothing runs before all of it has been read. On Windows, the
// AWS CLI ends lines with CR LF.
const scriptStart = `# Requires the AWS CLI, with credentials of the account that a part is for.
(
account=$(aws sts get-caller-identity --query Account --output text) || {
  echo 'error: aws sts get-caller-identity failed: nothing was changed' >&2
  exit 1
}
account=$(printf %s "$account" | tr -d '\r')
ran='' failed=''

# try runs a command. It accepts what exists already, and records other failures.
try() {
  if output=$("$@" 2>&1); then
    if [ -n "$output" ]; then printf '%s\n' "$output"; fi
    return 0
  fi
  case $output in
  (*EntityAlreadyExists*)
    echo "$1 $2 $3 $4 $5: exists already, unchanged" >&2
    return 0 ;;
  (*LimitExceeded*)
    # The instance profile has a role: is it this one?
    if [ "$3" = add-role-to-instance-profile ] &&
      [ "$(aws iam get-instance-profile "$4" "$5" --query 'InstanceProfile.Roles[].RoleName' --output text | tr -d '\r')" = "$7" ]; then
      echo "$1 $2 $3 $4 $5: has the role already, unchanged" >&2
      return 0
    fi ;;
  esac
  printf '%s\n' "$output" >&2
  failed="$failed
  $1 $2 $3 $4 $5"
}
`

const scriptEnd = `
if [ -n "$failed" ]; then
  echo "error: these calls failed:$failed" >&2
  exit 1
elif [ -z "$ran" ]; then
  echo "error: nothing was changed: the credentials belong to account $account" >&2
  exit 1
fi
)
`

// guarded returns commands that run only with the credentials of one account.
func guarded(account string, commands []string) string {
	return `if [ "$account" = ` + account + " ]; then\nran=yes\n" +
		strings.Join(commands, "\n") +
		"\nelse\necho 'these are not credentials of account " + account + ": its part is left out' >&2\nfi\n"
}

func (a Access) commands(part Part) []string {
	if part == ForUserAccount {
		return a.UserAccount.commands()
	}
	return a.RepositoryAccount.commands()
}

func (u UserAccount) commands() []string {
	kind, name := string(u.Holder.Kind), u.Holder.Name
	policy := try("put-"+kind+"-policy",
		"--"+kind+"-name", name,
		"--policy-name", u.policyName,
		"--policy-document", u.AssumeRolePolicy.indented())
	if u.Holder.Kind == group {
		return []string{try("create-group", "--group-name", name), policy}
	}
	trust := u.newRole()
	if trust == nil {
		return []string{policy}
	}
	commands := append(u.IdentityProvider.commands(),
		try("create-role",
			"--role-name", name,
			"--path", u.Holder.Path,
			"--assume-role-policy-document", trust.indented()),
		policy)
	if u.InstanceProfile != "" {
		commands = append(commands,
			try("create-instance-profile", "--instance-profile-name", u.InstanceProfile),
			try("add-role-to-instance-profile", "--instance-profile-name", u.InstanceProfile, "--role-name", name))
	}
	return commands
}

// next returns what remains to be done for each user or instance.
func (u UserAccount) next() string {
	switch {
	case u.InstanceProfile != "":
		return "For each instance: " + shellLine("aws", "ec2", "associate-iam-instance-profile", "--instance-id", "ID", "--iam-instance-profile", "Name="+u.InstanceProfile) + "\n"
	case u.Holder.Kind == group:
		return "For each user: " + shellLine("aws", "iam", "add-user-to-group", "--group-name", u.Holder.Name, "--user-name", "NAME") + "\n"
	}
	return ""
}

func (r RepositoryAccount) commands() []string {
	return append(r.IdentityProvider.commands(),
		try("create-role",
			"--role-name", r.Role.Name,
			"--path", r.Role.Path,
			"--max-session-duration", strconv.Itoa(r.MaxSessionDuration),
			"--assume-role-policy-document", r.TrustPolicy.indented()),
		try("put-role-policy",
			"--role-name", r.Role.Name,
			"--policy-name", accessPolicyName,
			"--policy-document", r.AccessPolicy.indented()))
}

// accessPolicyName is the name of the role's inline policy.
const accessPolicyName = "CodeCommitAccess"

// commands creates the provider. An account has one provider per URL, so the second
// command adds the audience to an existing one; it does nothing if the audience is
// already there:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html.
// The audience is written as JSON, because version 1 of the AWS CLI replaces a
// plain https URL with the page at that URL:
// https://docs.aws.amazon.com/cli/v1/userguide/cli-usage-parameters-file.html.
func (i *IdentityProvider) commands() []string {
	if i == nil {
		return nil
	}
	return []string{
		try("create-open-id-connect-provider", "--url", i.URL, "--client-id-list", string(mustJSON(json.Marshal([]string{i.Audience})))),
		try("add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn", i.ARN,
			"--cli-input-json", string(mustJSON(json.Marshal(map[string]string{"ClientID": i.Audience})))),
	}
}

// try returns a call with one option and its value per line.
func try(action string, options ...string) string {
	var b strings.Builder
	b.WriteString("try aws iam " + action)
	for i := 0; i < len(options); i += 2 {
		b.WriteString(" \\\n  " + options[i] + " " + shell.Word(options[i+1]))
	}
	return b.String()
}
