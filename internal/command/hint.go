package command

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session"
	"git-credential-codecommit/internal/shell"
)

// hints are what mends an error: commands to type, where there is one. The
// order goes from the most telling cause to the least.
func hints(p cli.Process, err error) []cli.Hint {
	var (
		file     *session.FileError
		metadata *session.MetadataError
		noCode   *noCodeError
		none     *session.NoCredentialsError
		source   *session.SourceError
		ssoLogin *session.SSOLoginError
		login    *session.LoginError
		instance *session.InstanceRoleError
		role     *session.AssumeRoleError
		refused  *awsclient.RefusedError
		account  *session.AccountError
		bundle   *awsclient.CABundleError
	)
	errors.As(err, &source)
	errors.As(err, &role)
	errors.As(err, &refused)
	switch known := cli.HintsOf(err); {
	case len(known) > 0:
		return known
	case errors.As(err, &file) && (errors.Is(file.Err, syscall.ENOSPC) || errors.Is(file.Err, syscall.EDQUOT)):
		return []cli.Hint{cli.Run("df -h " + shell.Path(filepath.Dir(file.Path)))}
	case errors.As(err, &file):
		return []cli.Hint{cli.Run("ls -l " + shell.Path(file.Path))}
	case errors.As(err, &none):
		configure, another := cli.Run("aws configure"), "a profile"
		if none.Profile != "" {
			configure, another = cli.Run("aws configure --profile "+shell.Word(none.Profile)), "another profile"
		}
		return []cli.Hint{configure, cli.RunThis("setup --profile NAME").When("or to use " + another)}
	case errors.As(err, &ssoLogin), errors.As(err, &login):
		return []cli.Hint{cli.Run("aws " + loginCommand(source))}
	case errors.As(err, &bundle):
		return bundleHints(p, bundle)
	case errors.Is(err, awsclient.ErrUntrustedCertificate):
		return []cli.Hint{cli.Advice("set AWS_CA_BUNDLE to a PEM file that holds your network's certificate authority")}
	case errors.Is(err, awsclient.ErrProxyURL):
		return []cli.Hint{cli.Advice("write what is special in its user name and password percent-encoded: % as %25, ^ as %5E")}
	case errors.Is(err, session.ErrNoPrompt) && role != nil && role.NotStorable != nil:
		return []cli.Hint{cli.Advice("run the git command in a terminal, which asks for a code each time: the session cannot be stored (" + role.NotStorable.Error() + ")")}
	case errors.Is(err, session.ErrNoPrompt):
		return []cli.Hint{cli.Advice("run the same git command once in a terminal: the role session is then kept")}
	case errors.Is(err, session.ErrLoginNotAllowed):
		return []cli.Hint{cli.Advice("the user needs a policy that allows it, such as AWS's SignInLocalDevelopmentAccess")}
	case errors.Is(err, session.ErrHopLimit):
		return []cli.Hint{cli.Run("aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2")}
	case errors.Is(err, session.ErrNoInstanceRole):
		return []cli.Hint{cli.Run("aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=NAME")}
	case errors.As(err, &instance) && instance.Gone:
		return []cli.Hint{cli.Run("aws ec2 replace-iam-instance-profile-association --association-id ID --iam-instance-profile Name=NAME")}
	case errors.As(err, &instance):
		return []cli.Hint{cli.Advice("the role's trust policy must name the service ec2.amazonaws.com: aws iam get-role --role-name " + shell.Word(instance.Role))}
	case errors.Is(err, session.ErrMetadataDisabled):
		return []cli.Hint{cli.Run("unset AWS_EC2_METADATA_DISABLED")}
	case errors.Is(err, session.ErrMetadataV1Disabled):
		return []cli.Hint{cli.Run("unset AWS_EC2_METADATA_V1_DISABLED")}
	case errors.As(err, &metadata) && !metadata.Answered:
		return metadataHints(source)
	case errors.As(err, &noCode) && noCode.askpass != "":
		return []cli.Hint{cli.Advice("run the git command again, and answer it; or have it ask on the terminal: unset " + noCode.askpass)}
	case errors.As(err, &noCode):
		return []cli.Hint{cli.Advice("run the git command again, and type the code")}
	case role != nil && errors.Is(err, session.ErrMFACode):
		return []cli.Hint{cli.Advice("run the git command again, and type the 6 digits that " + role.Role.MFASerial + " shows")}
	case role != nil && refused != nil:
		return roleHints(role, refused)
	case refused != nil && source != nil:
		return refusedHints(refused, source.Source)
	case refused != nil:
		return refusedHints(refused, nil)
	case errors.As(err, &account) && account.Err == nil:
		return []cli.Hint{cli.Advice("choose a profile or a role of account " + account.Want + " with --profile or --role-arn")}
	case source != nil:
		return sourceHints(source)
	}
	return nil
}

// sourceHints are for a source with which nothing more telling is wrong.
func sourceHints(e *session.SourceError) []cli.Hint {
	var (
		network *awsclient.NetworkError
		expired *session.ExpiredError
	)
	if errors.As(e, &network) || errors.Is(e, awsclient.ErrInterrupted) {
		return nil // that is not in the files
	}
	switch e.Source.(type) {
	case awsprofile.StaticKeys, awsprofile.Process, awsprofile.WebIdentity, awsprofile.SSO, awsprofile.Login:
		return edit(e.Source)
	case awsprofile.EnvironmentKeys:
		if errors.As(e, &expired) {
			return []cli.Hint{freshCredentials}
		}
		return newKeys(e.Source)
	}
	return nil
}

// bundleHints are for a file of certificates that a variable or a profile's
// ca_bundle names.
func bundleHints(p cli.Process, e *awsclient.CABundleError) []cli.Hint {
	for _, variable := range []string{"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"} {
		if value, _ := p.LookupEnv(variable); value == e.Path {
			return []cli.Hint{cli.Run("unset " + variable), cli.Advice("or let it name a PEM file of certificates")}
		}
	}
	return []cli.Hint{cli.Advice("let ca_bundle in the profile name a PEM file of certificates"), cli.Run("ls -l " + shell.Path(e.Path))}
}

// edit opens the file that names a source; nothing where none does.
func edit(s awsprofile.Source) []cli.Hint {
	_, at := s.Place()
	return at.Edit()
}

// metadataHints are for a machine on which the metadata service does not answer
// as it should: it may be switched off, or the machine is no instance.
func metadataHints(source *session.SourceError) []cli.Hint {
	hints := []cli.Hint{cli.Run("aws ec2 modify-instance-metadata-options --instance-id ID --http-endpoint enabled").When("on an instance")}
	if source != nil {
		for _, command := range edit(source.Source) {
			hints = append(hints, command.When("anywhere else, choose another source"))
		}
	}
	return hints
}

// loginCommand is what signs the person in whose sign-in has ended.
func loginCommand(e *session.SourceError) string {
	if e != nil {
		switch s := e.Source.(type) {
		case awsprofile.SSO:
			return "sso login --profile " + shell.Word(s.Profile)
		case awsprofile.Login:
			return "login --profile " + shell.Word(s.Profile)
		}
	}
	return "sso login"
}

// accessDenied names both halves of the permission: AWS does not say which of
// them is missing.
func accessDenied(e *session.AssumeRoleError) []cli.Hint {
	if e.Caller.AccessKeyID == "" {
		return []cli.Hint{cli.Advice("the role's trust policy must name the identity provider, and its conditions must fit the token: aws iam get-role --role-name " + shell.Word(roleName(e)))}
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
	return []cli.Hint{
		cli.Advice(trust + ": aws iam get-role --role-name " + shell.Word(roleName(e))),
		cli.Advice("the caller needs a policy that allows sts:AssumeRole on " + e.Role.ARN),
	}
}

func roleName(e *session.AssumeRoleError) string {
	return e.Role.ARN[strings.LastIndex(e.Role.ARN, "/")+1:]
}

// roleHints are for a call that AWS answered, and did not do.
func roleHints(e *session.AssumeRoleError, refused *awsclient.RefusedError) []cli.Hint {
	switch {
	case refused.AccessDenied():
		return accessDenied(e)
	case refused.MFA:
		return []cli.Hint{nextCode(e), cli.Advice("mfa_serial must be a device of the caller's own: aws iam list-mfa-devices")}
	case refused.Code != "ValidationError":
		return refusedHints(refused, e.Source)
	case e.Role.Duration > time.Hour && e.Caller.SessionToken != "":
		return append([]cli.Hint{cli.Advice("a role that is assumed from a role's session has sessions of one hour at most")}, e.Role.At.Edit()...)
	case e.Role.Duration != 0:
		return append([]cli.Hint{cli.Run("aws iam get-role --role-name " + shell.Word(roleName(e)) + " --query Role.MaxSessionDuration")}, e.Role.At.Edit()...)
	}
	return e.Role.At.Edit()
}

func nextCode(e *session.AssumeRoleError) cli.Hint {
	return cli.Advice("each code works once: run the git command again, and type the next one that " + e.Role.MFASerial + " shows")
}

var freshCredentials = cli.Advice("get fresh credentials: a session token cannot be renewed")

// refusedHints are for a call that AWS refused to whose access key was read at
// source; nil if it was handed out.
func refusedHints(e *awsclient.RefusedError, source awsprofile.Source) []cli.Hint {
	if e.Temporary() {
		return []cli.Hint{cli.Advice("nothing here is at fault: run the git command again in a minute")}
	}
	switch e.Code {
	case "ExpiredToken", "ExpiredTokenException":
		if s, ok := source.(awsprofile.StaticKeys); ok {
			return append([]cli.Hint{freshCredentials}, edit(s)...)
		}
		return []cli.Hint{freshCredentials}
	case "InvalidClientTokenId", "UnrecognizedClientException":
		return newKeys(source)
	case "SignatureDoesNotMatch":
		return append(newKeys(source), cli.Run("date -u").When("if the key is right, check the clock"))
	}
	return nil
}

// newKeys puts another access key where the one was read. The AWS CLI asks for
// it, but for no session token, and leaves an old one there.
func newKeys(source awsprofile.Source) []cli.Hint {
	switch s := source.(type) {
	case awsprofile.StaticKeys:
		if s.SessionToken == "" {
			return []cli.Hint{cli.Run("aws configure --profile " + shell.Word(s.Profile))}
		}
		return edit(s)
	case awsprofile.EnvironmentKeys:
		return []cli.Hint{cli.Run("unset AWS_ACCESS_KEY_ID"), cli.Advice("or set it and AWS_SECRET_ACCESS_KEY to what was issued")}
	}
	return nil
}
