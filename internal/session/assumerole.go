package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

// assumeRole has caller assume role and returns the role session:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
func (w *walk) assumeRole(ctx context.Context, caller Credentials, role awsprofile.Role) (store.Session, error) {
	fail := func(err error) (store.Session, error) {
		return store.Session{}, &AssumeRoleError{Role: role, Caller: caller, Source: w.whereRead(caller), Err: err}
	}
	input := &sts.AssumeRoleInput{
		RoleArn:         aws.String(role.ARN),
		RoleSessionName: aws.String(w.roleSessionName(role.SessionName)),
		ExternalId:      optional(role.ExternalID),
		SerialNumber:    optional(role.MFASerial),
	}
	if role.Duration != 0 {
		input.DurationSeconds = aws.Int32(int32(role.Duration / time.Second))
	}
	retryer := awsclient.NewRetryer(w.Trace)
	if role.MFASerial != "" {
		code, err := w.mfaCode(ctx, role.MFASerial)
		if err != nil {
			return fail(err)
		}
		input.TokenCode = aws.String(code)
		ctx, retryer = awsclient.NewOnceRetryer(ctx, w.Trace)
	}
	client, err := w.sts(caller, retryer)
	if err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("sts:AssumeRole %s in %s as %s", role.ARN, w.region(), caller)
	out, err := client.AssumeRole(ctx, input)
	if awsclient.IsSkewRefusal(err) && w.clock.Skew() != 0 {
		w.Trace("clock off by %s: asking once more with AWS's time", w.clock.Skew())
		out, err = client.AssumeRole(ctx, input)
	}
	if err != nil {
		return fail(awsclient.CallError("STS", err))
	}
	e, err := fromSTS(out.Credentials, out.AssumedRoleUser)
	if err != nil {
		return fail(err)
	}
	return e, nil
}

// whereRead is where the access key of creds was read; nil if it was handed out.
func (w *walk) whereRead(creds Credentials) awsprofile.Source {
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

// callerIdentity asks who creds belong to:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.
func (w *walk) callerIdentity(ctx context.Context, creds Credentials) (account, arn string, err error) {
	client, err := w.sts(creds, awsclient.NewRetryer(w.Trace))
	if err != nil {
		return "", "", err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w.Trace("sts:GetCallerIdentity in %s as %s", w.region(), creds)
	out, err := client.GetCallerIdentity(ctx, nil)
	if awsclient.IsSkewRefusal(err) && w.clock.Skew() != 0 {
		out, err = client.GetCallerIdentity(ctx, nil)
	}
	if err != nil {
		return "", "", awsclient.CallError("STS", err)
	}
	return aws.ToString(out.Account), aws.ToString(out.Arn), nil
}

// sts returns a client that signs as creds. Without credentials it signs
// nothing.
func (w *walk) sts(creds Credentials, retryer aws.Retryer) (*sts.Client, error) {
	httpClient, err := w.httpClient()
	if err != nil {
		return nil, err
	}
	set := w.chain.Settings
	o := sts.Options{
		Region:                     w.region(),
		HTTPClient:                 httpClient,
		HTTPSignerV4:               awsclient.Signer{Signer: v4.NewSigner(), Clock: w.clock},
		Retryer:                    retryer,
		Logger:                     awsclient.Quiet,
		AppID:                      userAgent,
		DisableClockSkewCorrection: true, // ours reaches CodeCommit's signature too
		EndpointOptions: sts.EndpointResolverOptions{
			UseFIPSEndpoint:      aws.FIPSEndpointState(state(set.UseFIPS)),
			UseDualStackEndpoint: aws.DualStackEndpointState(state(set.UseDualStack)),
		},
		BaseEndpoint: optional(set.Endpoints["sts"]),
		Credentials:  aws.AnonymousCredentials{},
	}
	if creds.AccessKeyID != "" {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     creds.AccessKeyID,
				SecretAccessKey: creds.SecretAccessKey,
				SessionToken:    creds.SessionToken,
			}, nil
		})
	}
	return sts.New(o), nil
}

// roleSessionName names a role session that the profile does not name, so that
// an auditor sees in CloudTrail what it was for.
func (w *walk) roleSessionName(configured string) string {
	if configured != "" {
		return configured
	}
	return "git-credential-codecommit-" + strconv.FormatInt(w.clock.Now().Unix(), 10)
}

func (w *walk) mfaCode(ctx context.Context, serial string) (string, error) {
	if w.Prompt == nil {
		return "", ErrNoPrompt
	}
	ctx, cancel := context.WithTimeout(ctx, promptTimeout)
	defer cancel()
	code, err := w.Prompt(ctx, serial)
	if err != nil {
		return "", err
	}
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return "", ErrMFACode
	}
	return code, nil
}

// fromSTS takes the session out of an answer of STS.
func fromSTS(c *types.Credentials, user *types.AssumedRoleUser) (store.Session, error) {
	if c == nil || c.Expiration == nil || user == nil {
		return store.Session{}, errors.New("STS answered without credentials")
	}
	e := toStored(Credentials{
		AccessKeyID:     aws.ToString(c.AccessKeyId),
		SecretAccessKey: aws.ToString(c.SecretAccessKey),
		SessionToken:    aws.ToString(c.SessionToken),
		Expires:         *c.Expiration,
		AccountID:       arn.Account(aws.ToString(user.Arn)),
	})
	e.AssumedRoleUser = &store.AssumedRoleUser{AssumedRoleID: aws.ToString(user.AssumedRoleId), Arn: aws.ToString(user.Arn)}
	if _, err := fromStored(e); err != nil {
		return store.Session{}, fmt.Errorf("STS answered with unusable credentials: %w", err)
	}
	return e, nil
}

// isSessionOf tells the sessions of a role, and of the session name where one
// is configured, from others: arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION.
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

// optional is nil for "": what is not configured is not sent.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// state is the SDK's three-valued switch: 1 on, 2 off.
func state(on bool) int {
	if on {
		return 1
	}
	return 2
}

// hasEnded says that AWS refused a call since the session that made it has ended,
// or is not known any more.
func hasEnded(err error) bool {
	var refused *awsclient.RefusedError
	return errors.As(err, &refused) && (refused.Code == "ExpiredToken" || refused.Code == "InvalidClientTokenId")
}
