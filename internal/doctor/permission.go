package doctor

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session"
)

// fixPermission returns how to give the signing identity its permission on the
// repository, the likely causes first.
func (x *examination) fixPermission(action string) (run []Command, notes []string) {
	n := len(x.chain.Roles)
	if x.endpoint.Connections {
		if n > 0 {
			role := x.chain.Roles[n-1]
			run = []Command{x.policy(role, x.caller(role), "repository-account")}
		}
		return run, x.connectionNotes(action)
	}
	notes = []string{"check the repository name and the region in the URL first: a policy for specific repositories allows no others"}
	if action == push {
		notes = []string{"if you only need to fetch, run doctor --read-only"}
	}
	if n == 0 {
		return []Command{x.chooseProfile(x.repository.Name), x.grant()}, append(notes,
			fmt.Sprintf("if the repository is not in account %s, replace NAME in the first command with a profile of its account", x.account()),
			fmt.Sprintf("if it is in account %s, an administrator can allow %s on it with the second command", x.account(), action),
		)
	}
	role := x.chain.Roles[n-1]
	return []Command{x.policy(role, x.caller(role), "repository-account")}, append(notes,
		fmt.Sprintf("if the repository is not in account %s, choose a role of its account", x.account()),
		"the command prints the access policy that the role needs, for an administrator of account "+x.account()+": it must allow "+action+" on the repository",
	)
}

// connectionNotes explains the permission that the signing identity needs on the
// connection.
func (x *examination) connectionNotes(action string) []string {
	notes := []string{
		"the connection belongs to account " + x.repository.Account + ": a policy of the identity must allow " + useConnection + " on it",
		"if the connection's ARN begins with arn:aws:codestar-connections, it must allow codestar-connections:UseConnection instead",
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

// fixRole returns how to let a caller assume a role. If AWS names the kind of
// policy that denied it, only that one is returned. Otherwise the role may not
// exist at all, and across accounts both accounts must allow the call.
func (x *examination) fixRole(h session.Hop, denial awsclient.Denial) (run []Command, notes []string) {
	caller := x.caller(*h.Role)
	trusted := "in account " + arn.Parts(h.Role.ARN).AccountID + ", the role's trust policy must name the caller"
	allowed := "in account " + caller.account + ", a policy of the caller must allow sts:AssumeRole on the role"
	trust, allow := x.policy(*h.Role, caller, "repository-account"), x.policy(*h.Role, caller, "user-account")
	switch {
	case denial.Root, denial.Explicit:
		return x.fixesFor(h.Err)
	case denial.Policy == awsclient.IdentityPolicy:
		return []Command{allow}, append([]string{allowed}, caller.notes()...)
	case denial.Policy == awsclient.ResourcePolicy:
		return []Command{trust}, append([]string{trusted}, trustNotes(*h.Role)...)
	case denial.Policy != "":
		return x.fixesFor(h.Err)
	}
	check := "check the role's ARN first"
	if at := h.Role.At.String(); at != "" {
		check += " (" + at + ")"
	}
	notes = []string{
		check + ": AWS returns the same error if the role does not exist",
		"both policies are required, and AWS does not say which one is missing:",
		trusted + " (the first command prints this policy)",
		allowed + " (the second command prints this policy)",
	}
	return []Command{trust, allow}, slices.Concat(notes, caller.notes(), trustNotes(*h.Role))
}

// mayNotExist reports whether the role that a hop could not assume may be misspelt:
// AWS denies it like one that exists, but names no policy.
func mayNotExist(h session.Hop) bool {
	var refused *awsclient.RefusedError
	return h.Role != nil && errors.As(h.Err, &refused) && refused.AccessDenied() &&
		refused.Denial == (awsclient.Denial{})
}

// trustNotes returns what a role's trust policy may require besides the caller's
// name.
func trustNotes(role awsprofile.Role) (notes []string) {
	setting := func(name string) string {
		if role.Profile == "" {
			return "add --" + strings.ReplaceAll(name, "_", "-")
		}
		return "set " + name + " in the profile"
	}
	if role.ExternalID == "" {
		notes = append(notes, "if the trust policy requires an external ID, "+setting("external_id"))
	} else {
		notes = append(notes, "check that the external ID is the one that the trust policy requires")
	}
	if role.MFASerial == "" {
		notes = append(notes, "if the trust policy requires MFA, "+setting("mfa_serial"))
	}
	return notes
}

// A caller is the identity that assumes a role.
type caller struct {
	account string
	// role is the caller's name if it is a role, with its path if known: AWS omits
	// it from a session's ARN.
	role string
}

// caller returns the identity that assumes a role of the chain, which is the one
// before it.
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

// ofIdentityCenter reports whether the caller's role belongs to a permission set of
// IAM Identity Center, which can replace it at any time:
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html.
func (c caller) ofIdentityCenter() bool { return strings.HasPrefix(c.role, "AWSReservedSSO_") }

// notes returns where to add the caller's policy if that is not obvious.
func (c caller) notes() []string {
	if c.ofIdentityCenter() {
		return []string{"the caller's role belongs to IAM Identity Center: add that policy to its permission set"}
	}
	return nil
}

// roleIn returns the role name in an ARN, with its path.
func roleIn(role string) string { return strings.TrimPrefix(arn.Parts(role).Resource, "role/") }

// policy returns the command that prints one account's half of the policies for a
// role, with the conditions that the role is known to require.
func (x *examination) policy(role awsprofile.Role, caller caller, half string) Command {
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
	return Shown(strings.Join(words, " "))
}

// ownedARN returns the repository's ARN in the role's account.
func (x *examination) ownedARN(role string) string {
	repository := arn.Parts(x.repositoryARN())
	if !x.endpoint.Connections { // its URL contains the account
		repository.AccountID = arn.Parts(role).AccountID
	}
	return repository.String()
}

// grant returns the command that gives the signing identity a policy for this
// repository. If the identity is an IAM Identity Center role, whose policies come
// from its permission set, or neither a role nor a user, the command only prints
// the policy.
func (x *examination) grant() Command {
	repository := x.repositoryARN()
	words := []string{x.Command, "policy", repository, "--role", x.repository.Name, "--trust-account", arn.Parts(repository).AccountID}
	if x.ReadOnly {
		words = append(words, "--read-only")
	}
	for i := 1; i < len(words); i++ {
		words[i] = x.Word(words[i])
	}
	printed := strings.Join(append(words, "--git-only", "--document", "access"), " ")
	kind, name, _ := strings.Cut(arn.Parts(x.result.ARN).Resource, "/")
	put := ""
	switch {
	case kind == "user":
		put = "aws iam put-user-policy --user-name " + name[strings.LastIndex(name, "/")+1:]
	case kind == "assumed-role" && !(caller{role: name}).ofIdentityCenter():
		name, _, _ = strings.Cut(name, "/")
		put = "aws iam put-role-policy --role-name " + name
	default:
		return Shown(printed)
	}
	put += " --policy-name " + x.Word("codecommit-"+x.repository.Name) + " --policy-document "
	if runtime.GOOS == "windows" {
		return Shown(printed + " >policy.json && " + put + "file://policy.json")
	}
	return Shown(put + `"$(` + printed + `)"`)
}
