package doctor

import (
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/session"
)

// fixPermission is what gives the identity that signs its permission on the
// repository.
func (x *examination) fixPermission(action string) (run, notes []string) {
	last := "or the name or the region in the URL is wrong: a policy that names single repositories allows no other"
	if action == push {
		last = "or no push is meant: then run doctor --read-only"
	}
	n := len(x.chain.Roles)
	if x.endpoint.Connections {
		if n > 0 {
			role := x.chain.Roles[n-1]
			run = []string{x.policy(role, x.caller(role), "repository-account")}
		}
		return run, x.connectionNotes(action)
	}
	if n == 0 {
		return []string{x.chooseProfile(x.repository.Name), attach(x.result.ARN, x.repositoryARN())}, []string{
			fmt.Sprintf("the repository is another account's than %s: choose a profile or a role of that one, NAME in the first command", x.account()),
			fmt.Sprintf("or it is of account %s: then a policy of the identity must allow %s on it, and an administrator can attach one with the second command", x.account(), action),
			last,
		}
	}
	notes = []string{
		"it prints, for an administrator of account " + x.account() + ", the access policy that the role needs: it must allow " + action + " on the repository",
		fmt.Sprintf("or the repository is another account's than %s: then choose a role of that one", x.account()),
		last,
	}
	role := x.chain.Roles[n-1]
	return []string{x.policy(role, x.caller(role), "repository-account")}, notes
}

// connectionNotes explains which permission on the connection the identity that
// signs needs.
func (x *examination) connectionNotes(action string) []string {
	notes := []string{
		"the connection belongs to account " + x.repository.Account + ": a policy of the identity must allow " + useConnection + " on it",
		"codestar-connections:UseConnection is needed instead if the connection's ARN has that form",
	}
	if account := x.result.AccountID; account != "" && account != x.repository.Account {
		notes = append(notes, "the credentials belong to account "+account+": choose a profile or a role of account "+x.repository.Account)
	}
	if action == push {
		notes = append(notes,
			"a policy with the condition codeconnections:ProviderPermissionsRequired = read_only does not allow pushing",
			"if you only need to fetch, run doctor --read-only")
	}
	return notes
}

// fixRole is what lets a caller assume a role. Across accounts it takes both
// halves, and AWS does not say which one is missing.
func (x *examination) fixRole(h session.Hop) (run, notes []string) {
	caller := x.caller(*h.Role)
	run = []string{x.policy(*h.Role, caller, "repository-account"), x.policy(*h.Role, caller, "user-account")}
	notes = []string{
		"both halves are needed, and AWS does not say which one is missing: in account " + arn.Parts(h.Role.ARN).AccountID + " the role's trust policy must name the caller (the first command prints it), and in account " + caller.account + " a policy of the caller's must allow sts:AssumeRole on the role (the second one)",
	}
	if caller.ofIdentityCenter() {
		notes = append(notes, "the caller's role is IAM Identity Center's: that policy goes into its permission set")
	}
	if h.Role.ExternalID == "" {
		notes = append(notes, "if the trust policy asks for an external id, set external_id in the profile")
	} else {
		notes = append(notes, "compare the external id with the one that the trust policy asks for: no other will do")
	}
	if h.Role.MFASerial == "" {
		notes = append(notes, "if the trust policy asks for MFA, set mfa_serial in the profile")
	}
	return run, notes
}

// A caller is who assumes a role.
type caller struct {
	account string
	// role is the caller's name if it is a role itself, with its path where that
	// is known: AWS leaves it out of a session's ARN.
	role string
}

// caller is who assumes a role of the chain: the identity before it.
func (x *examination) caller(role awsprofile.Role) caller {
	i := slices.IndexFunc(x.hops, func(h session.Hop) bool { return h.Role != nil && *h.Role == role })
	if i < 1 || x.hops[i-1].AccountID == "" {
		return caller{account: "ACCOUNT"}
	}
	before := x.hops[i-1]
	c := caller{account: before.AccountID}
	web, _ := x.chain.Source.(awsprofile.WebIdentity)
	if name, ok := strings.CutPrefix(arn.Parts(before.ARN).Resource, "assumed-role/"); ok {
		c.role, _, _ = strings.Cut(name, "/")
	}
	switch {
	case before.Role != nil:
		c.role = roleIn(before.Role.ARN)
	case web.RoleARN != "":
		c.role = roleIn(web.RoleARN)
	}
	return c
}

// ofIdentityCenter says whether the caller's role is one that IAM Identity
// Center makes for a permission set, and replaces at will:
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html.
func (c caller) ofIdentityCenter() bool { return strings.HasPrefix(c.role, "AWSReservedSSO_") }

// roleIn is the name of a role, with its path, in its ARN.
func roleIn(role string) string { return strings.TrimPrefix(arn.Parts(role).Resource, "role/") }

// policy is the command that prints one half of what a role needs. It asks of
// callers no less than the role is known to ask of them.
func (x *examination) policy(role awsprofile.Role, caller caller, half string) string {
	words := []string{x.Command, "policy", x.ownedARN(role.ARN), "--role", roleIn(role.ARN), "--trust-account", caller.account}
	if caller.role != "" && !caller.ofIdentityCenter() {
		words = append(words, "--trust-role", caller.role)
	}
	if role.ExternalID != "" {
		words = append(words, "--external-id", role.ExternalID)
	}
	if role.MFASerial != "" {
		words = append(words, "--require-mfa")
	}
	if x.ReadOnly {
		words = append(words, "--read-only")
	}
	words = append(words, "--only", half)
	for i := 1; i < len(words); i++ {
		words[i] = x.Word(words[i])
	}
	return strings.Join(words, " ")
}

// ownedARN is the repository's in the role's account.
func (x *examination) ownedARN(role string) string {
	repository := arn.Parts(x.repositoryARN())
	if !x.endpoint.Connections { // its URL names the account
		repository.AccountID = arn.Parts(role).AccountID
	}
	return repository.String()
}

// attach is the command that gives an identity of its own account AWS's managed
// policy for contributors.
func attach(identity, repository string) string {
	policy := "arn:" + arn.Parts(repository).Partition + ":iam::aws:policy/AWSCodeCommitPowerUser"
	kind, name, _ := strings.Cut(arn.Parts(identity).Resource, "/")
	switch kind {
	case "user":
		return "aws iam attach-user-policy --user-name " + name[strings.LastIndex(name, "/")+1:] + " --policy-arn " + policy
	case "assumed-role":
		name, _, _ = strings.Cut(name, "/")
		return "aws iam attach-role-policy --role-name " + name + " --policy-arn " + policy
	}
	return "aws sts get-caller-identity"
}
