package session

import (
	"context"
	"errors"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

// A Hop is one identity of a chain: the source's, or a role's.
type Hop struct {
	Role *awsprofile.Role // nil for the source
	// Credentials are the identity's credentials, with the ARN and account that AWS
	// reported.
	Credentials
	// Kept is true if the credentials are a stored role session.
	Kept bool
	// Ended is the expiry of a stored session that can no longer be used; zero if
	// there is none.
	Ended time.Time
	// Err is why there are no credentials, or why AWS did not report whose they
	// are.
	Err error
}

// Hops walks the chain like Get, but through all of its identities, and reports
// each of them. It uses stored sessions but stores none, and does not prompt for
// MFA codes. (An SSO or login token that AWS renews is stored, because the old one
// may no longer work.)
//
// The result is the same as Get's. An identity can fail even if the result is
// valid, because a later one's session is stored.
func Hops(ctx context.Context, chain awsprofile.Chain, o Options, report func(Hop)) (Result, error) {
	o.Prompt, o.SignIn = nil, nil
	w := newWalk(chain, o)
	if w.store != nil {
		w.store.ReadOnly = true
	}
	if err := w.checkRoleAccount(); err != nil {
		return Result{}, err
	}
	var last Hop
	for n := range w.identities {
		if last.Err != nil && !w.find(n, isSessionOf(w.chain.Roles[n-1])) {
			break // the last hop's error explains it
		}
		last = w.hop(ctx, n)
		report(last)
	}
	err := last.Err
	var network *awsclient.NetworkError
	if len(w.chain.Roles) == 0 && last.AccessKeyID != "" && errors.As(err, &network) {
		err = nil // Get does not call GetCallerIdentity
	}
	if err == nil {
		err = w.checkAccount(ctx, &last.Credentials)
	}
	return Result{Credentials: last.Credentials, Skew: w.aws.Clock.Skew()}, err
}

// Renew gets new credentials from the chain's source, with the ARN and account that
// AWS reports. They replace stored ones, which may be of an earlier sign-in of
// another user.
func Renew(ctx context.Context, chain awsprofile.Chain, o Options) Hop {
	o.Prompt, o.SignIn = nil, nil
	w := newWalk(chain, o)
	w.renew = true
	return w.hop(ctx, 0)
}

// hop returns identity n. It calls AWS for the account of the source's credentials
// if the source did not report it.
func (w *walk) hop(ctx context.Context, n int) (hop Hop) {
	hop.Credentials, hop.Err = w.identity(ctx, n)
	if n > 0 {
		hop.Role = &w.chain.Roles[n-1]
		if hop.Kept = w.identities[n].stored; !hop.Kept {
			hop.Ended = w.store.Expiry(w.key(n), isSessionOf(*hop.Role))
		}
		return hop
	}
	if hop.Err == nil && hop.ARN == "" {
		account, name, err := w.callerIdentity(ctx, hop.Credentials)
		if err != nil {
			hop.Err = &SourceError{Source: w.chain.Source, Err: err}
			return hop
		}
		hop.AccountID, hop.ARN = account, name
	}
	return hop
}
