package session

import (
	"context"
	"errors"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/session/store"
)

// source asks the chain's source for its credentials.
func (w *walk) source(ctx context.Context) (Credentials, error) {
	var (
		creds Credentials
		err   error
	)
	switch s := w.chain.Source.(type) {
	case awsprofile.StaticKeys:
		creds = fromKeys(s.Keys)
	case awsprofile.EnvironmentKeys:
		creds = fromKeys(s.Keys)
		creds.Expires, err = environmentExpiry(s.Expires)
	case awsprofile.EC2:
		creds, err = w.ec2(ctx)
	case awsprofile.Container:
		creds, err = w.container(ctx, s)
	case awsprofile.Process:
		creds, err = w.process(ctx, s)
	case awsprofile.WebIdentity:
		creds, err = w.webIdentity(ctx, s)
	case awsprofile.SSO:
		creds, err = w.sso(ctx, s)
	case awsprofile.Login:
		creds, err = w.login(ctx, s)
	}
	if err == nil {
		err = creds.check()
	}
	if err == nil && !creds.Expires.IsZero() && !creds.Expires.After(w.aws.Clock.Now()) {
		err = &ExpiredError{At: creds.Expires}
	}
	var role *AssumeRoleError
	if errors.As(err, &role) {
		return Credentials{}, err // it says more than where the role stands
	}
	var instance *MetadataError
	notAsked := w.chain.Settings.Metadata.Disabled
	if s, ok := w.chain.Source.(awsprofile.EC2); ok && s.Fallback && (notAsked || errors.As(err, &instance)) {
		return Credentials{}, &NoCredentialsError{Profile: w.chain.Profile, Err: err}
	}
	if err != nil {
		return Credentials{}, &SourceError{Source: w.chain.Source, Err: err}
	}
	w.Trace("%s: access key %s", DescribeSource(w.chain.Source), creds)
	return creds, nil
}

// sourceTimeout is how long the source may take to give its credentials.
func (w *walk) sourceTimeout() time.Duration {
	switch w.chain.Source.(type) {
	case awsprofile.EC2:
		return metadataTimeout(w.chain.Settings.Metadata)
	case awsprofile.Container:
		return containerAttempts*containerTimeout + (containerAttempts-1)*containerPause
	case awsprofile.Process:
		return processTimeout + processPipeDelay
	case awsprofile.WebIdentity, awsprofile.Login:
		return callTimeout
	case awsprofile.SSO:
		return 2 * callTimeout // for a new token, and for the role's credentials
	}
	return 0 // the keys are there
}

func fromKeys(k awsprofile.Keys) Credentials {
	return Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken}
}

func environmentExpiry(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := awstime.Parse(s)
	if err != nil {
		return time.Time{}, &awsprofile.VariableError{Variable: "AWS_CREDENTIAL_EXPIRATION", Problem: "is not a time such as 2026-01-31T12:00:00Z"}
	}
	return t, nil
}

// sourceKey is the key of the session that a source gives; "" for one whose
// credentials are never stored.
func sourceKey(source awsprofile.Source) string {
	switch s := source.(type) {
	case awsprofile.WebIdentity:
		return store.WebIdentityKey(s)
	case awsprofile.SSO:
		return store.SSOKey(s)
	}
	return ""
}
