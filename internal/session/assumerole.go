package session

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

// assumeRole assumes the role of identity n as caller and returns the role session:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
// The error is an AssumeRoleError.
func (w *walk) assumeRole(ctx context.Context, caller Credentials, n int) (store.Session, error) {
	role := w.chain.Roles[n-1]
	fail := func(err error) (store.Session, error) {
		e := &AssumeRoleError{Role: role, Caller: caller, Source: w.keySource(caller), HostRegion: w.hostRegion(), Err: err}
		if errors.Is(err, ErrNoPrompt) {
			e.NotStorable = w.storable(n)
		}
		return store.Session{}, e
	}
	calls := &roleCalls{sendDuration: role.Duration != 0}
	code := ""
	if role.MFASerial != "" {
		var err error
		if code, err = w.mfaCode(ctx, role.MFASerial); err != nil {
			return fail(err)
		}
		w.identities[n].typed = true
		var retryer aws.Retryer
		ctx, retryer = w.aws.Once(ctx)
		calls.options = append(calls.options, func(o *sts.Options) { o.Retryer = retryer })
	}
	var err error
	if calls.client, err = w.aws.STS(caller.forSDK()); err != nil {
		return fail(err)
	}
	provider := stscreds.NewAssumeRoleProvider(calls, role.ARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = w.roleSessionName(role.SessionName)
		o.Duration = role.Duration
		o.ExternalID = optional(role.ExternalID)
		o.SerialNumber = optional(role.MFASerial)
		o.TokenProvider = func() (string, error) { return code, nil }
	})
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("sts:AssumeRole %s in %s as %s", role.ARN, w.aws.Region(), caller)
	_, err = provider.Retrieve(ctx)
	if awsclient.IsSkewRefusal(err) && w.aws.Clock.Skew() != 0 {
		w.Trace("clock off by %s: asking once more with AWS's time", w.aws.Clock.Skew())
		_, err = provider.Retrieve(ctx)
	}
	e, err := calls.session(role.ARN, err)
	if err != nil {
		return fail(err)
	}
	return e, nil
}

// forSDK converts the credentials for the SDK.
func (c Credentials) forSDK() aws.Credentials {
	return aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken}
}

// hostRegion returns STS's region if only the repository's host name determines it;
// otherwise "".
func (w *walk) hostRegion() string {
	if w.chain.Settings.Region != "" {
		return ""
	}
	return w.aws.Region()
}

// keySource returns where the access key of creds was read; nil if AWS issued it.
func (w *walk) keySource(creds Credentials) awsprofile.Source {
	var keys awsprofile.Keys
	switch s := w.chain.Source.(type) {
	case awsprofile.StaticKeys:
		keys = s.Keys
	case awsprofile.EnvironmentKeys:
		keys = s.Keys
	}
	if keys.AccessKeyID != creds.AccessKeyID {
		return nil
	}
	return w.chain.Source
}

// callerIdentity returns the account and the ARN of creds, as AWS reports them:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.
func (w *walk) callerIdentity(ctx context.Context, creds Credentials) (account, arn string, err error) {
	client, err := w.aws.STS(creds.forSDK())
	if err != nil {
		return "", "", err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("sts:GetCallerIdentity in %s as %s", w.aws.Region(), creds)
	out, err := client.GetCallerIdentity(ctx, nil)
	if awsclient.IsSkewRefusal(err) && w.aws.Clock.Skew() != 0 {
		out, err = client.GetCallerIdentity(ctx, nil)
	}
	if err != nil {
		return "", "", awsclient.CallError("STS", err)
	}
	return aws.ToString(out.Account), aws.ToString(out.Arn), nil
}

// roleSessionName returns the configured name of a role session, or else a name by
// which an auditor recognizes this program in CloudTrail.
func (w *walk) roleSessionName(configured string) string {
	if configured != "" {
		return configured
	}
	return "git-credential-codecommit-" + strconv.FormatInt(w.aws.Clock.Now().Unix(), 10)
}

// isSessionOf returns a function that recognizes sessions of a role, with the
// session name if one is configured:
// arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION.
func isSessionOf(role awsprofile.Role) func(store.Session) bool {
	return func(e store.Session) bool {
		if e.AssumedRoleUser == nil {
			return false
		}
		want, err := arn.Parse(role.ARN)
		got, err2 := arn.Parse(e.AssumedRoleUser.Arn)
		if err != nil || err2 != nil || got.Partition != want.Partition || got.AccountID != want.AccountID {
			return false
		}
		name := want.Resource[strings.LastIndex(want.Resource, "/")+1:]
		resource := strings.Split(got.Resource, "/")
		return len(resource) == 3 && resource[0] == "assumed-role" && resource[1] == name &&
			(role.SessionName == "" || resource[2] == role.SessionName)
	}
}

// optional returns nil for "", because settings that are not configured are not
// sent.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// sessionExpired reports whether AWS rejected a call because the caller's session has
// expired or is unknown.
func sessionExpired(err error) bool {
	var refused *awsclient.RefusedError
	return errors.As(err, &refused) && (refused.Code == "ExpiredToken" || refused.Code == "InvalidClientTokenId")
}
