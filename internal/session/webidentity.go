package session

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/session/store"
)

// webIdentity assumes a role with a web identity token. The token authorizes the
// call, which is not signed. See
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html.
type webIdentity struct{ awsprofile.WebIdentity }

func (webIdentity) timeout(*walk) time.Duration { return callTimeout }
func (s webIdentity) key() string               { return store.WebIdentityKey(s.WebIdentity) }
func (webIdentity) kind() string                { return "web identity" }

func (s webIdentity) credentials(ctx context.Context, w *walk) (Credentials, error) {
	role := awsprofile.Role{ARN: s.RoleARN, SessionName: s.SessionName, Profile: s.Profile, At: s.At}
	return w.stored(ctx, 0, isSessionOf(role), func() (store.Session, error) {
		token, err := readSmallFile(s.TokenFile)
		text := strings.TrimSpace(string(token))
		if err == nil && text == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			return store.Session{}, &store.FileError{What: "web identity token", Path: s.TokenFile, Err: regularfile.Cause(err)}
		}
		client, err := w.aws.STS(aws.Credentials{})
		if err != nil {
			return store.Session{}, err
		}
		calls := &roleCalls{client: client}
		provider := stscreds.NewWebIdentityRoleProvider(calls, s.RoleARN, identityToken(text), func(o *stscreds.WebIdentityRoleOptions) {
			o.RoleSessionName = w.roleSessionName(s.SessionName)
		})
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		w.Trace("sts:AssumeRoleWithWebIdentity %s in %s", s.RoleARN, w.aws.Region())
		_, err = provider.Retrieve(ctx)
		e, err := calls.session(s.RoleARN, err)
		if err != nil {
			return store.Session{}, &AssumeRoleError{Role: role, TokenFile: s.TokenFile, HostRegion: w.hostRegion(), Err: err}
		}
		return e, nil
	})
}

// identityToken is a token that has already been read. The SDK would read any file,
// even a FIFO or an endless one.
type identityToken string

// GetIdentityToken implements stscreds.IdentityTokenRetriever.
func (t identityToken) GetIdentityToken() ([]byte, error) { return []byte(t), nil }
