package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

// roleCalls makes the STS calls that return a role session, for stscreds. It keeps
// the whole response: stscreds drops AssumedRoleUser, which the store needs, and
// its errors do not say what is wrong with a response.
type roleCalls struct {
	client       *sts.Client
	options      []func(*sts.Options)
	sendDuration bool // otherwise AWS's default of one hour applies

	credentials *types.Credentials
	user        *types.AssumedRoleUser
	answered    bool
}

// AssumeRole implements stscreds.AssumeRoleAPIClient.
func (c *roleCalls) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	if !c.sendDuration {
		in.DurationSeconds = nil // stscreds sends 15 minutes
	}
	out, err := c.client.AssumeRole(ctx, in, append(options, c.options...)...)
	if err == nil {
		c.credentials, c.user, c.answered = out.Credentials, out.AssumedRoleUser, true
	}
	return out, err
}

// AssumeRoleWithWebIdentity implements stscreds.AssumeRoleWithWebIdentityAPIClient.
// It drops the options of stscreds, which retry every InvalidIdentityToken,
// although only one kind is temporary (see awsclient).
func (c *roleCalls) AssumeRoleWithWebIdentity(ctx context.Context, in *sts.AssumeRoleWithWebIdentityInput, _ ...func(*sts.Options)) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	out, err := c.client.AssumeRoleWithWebIdentity(ctx, in, c.options...)
	if err == nil {
		c.credentials, c.user, c.answered = out.Credentials, out.AssumedRoleUser, true
	}
	return out, err
}

// session returns the role session in the response. Failed is the call's error,
// which is returned if there was no response.
func (c *roleCalls) session(role string, failed error) (store.Session, error) {
	switch {
	case !c.answered:
		return store.Session{}, awsclient.CallError("STS", failed)
	case c.credentials == nil || c.credentials.Expiration == nil || c.user == nil:
		return store.Session{}, errors.New("STS returned no credentials")
	}
	e := toStored(Credentials{
		AccessKeyID:     aws.ToString(c.credentials.AccessKeyId),
		SecretAccessKey: aws.ToString(c.credentials.SecretAccessKey),
		SessionToken:    aws.ToString(c.credentials.SessionToken),
		Expires:         *c.credentials.Expiration,
		AccountID:       arn.Account(aws.ToString(c.user.Arn)),
	})
	e.AssumedRoleUser = &store.AssumedRoleUser{AssumedRoleID: aws.ToString(c.user.AssumedRoleId), Arn: aws.ToString(c.user.Arn)}
	if _, err := fromStored(e); err != nil {
		return store.Session{}, fmt.Errorf("STS returned unusable credentials: %w", err)
	}
	if got := e.Credentials.AccountID; got != "" && got != arn.Account(role) {
		return store.Session{}, fmt.Errorf("STS returned a session of account %s", got)
	}
	return e, nil
}
