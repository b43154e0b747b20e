package session

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

// Errors without further facts.
var (
	// ErrNoPrompt is returned when a role wants an MFA code and there is
	// nobody to ask.
	ErrNoPrompt = errors.New("an MFA code is needed and nobody can be asked for it (no terminal, or GIT_TERMINAL_PROMPT=0)")
	// ErrMFACode is returned when what was typed cannot be an MFA code.
	ErrMFACode = errors.New("an MFA code has 6 digits")
	// ErrMetadataDisabled is returned when the instance metadata service is not
	// to be asked.
	ErrMetadataDisabled = errors.New("AWS_EC2_METADATA_DISABLED is set")
	// ErrMetadataV1Disabled is the cause when the metadata service gives no session
	// token, and is not to be asked without one.
	ErrMetadataV1Disabled = errors.New("IMDSv1 is switched off (AWS_EC2_METADATA_V1_DISABLED)")
	// ErrNoInstanceRole is returned when the metadata service answers and
	// knows no role for the instance.
	ErrNoInstanceRole = errors.New("the EC2 instance has no role: no instance profile is attached")
	// ErrLoginNotAllowed is returned when the user of an `aws login` may not
	// renew it: signing in again would help for minutes.
	ErrLoginNotAllowed = errors.New("the login cannot be renewed: its user may not use signin:CreateOAuth2Token")
	// ErrHopLimit is the cause when the metadata service wants a token and
	// none could be had: in a container behind a hop limit of 1 the answer
	// that holds the token is lost.
	ErrHopLimit = errors.New("it wants a session token and gave none (in a container: a hop limit of 1 loses it)")
)

// SourceError is returned when the source of a chain yields no credentials.
type SourceError struct {
	Source awsprofile.Source
	Err    error
}

func (e *SourceError) Error() string { return DescribeSource(e.Source) + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// NoCredentialsError is returned when nothing says where credentials come
// from, and there is no instance to have them from either.
type NoCredentialsError struct {
	Profile string // the profile that was chosen and says nothing; "" for none
	Err     error  // why the instance metadata service gave none
}

func (e *NoCredentialsError) Error() string {
	where := "neither the environment nor the default profile holds any"
	if e.Profile != "" {
		where = fmt.Sprintf("profile %q holds none", e.Profile)
	}
	return fmt.Sprintf("no credentials: %s, and EC2 instance metadata: %s", where, e.Err)
}
func (e *NoCredentialsError) Unwrap() error { return e.Err }

// AssumeRoleError is returned when a role could not be assumed.
type AssumeRoleError struct {
	Role   awsprofile.Role
	Caller Credentials // who asked; none for a web identity
	// Source is where Caller's access key was read, StaticKeys or
	// EnvironmentKeys; nil if it was not read but handed out.
	Source awsprofile.Source
	// NotStorable says, with ErrNoPrompt, why the session could not be stored if a
	// person typed a code; nil if it can be.
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
	var refused *awsclient.RefusedError
	if errors.As(e.Err, &refused) && refused.AccessDenied() {
		return fmt.Sprintf("%s%s may not assume %s%s", where, e.CallerName(), e.Role.ARN, at)
	}
	return fmt.Sprintf("%sassume role %s%s: %s", where, e.Role.ARN, at, e.Err)
}
func (e *AssumeRoleError) Unwrap() error { return e.Err }

// CallerName names who asked: its ARN where AWS told it, else the shortened
// access key id.
func (e *AssumeRoleError) CallerName() string {
	var refused *awsclient.RefusedError
	if errors.As(e.Err, &refused) && refused.Caller != "" {
		return refused.Caller
	}
	switch {
	case e.Caller.ARN != "":
		return e.Caller.ARN
	case e.Caller.AccessKeyID == "":
		return "the bearer of the web identity token"
	}
	return "access key " + e.Caller.String()
}

// MetadataError is returned when the EC2 metadata service could not answer.
type MetadataError struct {
	Asked    string // what it was asked to do: "list the instance's role"
	Answered bool   // something answers there
	Err      error
}

func (e *MetadataError) Error() string { return fmt.Sprintf("cannot %s: %s", e.Asked, e.Err) }
func (e *MetadataError) Unwrap() error { return e.Err }

// InstanceRoleError is returned when the role that is attached to the instance
// gives no credentials: it is gone, or EC2 may not assume it, which the metadata
// service tells as AssumeRoleUnauthorizedAccess:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html.
type InstanceRoleError struct {
	Role string // its name
	Gone bool
}

func (e *InstanceRoleError) Error() string {
	if e.Gone {
		return "instance role " + e.Role + " is listed and has no credentials: it was deleted or renamed"
	}
	return "EC2 may not assume the instance's role " + e.Role
}

// ExpiredError is returned when credentials had ended before they came.
type ExpiredError struct{ At time.Time }

func (e *ExpiredError) Error() string {
	return "the credentials expired at " + e.At.UTC().Format(time.RFC3339)
}

// printableStart is the printable start of s, short enough for a message.
func printableStart(s string) string {
	const most = 64 // bytes
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}
