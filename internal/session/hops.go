package session

import (
	"context"
	"errors"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

// A Hop is one identity of a chain: that of the source, or of a role.
type Hop struct {
	Role *awsprofile.Role // nil for the source
	// Credentials are the identity's, with its ARN and account as AWS named
	// them.
	Credentials
	// Kept reports that they are a stored role session.
	Kept bool
	// Ended is when the stored session expires or expired, if it can no longer
	// be used; zero when there is none.
	Ended time.Time
	// Err says why there are no credentials, or why AWS does not say whose they
	// are.
	Err error
}

// Hops walks the chain as Get does, but through all of its identities, and reports
// each of them. Stored sessions are used, but none is stored, and no one is asked
// for an MFA code. (An SSO or login token that AWS renews is written as Get writes
// it: the old one may no longer work then.)
//
// The result is what Get's would be. A hop may have failed all the same, if the
// session of a later one is stored.
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
			break // the last hop's own error says it
		}
		last = w.hop(ctx, n)
		report(last)
	}
	err := last.Err
	var network *awsclient.NetworkError
	if len(w.chain.Roles) == 0 && last.AccessKeyID != "" && errors.As(err, &network) {
		err = nil // Get does not ask AWS whose they are
	}
	if err == nil {
		err = w.checkAccount(ctx, &last.Credentials)
	}
	return Result{Credentials: last.Credentials, Skew: w.aws.Clock.Skew()}, err
}

// hop returns identity n. It calls AWS for the account of the source's credentials
// unless the source reported it.
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
