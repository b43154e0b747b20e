package session

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/shell"
)

// AssumeRoleError is returned if a role could not be assumed.
type AssumeRoleError struct {
	Role   awsprofile.Role
	Caller Credentials // zero for a web identity
	// Source is where Caller's access key was read, a StaticKeys or
	// EnvironmentKeys; nil if AWS issued the key.
	Source awsprofile.Source
	// TokenFile is the file of the web identity token; "" if there is none.
	TokenFile string
	// HostRegion is STS's region if only the repository's host name determines it;
	// otherwise "".
	HostRegion string
	// NotStorable is why a session could not be stored even if the user typed a
	// code; nil if it could. It is set with ErrNoPrompt.
	NotStorable error
	Err         error
}

func (e *AssumeRoleError) Error() string {
	where := ""
	if e.Role.Profile != "" {
		where = fmt.Sprintf("profile %q: ", e.Role.Profile)
	}
	at := ""
	if s := e.Role.At.String(); s != "" {
		at = " (" + s + ")"
	}
	refused := e.refused()
	switch {
	case refused == nil:
	case refused.AccessDenied():
		return fmt.Sprintf("%s%s is not allowed to assume %s%s%s", where, e.CallerName(), e.Role.ARN, at, because(refused.Denial))
	case refused.MFA && e.Role.MFASerial == "":
		return fmt.Sprintf("%sassume role %s%s: STS requires an MFA code", where, e.Role.ARN, at)
	case refused.Code == "ExpiredTokenException" && e.TokenFile != "":
		return fmt.Sprintf("%sassume role %s%s: the web identity token in %s has expired", where, e.Role.ARN, at, cli.Quote(e.TokenFile))
	}
	return fmt.Sprintf("%sassume role %s%s: %s", where, e.Role.ARN, at, e.Err)
}
func (e *AssumeRoleError) Unwrap() error { return e.Err }

func (e *AssumeRoleError) refused() *awsclient.RefusedError {
	var refused *awsclient.RefusedError
	errors.As(e.Err, &refused)
	return refused
}

// because returns the reason for a denial as the end of a message; "" if AWS did
// not give it.
func because(d awsclient.Denial) string {
	switch {
	case d.Root:
		return ": an account's root user cannot assume roles"
	case d.Policy == "":
		return ""
	case d.Explicit:
		article := "a "
		if d.Policy == awsclient.IdentityPolicy {
			article = "an "
		}
		return ": " + article + d.Policy + " denies it"
	}
	return ": no " + d.Policy + " allows it"
}

// CallerName returns the caller's ARN if AWS reported it, otherwise the shortened
// access key ID.
func (e *AssumeRoleError) CallerName() string {
	refused := e.refused()
	switch {
	case refused != nil && refused.Caller != "":
		return refused.Caller
	case e.Caller.ARN != "":
		return e.Caller.ARN
	case e.Caller.AccessKeyID == "":
		return "the bearer of the web identity token"
	}
	return "access key " + e.Caller.String()
}

// Hints returns how to fix the role's settings, the caller's key or the policies.
func (e *AssumeRoleError) Hints() []cli.Hint {
	refused := e.refused()
	switch {
	case errors.Is(e.Err, ErrNoPrompt) && e.NotStorable != nil:
		return []cli.Hint{cli.Advice("run the git command in a terminal and type a code each time: the session cannot be stored (" + e.NotStorable.Error() + ")")}
	case errors.Is(e.Err, ErrMFACode):
		return []cli.Hint{cli.Advice("run the git command again, and type the 6 digits that " + e.Role.MFASerial + " shows")}
	case refused == nil:
		return cli.HintsOf(e.Err)
	case refused.AccessDenied():
		return e.deniedHints(refused.Denial)
	case refused.MFA && e.Role.MFASerial == "":
		return e.set("the serial number of your MFA device", "mfa_serial")
	case refused.MFA:
		return []cli.Hint{
			cli.Advice("each code works only once: run the git command again, and type the next code on " + e.Role.MFASerial),
			cli.Advice(e.setting("mfa_serial") + " must be an MFA device of the caller; to list these, run: aws iam list-mfa-devices"),
		}
	case e.TokenFile != "" && refused.Code == "ExpiredTokenException":
		return []cli.Hint{cli.Run(shell.List(e.TokenFile)).When("check when it was last written")}
	case refused.Code == "InvalidIdentityToken" && refused.Token == awsclient.TokenNoProvider:
		return []cli.Hint{cli.Run("aws iam create-open-id-connect-provider --url ISSUER --client-id-list sts.amazonaws.com").When("in account " + arn.Account(e.Role.ARN))}
	case refused.Code == "InvalidIdentityToken" && !refused.Temporary():
		return []cli.Hint{cli.Run("aws iam list-open-id-connect-providers").When("compare the token's issuer and audience with the providers of account " + arn.Account(e.Role.ARN))}
	case refused.Code == "InvalidClientTokenId" || refused.Code == "RegionDisabledException":
		return append(keyHints(refused, e.Source), e.regionHints()...)
	case refused.Code != "ValidationError":
		return keyHints(refused, e.Source)
	case e.Role.Duration > time.Hour && e.Caller.SessionToken != "":
		return append([]cli.Hint{cli.Advice("AWS limits sessions to one hour if one role assumes another (role chaining)")}, e.Role.At.Edit()...)
	case e.Role.Duration != 0:
		return append([]cli.Hint{cli.Run("aws iam get-role --role-name " + shell.Typed(e.roleName()) + " --query Role.MaxSessionDuration")}, e.Role.At.Edit()...)
	}
	return e.Role.At.Edit()
}

// fromFlags reports whether the role is configured by flags.
func (e *AssumeRoleError) fromFlags() bool { return e.Role.Profile == "" && e.TokenFile == "" }

// setting returns a setting of the role as the user wrote it: in the profile, or as
// a flag.
func (e *AssumeRoleError) setting(name string) string {
	if e.fromFlags() {
		return "--" + strings.ReplaceAll(name, "_", "-")
	}
	return name
}

func (e *AssumeRoleError) set(what, setting string) []cli.Hint {
	return append([]cli.Hint{cli.Advice("set " + e.setting(setting) + " to " + what)}, e.Role.At.Edit()...)
}

// deniedHints returns the hints for a caller that is not allowed to assume the role. They
// name both accounts' policies if AWS does not say which one denied it.
func (e *AssumeRoleError) deniedHints(d awsclient.Denial) []cli.Hint {
	if d.Root {
		return []cli.Hint{cli.Advice("use the access key of an IAM user or a role instead of the root user's")}
	}
	callers := "the caller needs a policy that allows sts:AssumeRole on " + e.Role.ARN
	switch d.Policy {
	case awsclient.ServiceControl, awsclient.ResourceControl:
		return []cli.Hint{cli.Advice("ask the administrator of the AWS organization to allow sts:AssumeRole on " + e.Role.ARN + " in its " + policies(d.Policy))}
	case awsclient.Boundary:
		return []cli.Hint{cli.Advice("the caller's permissions boundary must allow sts:AssumeRole on " + e.Role.ARN)}
	case awsclient.SessionPolicy:
		return []cli.Hint{cli.Advice("the session policy of the caller's credentials must allow sts:AssumeRole on " + e.Role.ARN)}
	case awsclient.EndpointPolicy:
		return []cli.Hint{cli.Advice("the policy of the VPC endpoint for STS must allow sts:AssumeRole on " + e.Role.ARN)}
	case awsclient.IdentityPolicy:
		if d.Explicit {
			return []cli.Hint{cli.Advice("remove the statement from the caller's policies that denies sts:AssumeRole on " + e.Role.ARN)}
		}
		return []cli.Hint{cli.Advice(callers)}
	}
	show := ": aws iam get-role --role-name " + shell.Typed(e.roleName())
	if d.Explicit { // in the trust policy
		return []cli.Hint{cli.Advice("remove the statement from the role's trust policy that denies it to the caller" + show)}
	}
	if e.Caller.AccessKeyID == "" {
		return []cli.Hint{cli.Advice("the role's trust policy must name the identity provider, and its conditions must match the token" + show)}
	}
	var asked, settings []string
	if e.Role.ExternalID == "" {
		asked, settings = append(asked, "an external ID"), append(settings, e.setting("external_id"))
	}
	if e.Role.MFASerial == "" {
		asked, settings = append(asked, "MFA"), append(settings, e.setting("mfa_serial"))
	}
	trust := "the role's trust policy must name the caller"
	if len(asked) > 0 {
		trust += " (if it requires " + strings.Join(asked, " or ") + ", set " + strings.Join(settings, " or ") + ")"
	}
	hints := []cli.Hint{cli.Advice(trust + show)}
	if d.Policy == "" {
		hints = append(hints, cli.Advice(callers))
	}
	return hints
}

func policies(kind string) string { return strings.TrimSuffix(kind, "y") + "ies" }

// regionHints returns the hints for a key that AWS does not know in the host's
// region, possibly because the account has not enabled the region.
func (e *AssumeRoleError) regionHints() []cli.Hint {
	const enabledEverywhere = "us-east-1"
	if e.HostRegion == "" || enabledByDefault(e.HostRegion) || codecommit.PartitionOf(e.HostRegion) != codecommit.PartitionOf(enabledEverywhere) {
		return nil
	}
	set := "set region = " + enabledEverywhere + " in the profile"
	if e.fromFlags() {
		set = "set AWS_REGION=" + enabledEverywhere
	}
	return []cli.Hint{cli.Advice("if the account has not enabled the region " + e.HostRegion + ", " + set)}
}

// enabledByDefault reports whether every account has the region. The list is final:
// regions launched after March 2019 must be enabled.
// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
func enabledByDefault(region string) bool {
	switch region {
	case "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
		"eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1",
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2":
		return true
	}
	return false
}

func (e *AssumeRoleError) roleName() string {
	return e.Role.ARN[strings.LastIndex(e.Role.ARN, "/")+1:]
}
