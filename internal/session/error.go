package session

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/shell"
)

// SourceError is returned if a chain's source provides no credentials.
type SourceError struct {
	Source awsprofile.Source
	Err    error
}

func (e *SourceError) Error() string { return DescribeSource(e.Source) + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// Hints returns how to fix the cause if it is known, otherwise where the source is
// configured.
func (e *SourceError) Hints() []cli.Hint {
	var (
		sso      *identitycenter.NotSignedInError
		signIn   *SignInError
		login    *LoginError
		metadata *MetadataError
		refused  *awsclient.RefusedError
		network  *awsclient.NetworkError
		expired  *ExpiredError
		process  *processError
	)
	profile, at := e.Source.Place()
	switch {
	case errors.As(e.Err, &signIn) && len(cli.HintsOf(signIn.Err)) > 0:
		return cli.HintsOf(signIn.Err)
	case errors.As(e.Err, &sso), errors.As(e.Err, &signIn):
		return []cli.Hint{cli.RunThis("login --profile " + shell.Typed(profile))}
	case errors.As(e.Err, &login):
		return []cli.Hint{cli.Run("aws login --profile " + shell.Typed(profile))}
	case errors.As(e.Err, &metadata) && !metadata.Answered:
		// The service may be disabled, or this machine is not an instance.
		hints := []cli.Hint{enableMetadata.When("on an instance")}
		for _, command := range at.Edit() {
			hints = append(hints, command.When("anywhere else, choose another source"))
		}
		return hints
	}
	if known := cli.HintsOf(e.Err); len(known) > 0 {
		return known
	}
	switch {
	case errors.As(e.Err, &refused):
		return keyHints(refused, e.Source)
	case errors.As(e.Err, &network), errors.As(e.Err, &process), errors.Is(e.Err, awsclient.ErrInterrupted):
		return nil // the files are correct
	}
	switch e.Source.(type) {
	case awsprofile.StaticKeys, awsprofile.Process, awsprofile.WebIdentity, awsprofile.SSO, awsprofile.Login:
		return at.Edit()
	case awsprofile.EnvironmentKeys:
		if errors.As(e.Err, &expired) {
			return []cli.Hint{freshCredentials}
		}
		return newKeys(e.Source)
	}
	return nil
}

// NoCredentialsError is returned if no source of credentials is configured, and the
// machine has no instance credentials either.
type NoCredentialsError struct {
	Profile string // the selected profile, which has no credentials; "" for none
	Err     error  // why the instance metadata service provides none
}

func (e *NoCredentialsError) Error() string {
	where := "neither the environment nor the default profile has any"
	if e.Profile != "" {
		where = fmt.Sprintf("profile %q has none", e.Profile)
	}
	return fmt.Sprintf("no credentials: %s, and EC2 instance metadata: %s", where, e.Err)
}
func (e *NoCredentialsError) Unwrap() error { return e.Err }

// Hints returns how to configure credentials.
func (e *NoCredentialsError) Hints() []cli.Hint {
	configure, another := cli.Run("aws configure"), "a profile"
	if e.Profile != "" {
		configure, another = cli.Run("aws configure --profile "+shell.Typed(e.Profile)), "another profile"
	}
	return []cli.Hint{configure, cli.RunThis("setup --profile NAME").When("to use " + another)}
}

// ExpiredError is returned for credentials that had already expired when they were
// obtained.
type ExpiredError struct{ At time.Time }

func (e *ExpiredError) Error() string {
	return "the credentials expired at " + e.At.UTC().Format(time.RFC3339)
}

var freshCredentials = cli.Advice("get new credentials: a session token cannot be renewed")

// keyHints returns the hints for a call that AWS rejected because of the access
// key, which was read at source; nil if AWS issued the key.
func keyHints(e *awsclient.RefusedError, source awsprofile.Source) []cli.Hint {
	if known := e.Hints(); len(known) > 0 {
		return known
	}
	switch e.Code {
	case "ExpiredToken", "ExpiredTokenException":
		if s, ok := source.(awsprofile.StaticKeys); ok {
			return append([]cli.Hint{freshCredentials}, s.At.Edit()...)
		}
		return []cli.Hint{freshCredentials}
	case "InvalidClientTokenId", "UnrecognizedClientException":
		return newKeys(source)
	case "SignatureDoesNotMatch":
		return append(newKeys(source), cli.Run(shell.Time()).When("if the key is right, check the clock"))
	}
	return nil
}

// newKeys returns how to replace the access key where it was read. `aws configure`
// asks for a key, but not for a session token, and keeps an old token.
func newKeys(source awsprofile.Source) []cli.Hint {
	switch s := source.(type) {
	case awsprofile.StaticKeys:
		if s.SessionToken == "" {
			return []cli.Hint{cli.Run("aws configure --profile " + shell.Typed(s.Profile))}
		}
		return s.At.Edit()
	case awsprofile.EnvironmentKeys:
		return []cli.Hint{cli.Run(shell.Unset("AWS_ACCESS_KEY_ID")), cli.Advice("or set it and AWS_SECRET_ACCESS_KEY to the issued values")}
	}
	return nil
}

// printableStart returns the beginning of s, up to the first non-printable
// character and short enough for a message.
func printableStart(s string) string {
	const most = 200 // bytes
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}
