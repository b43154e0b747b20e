package command

import (
	"errors"
	"fmt"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/session"
)

// hints are what mends an error: commands to type, where there is one. The
// order goes from the most telling cause to the least.
func (p Process) hints(err error) []string {
	var (
		variable *awsprofile.VariableError
		notFound *awsprofile.ProfileNotFoundError
		config   *awsprofile.ConfigError
		unread   *awsprofile.FileError

		file     *session.FileError
		none     *session.NoCredentialsError
		source   *session.SourceError
		ssoLogin *session.SSOLoginError
		login    *session.LoginError
		instance *session.InstanceRoleError
		role     *session.AssumeRoleError
		refused  *session.RefusedError
		account  *session.AccountError
		bundle   *session.CABundleError
	)
	errors.As(err, &source)
	errors.As(err, &refused)
	switch {
	case errors.As(err, &variable):
		return variableHints(variable)
	case errors.As(err, &notFound):
		return p.profileNotFound(notFound)
	case errors.As(err, &config) && config.At.Line > 0:
		return []string{fmt.Sprintf("run: ${EDITOR:-vi} +%d %s", config.At.Line, shellPath(config.At.File))}
	case errors.As(err, &unread):
		return []string{"run: ls -l " + shellPath(unread.File)}
	case errors.As(err, &file):
		return []string{"run: ls -l " + shellPath(file.Path)}
	case errors.As(err, &none):
		return []string{
			"run: aws configure",
			"or name a profile: git config --global credential.helper 'codecommit --profile NAME'",
		}
	case errors.As(err, &ssoLogin), errors.As(err, &login):
		return []string{"run: aws " + loginCommand(source)}
	case errors.As(err, &bundle):
		return []string{"run: unset AWS_CA_BUNDLE", "or let it name a PEM file of certificates"}
	case errors.Is(err, session.ErrUntrustedCertificate):
		return []string{"set AWS_CA_BUNDLE to a PEM file that holds your network's certificate authority"}
	case errors.Is(err, session.ErrProxyURL):
		return []string{"write what is special in its user name and password percent-encoded: % as %25, ^ as %5E"}
	case errors.Is(err, session.ErrNoPrompt):
		return []string{"run the same git command once in a terminal: the role session is then kept"}
	case errors.Is(err, session.ErrLoginNotAllowed):
		return []string{"the user needs a policy that allows it, such as AWS's SignInLocalDevelopmentAccess"}
	case errors.Is(err, session.ErrHopLimit):
		return []string{"run: aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2"}
	case errors.Is(err, session.ErrNoInstanceRole):
		return []string{"run: aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=NAME"}
	case errors.As(err, &instance):
		return []string{"the role's trust policy must name the service ec2.amazonaws.com: aws iam get-role --role-name " + shellWord(instance.Role)}
	case errors.As(err, &role) && refused != nil && refused.AccessDenied():
		return accessDenied(role)
	case refused != nil:
		return refusedHints(refused)
	case errors.As(err, &account) && account.Err == nil:
		return []string{"choose a profile or a role of account " + account.Want + " with --profile or --role-arn"}
	}
	return nil
}

func variableHints(e *awsprofile.VariableError) []string {
	switch {
	case !e.Missing:
		return []string{"run: unset " + e.Variable}
	case e.Partner != "":
		return []string{"set " + e.Variable + " too", "or have credentials looked for elsewhere: unset " + e.Partner}
	}
	return []string{"set " + e.Variable}
}

func (p Process) profileNotFound(e *awsprofile.ProfileNotFoundError) []string {
	if e.Similar != "" {
		return []string{"there is a profile " + quote(e.Similar) + ": --profile " + shellWord(e.Similar)}
	}
	if there := p.profilesThere(); there != "" {
		return []string{there + ": --profile NAME"}
	}
	if len(e.Files) > 0 {
		return []string{"there is no profile yet, run: ${EDITOR:-vi} " + shellPath(e.Files[0])}
	}
	return nil
}

// Bounds on a list of profiles in a hint.
const (
	maxProfiles     = 5
	maxProfilesText = 100 // bytes
)

// profilesThere names the profiles that there are, as many as fit; "" when
// there is none.
func (p Process) profilesThere() string {
	names, _ := awsprofile.Profiles(p.awsEnvironment()) // of what can be read
	text, shown := "", 0
	for _, name := range names {
		if shown == maxProfiles || shown > 0 && len(text)+len(name) > maxProfilesText {
			break
		}
		text += ", " + quote(name)
		shown++
	}
	switch more := len(names) - shown; {
	case shown == 0:
		return ""
	case more > 0:
		text += fmt.Sprintf(" and %d more", more)
	}
	return "the profiles there are" + strings.TrimPrefix(text, ",")
}

// loginCommand is what signs the person in whose sign-in has ended.
func loginCommand(e *session.SourceError) string {
	if e != nil {
		switch s := e.Source.(type) {
		case awsprofile.SSO:
			return "sso login --profile " + shellWord(s.Profile)
		case awsprofile.Login:
			return "login --profile " + shellWord(s.Profile)
		}
	}
	return "sso login"
}

// accessDenied names both halves of the permission: AWS does not say which of
// them is missing.
func accessDenied(e *session.AssumeRoleError) []string {
	if e.Caller.AccessKeyID == "" {
		return []string{"the role's trust policy must name the identity provider, and its conditions must fit the token: aws iam get-role --role-name " + shellWord(roleName(e))}
	}
	var asked, settings []string
	if e.Role.ExternalID == "" {
		asked, settings = append(asked, "an external id"), append(settings, "external_id")
	}
	if e.Role.MFASerial == "" {
		asked, settings = append(asked, "MFA"), append(settings, "mfa_serial")
	}
	trust := "the role's trust policy must name the caller"
	if len(asked) > 0 {
		trust += " (if it asks for " + strings.Join(asked, " or ") + ", set " + strings.Join(settings, " or ") + ")"
	}
	return []string{
		trust + ": aws iam get-role --role-name " + shellWord(roleName(e)),
		"the caller needs a policy that allows sts:AssumeRole on " + e.Role.ARN,
	}
}

func roleName(e *session.AssumeRoleError) string {
	return e.Role.ARN[strings.LastIndex(e.Role.ARN, "/")+1:]
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
