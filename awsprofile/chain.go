// Package awsprofile turns AWS configuration into chains: the environment's
// AWS_* variables and the two AWS files (~/.aws/config and ~/.aws/credentials)
// in, and out the path from a source of credentials through one role after
// another. It touches files and nothing else: no network, no child process. It
// reads them, but for AddProfile and RemoveProfile.
//
// The AWS CLI is the reference for the grammar of the files and for the order
// in which sources are looked for.
package awsprofile

import (
	"strconv"
	"time"
)

// A Chain is what a profile, or the default chain, means: where the first
// credentials come from, and the roles to assume from there, one after another.
type Chain struct {
	// Profile is the profile that the chain was read from, or "" when it
	// comes from the environment, a container or an instance alone.
	Profile string
	// Source is where the first credentials come from; never nil.
	Source Source
	// Roles are assumed in this order; the last one is the identity that
	// signs. Empty means that the source's own identity signs.
	Roles []Role
	// Settings hold what the AWS calls of the chain need beside credentials.
	Settings Settings
}

// callsAWS reports whether the chain can need a call of an AWS service: it assumes
// a role, or its source is not an access key.
func (c Chain) callsAWS() bool {
	switch c.Source.(type) {
	case StaticKeys, EnvironmentKeys:
		return len(c.Roles) > 0
	}
	return true
}

// A Role is one AssumeRole call (sts:AssumeRole).
type Role struct {
	ARN         string
	ExternalID  string        // "" sends none
	MFASerial   string        // "" asks for no code
	SessionName string        // "" lets the session choose a name
	Duration    time.Duration // whole seconds; 0 leaves it to AWS: one hour
	Profile     string        // the profile that asks for the role; "" for --role-arn
	At          Position      // where role_arn stands
}

// A Position is a place in a file, for messages. The zero value is no place:
// a flag or an environment variable.
type Position struct {
	File string // as the user would type it
	Line int    // from 1; 0 means the file as a whole
}

// String is FILE:LINE, or FILE, or "" for no place.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// A Source is where the first credentials of a chain come from: one of
// StaticKeys, EnvironmentKeys, WebIdentity, SSO, Login, Process, Container
// and EC2.
type Source interface {
	// Place is the profile that names the source, and where. Both are empty
	// when no file does.
	Place() (profile string, at Position)
}

// StaticKeys are an access key that stands in one of the AWS files.
type StaticKeys struct {
	Keys
	Profile string
	At      Position // where aws_access_key_id stands
}

// EnvironmentKeys are an access key in AWS_ACCESS_KEY_ID and its companions.
type EnvironmentKeys struct {
	Keys
	Expires string   // AWS_CREDENTIAL_EXPIRATION as it stands; "" means never
	Profile string   // whose credential_source names them; "" for none
	At      Position // where credential_source stands
}

// WebIdentity is a token file whose bearer may assume a role
// (sts:AssumeRoleWithWebIdentity).
type WebIdentity struct {
	TokenFile   string
	RoleARN     string
	SessionName string // "" lets the session choose a name
	Profile     string // "" when the environment's variables say it
	At          Position
}

// SSO is a role of IAM Identity Center, reached with the token that
// `aws sso login` left behind.
type SSO struct {
	Session   string // name of the [sso-session]; "" for the legacy form
	StartURL  string
	Region    string // of the portal
	AccountID string
	RoleName  string
	Profile   string
	At        Position
}

// Login is a session of `aws login`.
type Login struct {
	Session string // value of login_session
	Profile string
	At      Position
}

// Process is a credential_process.
type Process struct {
	Command []string // words, split as the AWS CLI splits them; never empty
	Profile string
	At      Position
}

// Container is the credential endpoint of ECS, EKS Pod Identity, CodeBuild
// and the like. One of RelativeURI and FullURI is set.
type Container struct {
	RelativeURI string // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
	FullURI     string // AWS_CONTAINER_CREDENTIALS_FULL_URI
	Token       string // AWS_CONTAINER_AUTHORIZATION_TOKEN
	TokenFile   string // AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; wins over Token
	Profile     string // whose credential_source names it; "" for none
	At          Position
}

// EC2 is the instance metadata service.
type EC2 struct {
	// Fallback says that nothing asks for it: it is the last place to look.
	Fallback bool
	Profile  string // whose credential_source names it; "" for none
	At       Position
}

// Place implements Source.
func (s StaticKeys) Place() (string, Position) { return s.Profile, s.At }

// Place implements Source.
func (s EnvironmentKeys) Place() (string, Position) { return s.Profile, s.At }

// Place implements Source.
func (s WebIdentity) Place() (string, Position) { return s.Profile, s.At }

// Place implements Source.
func (s SSO) Place() (string, Position) { return s.Profile, s.At }

// Place implements Source.
func (s Login) Place() (string, Position) { return s.Profile, s.At }

// Place implements Source.
func (s Process) Place() (string, Position) { return s.Profile, s.At }

// Place implements Source.
func (s Container) Place() (string, Position) { return s.Profile, s.At }

// Place implements Source.
func (s EC2) Place() (string, Position) { return s.Profile, s.At }

// Keys are an access key. They print as their key id alone.
type Keys struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // "" for long-term keys
}

// String shows the access key id only.
func (k Keys) String() string { return "access key " + k.AccessKeyID }

// GoString shows the access key id only.
func (k Keys) GoString() string { return k.String() }

// MarshalText shows the access key id only, so that no encoder writes a secret.
func (k Keys) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
