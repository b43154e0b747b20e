package session

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
)

// AWS's message about a refusal determines the error and its hints.
func TestRefusalsOfRoles(t *testing.T) {
	t.Parallel()
	const (
		caller = "User: arn:aws:iam::888888888888:user/dev is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/R"
		denied = "arn:aws:iam::888888888888:user/dev is not allowed to assume arn:aws:iam::111122223333:role/R"
		trust  = "the role's trust policy"
	)
	at := awsprofile.Position{File: "~/.aws/config", Line: 2}
	inProfile := AssumeRoleError{Role: awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/R", Profile: "p", At: at}, Caller: Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE"}}
	byFlags := AssumeRoleError{Role: awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/R"}, Caller: inProfile.Caller}
	withMFA := inProfile
	withMFA.Role.MFASerial = "arn:aws:iam::888888888888:mfa/dev"
	byToken := AssumeRoleError{Role: awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/R"}, TokenFile: "/var/token"}
	inHostsRegion := byFlags
	inHostsRegion.HostRegion = "ap-southeast-7"
	inUsualRegion := byFlags
	inUsualRegion.HostRegion = "us-east-2"
	for name, c := range map[string]struct {
		role          AssumeRoleError
		code, message string
		says          string   // end of the error
		hints         []string // a part of each hint, in order; no hint contains a text after "!"
	}{
		"not said":                 {inProfile, "AccessDenied", caller, denied + " (~/.aws/config:2)", []string{"set external_id or mfa_serial", "needs a policy"}},
		"not said, flags":          {byFlags, "AccessDenied", caller, denied, []string{"set --external-id or --mfa-serial", "needs a policy"}},
		"identity-based, missing":  {inProfile, "AccessDenied", caller + " because no identity-based policy allows the sts:AssumeRole action", denied + " (~/.aws/config:2): no identity-based policy allows it", []string{"the caller needs a policy", "!" + trust}},
		"identity-based, explicit": {inProfile, "AccessDenied", caller + " with an explicit deny in an identity-based policy", ": an identity-based policy denies it", []string{"remove the statement", "!" + trust}},
		"resource-based, missing":  {inProfile, "AccessDenied", caller + " because no resource-based policy allows the sts:AssumeRole action", ": no resource-based policy allows it", []string{trust, "!needs a policy"}},
		"resource-based, explicit": {inProfile, "AccessDenied", caller + " with an explicit deny in a resource-based policy", ": a resource-based policy denies it", []string{"remove the statement from the role's trust policy", "!must name", "!needs a policy"}},
		"service control policy":   {inProfile, "AccessDenied", caller + " with an explicit deny in a service control policy", ": a service control policy denies it", []string{"in its service control policies", "!" + trust}},
		"service control, missing": {inProfile, "AccessDenied", caller + " because no service control policy allows the sts:AssumeRole action", ": no service control policy allows it", []string{"administrator of the AWS organization", "!" + trust}},
		"resource control policy":  {inProfile, "AccessDenied", caller + " with an explicit deny in a resource control policy", ": a resource control policy denies it", []string{"in its resource control policies", "!" + trust}},
		"permissions boundary":     {inProfile, "AccessDenied", caller + " because no permissions boundary allows the sts:AssumeRole action", ": no permissions boundary allows it", []string{"permissions boundary must allow", "!" + trust}},
		"session policy":           {inProfile, "AccessDenied", caller + " because no session policy allows the sts:AssumeRole action", ": no session policy allows it", []string{"session policy", "!" + trust}},
		"VPC endpoint policy":      {inProfile, "AccessDenied", caller + " because no VPC endpoint policy allows the sts:AssumeRole action", ": no VPC endpoint policy allows it", []string{"VPC endpoint", "!" + trust}},
		"the root user":            {inProfile, "AccessDenied", "Roles may not be assumed by root accounts.", "an account's root user cannot assume roles", []string{"instead of the root user's", "!" + trust}},
		"a wrong code":             {withMFA, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", "STS refused the MFA code", []string{"arn:aws:iam::888888888888:mfa/dev", "mfa_serial must be"}},
		"no code, in the profile":  {inProfile, "AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.", "STS requires an MFA code", []string{"set mfa_serial to", "+2 ~/.aws/config"}},
		"no code, by flags":        {byFlags, "AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.", "STS requires an MFA code", []string{"set --mfa-serial to"}},
		"an expired token":         {byToken, "ExpiredTokenException", "Token expired", `the web identity token in "/var/token" has expired`, []string{"ls -l /var/token"}},
		"keys cannot be retrieved": {byToken, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements", "AWS could not retrieve the keys of the web identity token's issuer", []string{"in a minute"}},
		"no provider":              {byToken, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://oidc.example", "has no OpenID Connect provider for the issuer of the web identity token", []string{"create-open-id-connect-provider"}},
		"another audience":         {byToken, "InvalidIdentityToken", "Incorrect token audience", "the web identity token has a wrong issuer, audience or signature", []string{"list-open-id-connect-providers"}},
		"a region to be enabled":   {inHostsRegion, "InvalidClientTokenId", "The security token included in the request is invalid.", "or is inactive", []string{"has not enabled the region ap-southeast-7, set AWS_REGION=us-east-1"}},
		"a region that all have":   {inUsualRegion, "InvalidClientTokenId", "The security token included in the request is invalid.", "or is inactive", []string{"!enabled"}},
	} {
		e := c.role
		e.Err = awsclient.CallError("STS", &smithy.GenericAPIError{Code: c.code, Message: c.message})
		if !strings.HasSuffix(e.Error(), c.says) {
			t.Errorf("%s: %s; want %s", name, e.Error(), c.says)
		}
		hints := e.Hints()
		for i, want := range c.hints {
			if none, ok := strings.CutPrefix(want, "!"); ok {
				for _, h := range hints {
					if strings.Contains(h.Text("x"), none) {
						t.Errorf("%s: hint %q", name, h.Text("x"))
					}
				}
				continue
			}
			if i >= len(hints) || !strings.Contains(hints[i].Text("x"), want) {
				t.Errorf("%s: hints %v; want %q", name, hints, want)
			}
		}
	}
}

// A hint never contains an empty serial number.
func TestNoHintNamesAnEmptySerial(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"AccessDenied", "ValidationError", "ExpiredToken"} {
		for _, message := range []string{"MultiFactorAuthentication failed", "MultiFactorAuthentication failed with invalid MFA one time pass code", ""} {
			e := &AssumeRoleError{Role: awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/R"}, Err: awsclient.CallError("STS", &smithy.GenericAPIError{Code: code, Message: message})}
			for _, h := range cli.HintsOf(e) {
				if strings.HasSuffix(h.Text("x"), " ") || strings.Contains(h.Text("x"), "  ") {
					t.Errorf("%s, %q: %s", code, message, h.Text("x"))
				}
			}
		}
	}
}

// A passkey or a security key has no code: there is no prompt for one.
func TestDevicesWithoutDigits(t *testing.T) {
	t.Parallel()
	for _, serial := range []string{"arn:aws:iam::888888888888:u2f/user/dev/key-ABC", "arn:aws:iam::888888888888:passkey/dev"} {
		w := newWalk(awsprofile.Chain{}, Options{Prompt: func(context.Context, string) (string, error) {
			t.Errorf("%s: prompted for a code", serial)
			return "123456", nil
		}})
		_, err := w.mfaCode(t.Context(), serial)
		hints := cli.HintsOf(err)
		if !errors.Is(err, ErrNoDigits) || len(hints) != 1 || !strings.Contains(hints[0].Text("x"), "IAM Identity Center or aws login") {
			t.Errorf("%s: %v, hints %v", serial, err, hints)
		}
	}
}
