package session

import (
	"context"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awstime"
)

// staticKeys is an access key in one of the AWS files.
type staticKeys struct{ awsprofile.StaticKeys }

func (s staticKeys) credentials(context.Context, *walk) (Credentials, error) {
	return fromKeys(s.Keys), nil
}
func (staticKeys) timeout(*walk) time.Duration { return 0 }
func (staticKeys) key() string                 { return "" }
func (staticKeys) kind() string                { return "access key" }

// environmentKeys is an access key in AWS_ACCESS_KEY_ID and related variables.
type environmentKeys struct{ awsprofile.EnvironmentKeys }

func (s environmentKeys) credentials(context.Context, *walk) (Credentials, error) {
	creds := fromKeys(s.Keys)
	if s.Expires == "" {
		return creds, nil
	}
	var err error
	if creds.Expires, err = awstime.Parse(s.Expires); err != nil {
		return Credentials{}, &awsprofile.VariableError{Variable: "AWS_CREDENTIAL_EXPIRATION", Problem: "is not a time such as 2026-01-31T12:00:00Z"}
	}
	return creds, nil
}
func (environmentKeys) timeout(*walk) time.Duration { return 0 }
func (environmentKeys) key() string                 { return "" }
func (environmentKeys) kind() string                { return "AWS_ACCESS_KEY_ID" }

func fromKeys(k awsprofile.Keys) Credentials {
	return Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken}
}
