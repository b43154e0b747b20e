package session

import (
	"context"
	"errors"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

// A Hop is one identity on the way through a chain: that of the source, or of
// a role.
type Hop struct {
	Role *awsprofile.Role // nil for the source
	// Credentials are the identity's, with its ARN and account as AWS told
	// them.
	Credentials
	// Kept says that they were found on disk.
	Kept bool
	// Ended is when the session that is kept ends or ended, if it is of no
	// use any more; zero when there is none.
	Ended time.Time
	// Err says why there are none, or why AWS does not say whose they are.
	Err error
}

// Hops walks the chain as Get does, but over all of its identities, and tells
// about each of them. Sessions that are kept are used, but none is kept, and
// nobody is asked for an MFA code. (An SSO or login token that AWS renews is
// written as Get writes it: the old one may be worth nothing then.)
//
// The result is what Get's would be. A hop may have failed all the same, if the
// session of a later one is kept.
func Hops(ctx context.Context, chain awsprofile.Chain, o Options, tell func(Hop)) (Result, error) {
	o.Prompt = nil
	w := newWalk(chain, o)
	if w.store != nil {
		w.store.ReadOnly = true
	}
	if err := w.checkRoleAccount(); err != nil {
		return Result{}, err
	}
	hop := w.sourceHop(ctx)
	tell(hop)
	for i := range w.chain.Roles {
		next := w.roleHop(ctx, hop, i)
		if next.Err != nil && hop.Err != nil {
			break // hop's own error says it
		}
		hop = next
		tell(hop)
		if hop.Err != nil {
			break
		}
	}
	err := hop.Err
	var network *awsclient.NetworkError
	if hop.Role == nil && hop.AccessKeyID != "" && errors.As(err, &network) {
		err = nil // Get does not ask AWS whose they are
	}
	if err == nil {
		err = w.checkAccount(ctx, &hop.Credentials)
	}
	return Result{Credentials: hop.Credentials, Skew: w.aws.Clock.Skew()}, err
}

// sourceHop is the source's identity. AWS is asked whose it is, unless the
// source said it.
func (w *walk) sourceHop(ctx context.Context) Hop {
	creds, err := w.source(ctx)
	if err == nil && creds.ARN == "" {
		var account, name string
		if account, name, err = w.callerIdentity(ctx, creds); err == nil {
			creds.AccountID, creds.ARN = account, name
		} else {
			err = &SourceError{Source: w.chain.Source, Err: err}
		}
	}
	return Hop{Credentials: creds, Err: err}
}

// roleHop is the identity of the chain's role i, which the one before it assumes,
// unless a session of it is kept.
func (w *walk) roleHop(ctx context.Context, caller Hop, i int) Hop {
	role := &w.chain.Roles[i]
	hop := Hop{Role: role}
	if hop.Credentials, hop.Kept = w.load(store.RoleKey(*role), isSessionOf(*role)); hop.Kept {
		return hop
	}
	hop.Ended = w.store.Expiry(store.RoleKey(*role), isSessionOf(*role))
	if caller.Err != nil {
		hop.Err = caller.Err
		return hop
	}
	e, err := w.assumeRole(ctx, caller.Credentials, *role)
	if hasEnded(err) && caller.Kept { // then Get makes the caller's session anew, and all before it if need be
		kept := w.store
		w.store = nil
		if caller.Credentials, err = w.identity(ctx, i); err == nil {
			e, err = w.assumeRole(ctx, caller.Credentials, *role)
		}
		w.store = kept
	}
	if err == nil {
		hop.Credentials, err = fromStored(e)
	}
	hop.Err = err
	return hop
}
