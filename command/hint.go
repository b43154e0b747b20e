package command

import (
	"errors"
	"fmt"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/session"
)

// hints are what mends an error: commands to type, where there is one.
func hints(err error) []string {
	var (
		account  *session.AccountError
		bundle   *session.CABundleError
		refused  *session.RefusedError
		role     *session.AssumeRoleError
		source   *session.SourceError
		ssoLogin *session.SSOLoginError
		login    *session.LoginError
	)
	errors.As(err, &refused)
	errors.As(err, &source)
	switch {
	case errors.As(err, &ssoLogin), errors.As(err, &login):
		return []string{"run: aws " + loginCommand(source)}
	case errors.As(err, &account) && account.Err == nil:
		return []string{"choose a profile or a role of account " + account.Want + " with --profile or --role-arn"}
	case errors.As(err, &bundle):
		return []string{"unset AWS_CA_BUNDLE, or let it name a PEM file of certificates"}
	case errors.Is(err, session.ErrUntrustedCertificate):
		return []string{"set AWS_CA_BUNDLE to a PEM file that holds your network's certificate authority"}
	case errors.Is(err, session.ErrNoPrompt):
		return []string{"run the same git command once in a terminal: the role session is then kept"}
	case errors.Is(err, session.ErrHopLimit):
		return []string{"run: aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2"}
	case errors.Is(err, session.ErrNoInstanceRole):
		return []string{"run: aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=NAME"}
	case errors.As(err, &role) && refused != nil && refused.AccessDenied():
		return accessDenied(role)
	case refused != nil:
		return refusedHints(refused)
	}
	return nil
}

// loginCommand is what signs the person in whose sign-in has ended.
func loginCommand(e *session.SourceError) string {
	switch s := e.Source.(type) {
	case awsprofile.SSO:
		return "sso login --profile " + shellWord(s.Profile)
	case awsprofile.Login:
		return "login --profile " + shellWord(s.Profile)
	}
	return "sso login"
}

// accessDenied names both halves of the permission: AWS does not say which of
// them is missing.
func accessDenied(e *session.AssumeRoleError) []string {
	trust := "the role's trust policy must name the caller"
	if e.Role.ExternalID == "" {
		trust += " (and its external id, if it asks for one, must be configured as external_id)"
	}
	return []string{
		trust + ": aws iam get-role --role-name " + roleName(e.Role.ARN),
		"the caller needs a policy that allows sts:AssumeRole on " + e.Role.ARN,
	}
}

func refusedHints(e *session.RefusedError) []string {
	switch e.Code {
	case "ExpiredToken", "ExpiredTokenException":
		return []string{"get fresh credentials: a session token cannot be renewed"}
	case "InvalidClientTokenId", "UnrecognizedClientException":
		return []string{"run: aws iam list-access-keys"}
	case "SignatureDoesNotMatch":
		return []string{"compare aws_secret_access_key with the one that was issued, and the clock: date -u"}
	}
	return nil
}

func roleName(arn string) string {
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' {
			return arn[i+1:]
		}
	}
	return fmt.Sprint(arn)
}
