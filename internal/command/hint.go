package command

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/session"
)

// hints are what mends an error: commands to type, where there is one. The
// order goes from the most telling cause to the least.
func (p Process) hints(err error) []string {
	var (
		known    *failure
		variable *awsprofile.VariableError
		notFound *awsprofile.ProfileNotFoundError
		config   *awsprofile.ConfigError
		unread   *awsprofile.FileError

		request  *helper.MalformedError
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
	switch {
	case errors.As(err, &known):
		return known.hints
	case errors.As(err, &variable):
		return variableHints(variable)
	case errors.As(err, &unread): // it may hold what was not found
		return []string{"run: ls -l " + shellPath(unread.File)}
	case errors.As(err, &request):
		return []string{"git writes such requests itself: echo url=https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME | git credential fill"}
	case errors.As(err, &notFound):
		return p.profileNotFound(notFound)
	case errors.As(err, &config) && config.At.Line > 0:
		return editAt(config.At)
	case errors.As(err, &file) && (errors.Is(file.Err, syscall.ENOSPC) || errors.Is(file.Err, syscall.EDQUOT)):
		return []string{"run: df -h " + shellPath(filepath.Dir(file.Path))}
	case errors.As(err, &file):
		return []string{"run: ls -l " + shellPath(file.Path)}
	case errors.As(err, &none):
		configure, another := "run: aws configure", "a profile"
		if none.Profile != "" {
			configure, another = "run: aws configure --profile "+shellWord(none.Profile), "another profile"
		}
		return []string{configure, "or name " + another + ": " + p.command() + " setup --profile NAME"}
	case errors.As(err, &ssoLogin), errors.As(err, &login):
		return []string{"run: aws " + loginCommand(source)}
	case errors.As(err, &bundle):
		return p.bundleHints(bundle)
	case errors.Is(err, awsclient.ErrUntrustedCertificate):
		return []string{"set AWS_CA_BUNDLE to a PEM file that holds your network's certificate authority"}
	case errors.Is(err, awsclient.ErrProxyURL):
		return []string{"write what is special in its user name and password percent-encoded: % as %25, ^ as %5E"}
	case errors.Is(err, session.ErrNoPrompt):
		return []string{"run the same git command once in a terminal: the role session is then kept"}
	case errors.Is(err, session.ErrLoginNotAllowed):
		return []string{"the user needs a policy that allows it, such as AWS's SignInLocalDevelopmentAccess"}
	case errors.Is(err, session.ErrHopLimit):
		return []string{"run: aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2"}
	case errors.Is(err, session.ErrNoInstanceRole):
		return []string{"run: aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=NAME"}
	case errors.As(err, &instance) && instance.Gone:
		return []string{"run: aws ec2 replace-iam-instance-profile-association --association-id ID --iam-instance-profile Name=NAME"}
	case errors.As(err, &instance):
		return []string{"the role's trust policy must name the service ec2.amazonaws.com: aws iam get-role --role-name " + shellWord(instance.Role)}
	case errors.Is(err, session.ErrMetadataDisabled):
		return []string{"run: unset AWS_EC2_METADATA_DISABLED"}
	case errors.Is(err, session.ErrMetadataV1Disabled):
		return []string{"run: unset AWS_EC2_METADATA_V1_DISABLED"}
	case errors.As(err, &metadata) && !metadata.Answered:
		return metadataHints(source)
	case errors.As(err, &noCode) && noCode.askpass != "":
		return []string{"run the git command again, and answer it; or have it ask on the terminal: unset " + noCode.askpass}
	case errors.As(err, &noCode):
		return []string{"run the git command again, and type the code"}
	case role != nil && errors.Is(err, session.ErrMFACode):
		return []string{"run the git command again, and type the 6 digits that " + role.Role.MFASerial + " shows"}
	case role != nil && refused != nil:
		return roleHints(role, refused)
	case refused != nil && source != nil:
		return refusedHints(refused, source.Source)
	case refused != nil:
		return refusedHints(refused, nil)
	case errors.As(err, &account) && account.Err == nil:
		return []string{"choose a profile or a role of account " + account.Want + " with --profile or --role-arn"}
	case source != nil:
		return sourceHints(source)
	}
	return nil
}

// sourceHints are for a source with which nothing more telling is wrong.
func sourceHints(e *session.SourceError) []string {
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
			return []string{freshCredentials}
		}
		return newKeys(e.Source)
	}
	return nil
}

// bundleHints are for a file of certificates that a variable or a profile's
// ca_bundle names.
func (p Process) bundleHints(e *awsclient.CABundleError) []string {
	for _, variable := range []string{"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"} {
		if value, _ := p.LookupEnv(variable); value == e.Path {
			return []string{"run: unset " + variable, "or let it name a PEM file of certificates"}
		}
	}
	return []string{"let ca_bundle in the profile name a PEM file of certificates; run: ls -l " + shellPath(e.Path)}
}

// edit opens the file that names a source; nothing where none does.
func edit(s awsprofile.Source) []string {
	_, at := s.Place()
	return editAt(at)
}

// editAt opens a file at a line; nothing for no place.
func editAt(at awsprofile.Position) []string {
	if at.Line == 0 {
		return nil
	}
	return []string{fmt.Sprintf("run: ${EDITOR:-vi} +%d %s", at.Line, shellPath(at.File))}
}

// metadataHints are for a machine on which the metadata service does not answer
// as it should: it may be switched off, or the machine is no instance.
func metadataHints(source *session.SourceError) []string {
	hints := []string{"on an instance, run: aws ec2 modify-instance-metadata-options --instance-id ID --http-endpoint enabled"}
	if source != nil {
		for _, command := range edit(source.Source) {
			hints = append(hints, "anywhere else, choose another source, "+command)
		}
	}
	return hints
}

// explained is an error on the way to the credentials for a repository, with what
// mends it. Where it does not say itself, doctor is to look.
func (p Process) explained(err error, f *flags, ep codecommit.Endpoint, repository string) error {
	hints := p.hints(err)
	if len(hints) == 0 && !errors.Is(err, awsclient.ErrInterrupted) {
		target := helper.RemoteURL{Region: ep.Region, Profile: f.profile, Repository: repository}
		url := httpsURL(ep.Host, target)
		if isNamedRemote(p.Args) { // then this is the URL that git was given
			url = remoteURL(target)
		}
		hints = []string{"run: " + p.command() + " doctor " + shellWord(url)}
	}
	return &failure{err: err, hints: hints}
}

// command is how one types the name of this program: as its name alone if that
// leads here.
func (p Process) command() string {
	if program, err := p.Executable(); err == nil && !isNamedRemote(p.Args) {
		return commandName(program)
	}
	return Name
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
	switch {
	case e.Misnamed.Line != 0:
		return editAt(e.Misnamed)
	case e.Similar != "" && e.Variable != "":
		return []string{"there is a profile " + quote(e.Similar) + ", run: export " + e.Variable + "=" + shellWord(e.Similar)}
	case e.Similar != "":
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

// roleHints are for a call that AWS answered, and did not do.
func roleHints(e *session.AssumeRoleError, refused *awsclient.RefusedError) []string {
	switch {
	case refused.AccessDenied():
		return accessDenied(e)
	case refused.MFA:
		return []string{nextCode(e), "mfa_serial must be a device of the caller's own: aws iam list-mfa-devices"}
	case refused.Code != "ValidationError":
		return refusedHints(refused, e.Source)
	case e.Role.Duration > time.Hour && e.Caller.SessionToken != "":
		return append([]string{"a role that is assumed from a role's session has sessions of one hour at most"}, editAt(e.Role.At)...)
	case e.Role.Duration != 0:
		return append([]string{"run: aws iam get-role --role-name " + shellWord(roleName(e)) + " --query Role.MaxSessionDuration"}, editAt(e.Role.At)...)
	}
	return editAt(e.Role.At)
}

func nextCode(e *session.AssumeRoleError) string {
	return "each code works once: run the git command again, and type the next one that " + e.Role.MFASerial + " shows"
}

const freshCredentials = "get fresh credentials: a session token cannot be renewed"

// refusedHints are for a call that AWS refused to whose access key was read at
// source; nil if it was handed out.
func refusedHints(e *awsclient.RefusedError, source awsprofile.Source) []string {
	if e.Temporary() {
		return []string{"nothing here is at fault: run the git command again in a minute"}
	}
	switch e.Code {
	case "ExpiredToken", "ExpiredTokenException":
		if s, ok := source.(awsprofile.StaticKeys); ok {
			return append([]string{freshCredentials}, edit(s)...)
		}
		return []string{freshCredentials}
	case "InvalidClientTokenId", "UnrecognizedClientException":
		return newKeys(source)
	case "SignatureDoesNotMatch":
		return append(newKeys(source), "the clock counts too, compare it: date -u")
	}
	return nil
}

// newKeys puts another access key where the one was read. The AWS CLI asks for
// it, but for no session token, and leaves an old one there.
func newKeys(source awsprofile.Source) []string {
	switch s := source.(type) {
	case awsprofile.StaticKeys:
		if s.SessionToken == "" {
			return []string{"run: aws configure --profile " + shellWord(s.Profile)}
		}
		return edit(s)
	case awsprofile.EnvironmentKeys:
		return []string{"run: unset AWS_ACCESS_KEY_ID", "or set it and AWS_SECRET_ACCESS_KEY to what was issued"}
	}
	return nil
}
