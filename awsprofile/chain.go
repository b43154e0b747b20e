// Package awsprofile reads AWS configuration (the AWS_* variables, ~/.aws/config
// and ~/.aws/credentials) and resolves it to a chain: a source of credentials, and
// the roles to assume from there. It does not use the network or start processes.
// Only AddProfile, RemoveProfiles and SetSSORegion write to the files.
//
// The AWS CLI is the reference for the grammar of the files and for the order of
// sources.
package awsprofile

import (
	"strconv"
	"time"
)

// A Chain is the result of resolving a profile or the default chain: the source of
// the first credentials, and the roles to assume from there, in order.
type Chain struct {
	// Profile is the profile that defines the chain; "" if only the environment, a
	// container or an instance does.
	Profile string
	// Source is where the first credentials come from; never nil.
	Source Source
	// Roles are assumed in this order; the last one is the identity that signs. If
	// it is empty, the source's identity signs.
	Roles []Role
	// Settings are what the chain's AWS calls need besides credentials.
	Settings Settings
}

// callsAWS reports whether the chain may call an AWS service: it assumes a role, or
// its source is not an access key.
func (c Chain) callsAWS() bool {
	switch c.Source.(type) {
	case StaticKeys, EnvironmentKeys:
		return len(c.Roles) > 0
	}
	return true
}

// A Role describes one AssumeRole call (sts:AssumeRole).
type Role struct {
	ARN         string
	ExternalID  string        // "" for none
	MFASerial   string        // "" if the role requires no MFA
	SessionName string        // "" for the default name
	Duration    time.Duration // whole seconds; 0 for AWS's default, one hour
	Profile     string        // the profile with role_arn; "" for --role-arn
	At          Position      // position of role_arn
}

// A Position is a position in a file, for messages. The zero value means that the
// value comes from a flag or a variable instead.
type Position struct {
	File string // as the user would type it
	Line int    // from 1; 0 means the file as a whole
}

// String returns FILE:LINE, FILE if Line is 0, or "" for the zero value.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// A Source is the origin of a chain's first credentials: one of StaticKeys,
// EnvironmentKeys, WebIdentity, SSO, Login, Process, Container and EC2.
type Source interface {
	// Place returns the profile that configures the source, and the position. Both
	// are zero if no file configures it.
	Place() (profile string, at Position)
}

// StaticKeys is an access key in one of the AWS files.
type StaticKeys struct {
	Keys
	Profile string
	At      Position // position of aws_access_key_id
}

// EnvironmentKeys is an access key in AWS_ACCESS_KEY_ID and related variables.
type EnvironmentKeys struct {
	Keys
	Expires string   // AWS_CREDENTIAL_EXPIRATION, unparsed; "" means never
	Profile string   // the profile with credential_source; "" for none
	At      Position // position of credential_source
}

// WebIdentity is a file with a token that is exchanged for a role's credentials
// (sts:AssumeRoleWithWebIdentity).
type WebIdentity struct {
	TokenFile   string
	RoleARN     string
	SessionName string // "" for the default name
	Profile     string // "" if AWS_WEB_IDENTITY_TOKEN_FILE names the file
	At          Position
}

// SSO is an IAM Identity Center role. The token of a sign-in provides its
// credentials.
type SSO struct {
	Session   string // name of the [sso-session]; "" for the legacy form
	StartURL  string
	Region    string   // region of the portal
	Scopes    []string // sso_registration_scopes; nil if it is not set
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
	Path    string // path of the file in At
}

// Container is the credential endpoint of ECS, EKS Pod Identity, CodeBuild and the
// like. Either RelativeURI or FullURI is set.
type Container struct {
	RelativeURI string // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
	FullURI     string // AWS_CONTAINER_CREDENTIALS_FULL_URI
	Token       string // AWS_CONTAINER_AUTHORIZATION_TOKEN
	TokenFile   string // AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; takes precedence over Token
	Profile     string // the profile with credential_source; "" for none
	At          Position
}

// EC2 is the instance metadata service.
type EC2 struct {
	// Fallback is true if no setting requests the instance metadata service, so
	// that it is only the last source to try.
	Fallback bool
	Profile  string // the profile with credential_source; "" for none
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

// Keys are an access key. They print only the access key ID.
type Keys struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // "" for long-term keys
}

// String returns the access key ID only.
func (k Keys) String() string { return "access key " + k.AccessKeyID }

// GoString returns the access key ID only.
func (k Keys) GoString() string { return k.String() }

// MarshalText returns the access key ID only, so that no encoder writes a secret.
func (k Keys) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
