package session

import (
	"context"
	"slices"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

// Options say how a chain is walked.
type Options struct {
	// Region is where STS is asked when the chain's settings name no region.
	Region string
	// Now is this machine's clock.
	Now func() time.Time
	// Home is the user's home folder, where sessions are kept; "" keeps none.
	Home string
	// LoginCache is the folder of `aws login` (AWS_LOGIN_CACHE_DIRECTORY); ""
	// for ~/.aws/login/cache.
	LoginCache string
	// NoStore neither reads nor keeps role sessions.
	NoStore bool
	// Prompt asks a person for the current code of an MFA device. When it is nil
	// there is nobody to ask.
	Prompt func(ctx context.Context, serial string) (code string, err error)
	// Account is the account that the credentials must be known to belong to;
	// "" takes any.
	Account string
	// Trace is told what is done, never a secret; may be nil.
	Trace func(format string, args ...any)
}

// Result is what a walk yields.
type Result struct {
	Credentials
	// Skew is AWS's clock minus this machine's; 0 when they agree to a
	// minute, or AWS was not asked.
	Skew time.Duration
}

// Get walks the chain and returns the credentials of its last identity, one
// snapshot. What can fail is told as NoCredentialsError, SourceError,
// AssumeRoleError or AccountError; none of them holds a secret.
func Get(ctx context.Context, chain awsprofile.Chain, o Options) (Result, error) {
	w := newWalk(chain, o)
	if err := w.checkRoleAccount(); err != nil {
		return Result{}, err
	}
	creds, err := w.identity(ctx, len(w.chain.Roles))
	if err == nil {
		err = w.checkAccount(ctx, &creds)
	}
	if err != nil {
		return Result{}, err
	}
	return Result{Credentials: creds, Skew: w.aws.Clock.Skew()}, nil
}

// Forget drops the kept session of the chain's last identity if it is the one
// with this access key id and session token: git says that it was refused.
func Forget(chain awsprofile.Chain, o Options, accessKeyID, sessionToken string) {
	w := newWalk(chain, o)
	w.reject(w.key(len(w.chain.Roles)), accessKeyID, sessionToken)
}

// walk is one way through a chain.
type walk struct {
	Options
	chain awsprofile.Chain
	aws   *awsclient.Client
	store *store.Sessions // nil keeps nothing
	made  []string        // the keys of the sessions that this walk has made
}

func newWalk(chain awsprofile.Chain, o Options) *walk {
	if o.Trace == nil {
		o.Trace = func(string, ...any) {}
	}
	w := &walk{Options: o, chain: withoutCircles(chain), aws: awsclient.New(chain.Settings, o.Region, o.Now, o.Trace)}
	if o.Home != "" && !o.NoStore {
		w.store = &store.Sessions{Folder: sessionFolder(o.Home), Now: w.aws.Clock.Now}
	}
	return w
}

// withoutCircles is a chain without the roles that only lead back to a session
// which it had before: --role-arn may name the role that the profile or the
// environment leads to already. In the store both are one, and so is their lock.
func withoutCircles(chain awsprofile.Chain) awsprofile.Chain {
	keys := []string{sourceKey(chain.Source)}
	var roles []awsprofile.Role
	for _, role := range chain.Roles {
		key := store.RoleKey(role)
		if i := slices.Index(keys, key); i >= 0 {
			keys, roles = keys[:i+1], roles[:i]
			continue
		}
		keys, roles = append(keys, key), append(roles, role)
	}
	chain.Roles = roles
	return chain
}

// key is the key in the store of the identity that n roles of the chain lead to;
// "" when it is one that is never kept.
func (w *walk) key(n int) string {
	if n == 0 {
		return sourceKey(w.chain.Source)
	}
	return store.RoleKey(w.chain.Roles[n-1])
}

// identity returns the credentials of the identity that n roles of the chain
// lead to. The newest session that is kept and usable is the start: what lies
// before it is not asked.
func (w *walk) identity(ctx context.Context, n int) (Credentials, error) {
	if n == 0 {
		return w.source(ctx)
	}
	role := w.chain.Roles[n-1]
	return w.stored(ctx, w.key(n), isSessionOf(role), func() (store.Session, error) {
		caller, err := w.identity(ctx, n-1)
		if err != nil {
			return store.Session{}, err
		}
		e, err := w.assumeRole(ctx, caller, role)
		if !hasEnded(err) || !w.canBeStored(n-1) {
			return e, err
		}
		w.reject(w.key(n-1), caller.AccessKeyID, caller.SessionToken) // unless another process was quicker
		if caller, err = w.identity(ctx, n-1); err != nil {
			return store.Session{}, err
		}
		return w.assumeRole(ctx, caller, role)
	})
}

// callTimeout is how long all attempts of one call may take.
const callTimeout = awsclient.CallTimeout

// lockMargin is how much longer to wait for another process than what it does may
// take.
const lockMargin = 5 * time.Second

// wrongClock is how far this machine's clock may be from AWS's before sessions
// are no longer stored. A process that took one from the store would call nothing,
// not learn AWS's time, and sign with this machine's.
const wrongClock = 4 * time.Minute

// promptTimeout is how long a person may take to answer Prompt.
const promptTimeout = 2 * time.Minute

// lockTimeout is how long to wait for another process that is making a session
// of this chain: as long as it may take, from the source on.
func (w *walk) lockTimeout() time.Duration {
	timeout := w.sourceTimeout() + lockMargin
	for _, role := range w.chain.Roles {
		if role.MFASerial != "" {
			timeout += promptTimeout
		}
		timeout += callTimeout
	}
	return timeout
}
