package session

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/session/store"
)

// webIdentity assumes the role that the bearer of a web identity token may
// assume. The call is not signed: the token is what counts. See
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html.
func (w *walk) webIdentity(ctx context.Context, s awsprofile.WebIdentity) (Credentials, error) {
	role := awsprofile.Role{ARN: s.RoleARN, SessionName: s.SessionName, Profile: s.Profile, At: s.At}
	return w.stored(ctx, store.WebIdentityKey(s), isSessionOf(role), func() (store.Session, error) {
		token, err := readSmallFile(s.TokenFile)
		if err != nil {
			return store.Session{}, &FileError{What: "web identity token", Path: s.TokenFile, Err: regularfile.Cause(err)}
		}
		client, err := w.sts(Credentials{}, awsclient.NewRetryer(w.Trace))
		if err != nil {
			return store.Session{}, err
		}
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		w.Trace("sts:AssumeRoleWithWebIdentity %s in %s", s.RoleARN, w.region())
		out, err := client.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
			RoleArn:          aws.String(s.RoleARN),
			RoleSessionName:  aws.String(w.roleSessionName(s.SessionName)),
			WebIdentityToken: aws.String(strings.TrimSpace(string(token))),
		})
		if err != nil {
			return store.Session{}, &AssumeRoleError{Role: role, Err: awsclient.CallError("STS", err)}
		}
		return fromSTS(out.Credentials, out.AssumedRoleUser)
	})
}
