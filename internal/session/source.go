package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"git-credential-codecommit/awsprofile"
)

// A source provides a chain's first credentials.
type source interface {
	// credentials obtains the credentials for a walk.
	credentials(ctx context.Context, w *walk) (Credentials, error)
	// timeout is the time limit for credentials.
	timeout(w *walk) time.Duration
	// key returns the key of the credentials in the store; "" if they are never
	// stored.
	key() string
	// kind names the kind of source in messages.
	kind() string
}

// sourceOf returns the implementation of a chain's source.
func sourceOf(s awsprofile.Source) source {
	switch s := s.(type) {
	case awsprofile.StaticKeys:
		return staticKeys{s}
	case awsprofile.EnvironmentKeys:
		return environmentKeys{s}
	case awsprofile.WebIdentity:
		return webIdentity{s}
	case awsprofile.SSO:
		return ssoRole{s}
	case awsprofile.Login:
		return login{s}
	case awsprofile.Process:
		return process{s}
	case awsprofile.Container:
		return container{s}
	case awsprofile.EC2:
		return instance{s}
	}
	return noSource{}
}

// noSource is the source of a chain that has none.
type noSource struct{}

func (noSource) credentials(context.Context, *walk) (Credentials, error) {
	return Credentials{}, errors.New("the chain has no source")
}
func (noSource) timeout(*walk) time.Duration { return 0 }
func (noSource) key() string                 { return "" }
func (noSource) kind() string                { return "no source" }

// source obtains and checks the credentials of the chain's source.
func (w *walk) source(ctx context.Context) (Credentials, error) {
	creds, err := sourceOf(w.chain.Source).credentials(ctx, w)
	if err == nil {
		err = creds.check()
	}
	if err == nil && !creds.Expires.IsZero() && !creds.Expires.After(w.aws.Clock.Now()) {
		err = &ExpiredError{At: creds.Expires}
	}
	var role *AssumeRoleError
	if errors.As(err, &role) {
		return Credentials{}, err // err is more specific than a SourceError
	}
	var metadata *MetadataError
	disabled := w.chain.Settings.Metadata.Disabled
	if s, ok := w.chain.Source.(awsprofile.EC2); ok && s.Fallback && (disabled || errors.As(err, &metadata)) {
		return Credentials{}, &NoCredentialsError{Profile: w.chain.Profile, Err: err}
	}
	if err != nil {
		return Credentials{}, &SourceError{Source: w.chain.Source, Err: err}
	}
	w.Trace("%s: access key %s", DescribeSource(w.chain.Source), creds)
	return creds, nil
}

// DescribeSource describes a source for messages: `profile "ci": access key
// (~/.aws/credentials:3)`.
func DescribeSource(s awsprofile.Source) string {
	description := sourceOf(s).kind()
	profile, at := s.Place()
	if profile != "" {
		description = fmt.Sprintf("profile %q: %s", profile, description)
	}
	if pos := at.String(); pos != "" {
		description += " (" + pos + ")"
	}
	return description
}
