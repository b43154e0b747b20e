package session

import (
	"context"
	"slices"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

// A walk obtains the identities of a chain, each at most once.
type walk struct {
	Options
	chain      awsprofile.Chain
	aws        *awsclient.Client
	store      *store.Sessions // nil if nothing is stored
	identities []identity      // the source's, then each role's
	notStored  error           // the first NotStoredError; nil if there is none
	renew      bool            // stored sessions are not used, only replaced

	openTerminal func() *terminal
}

// identity is the state of one identity of the chain.
type identity struct {
	known    bool // creds or err is set
	creds    Credentials
	err      error
	stored   bool   // creds came from the store
	ignored  error  // why the stored session was not used
	typed    bool   // the user typed an MFA code for creds
	rejected string // access key ID of a stored session that AWS rejected
}

func newWalk(chain awsprofile.Chain, o Options) *walk {
	if o.Trace == nil {
		o.Trace = func(string, ...any) {}
	}
	chain = withoutLoops(chain)
	w := &walk{
		Options:    o,
		chain:      chain,
		aws:        awsclient.New(chain.Settings, o.Region, o.Now, o.Trace),
		identities: make([]identity, 1+len(chain.Roles)),

		openTerminal: openTerminal,
	}
	if o.Home != "" && !o.NoStore {
		w.store = &store.Sessions{Folder: sessionFolder(o.Home), Now: w.aws.Clock.Now}
	}
	return w
}

// withoutLoops returns the chain without roles that return to an earlier session:
// --role-arn may name the role in which the profile or the environment already
// ends. Both would have the same key in the store, and the same lock.
func withoutLoops(chain awsprofile.Chain) awsprofile.Chain {
	keys := []string{sourceOf(chain.Source).key()}
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

// key returns the key of identity n in the store; "" if it is never stored.
func (w *walk) key(n int) string {
	if n == 0 {
		return sourceOf(w.chain.Source).key()
	}
	return store.RoleKey(w.chain.Roles[n-1])
}

// identity returns the credentials of identity n. It starts from the newest usable
// stored session, and makes no calls for the identities before it.
func (w *walk) identity(ctx context.Context, n int) (Credentials, error) {
	if !w.identities[n].known {
		var creds Credentials
		var err error
		if n == 0 {
			creds, err = w.source(ctx)
		} else {
			creds, err = w.role(ctx, n)
		}
		id := &w.identities[n]
		id.known, id.creds, id.err = true, creds, err
	}
	return w.identities[n].creds, w.identities[n].err
}

// role returns the credentials of identity n, a role. If AWS says that the caller's
// session, which came from the store, has expired, it obtains a new session for the
// caller.
func (w *walk) role(ctx context.Context, n int) (Credentials, error) {
	role := w.chain.Roles[n-1]
	obtain := func() (Credentials, error) {
		return w.stored(ctx, n, isSessionOf(role), func() (store.Session, error) {
			caller, err := w.identity(ctx, n-1)
			if err != nil {
				return store.Session{}, err
			}
			return w.assumeRole(ctx, caller, n)
		})
	}
	creds, err := obtain()
	caller := &w.identities[n-1]
	if !sessionExpired(err) || !caller.stored {
		return creds, err
	}
	w.reject(w.key(n-1), caller.creds.AccessKeyID, caller.creds.SessionToken)
	*caller = identity{rejected: caller.creds.AccessKeyID}
	return obtain()
}

// stored returns the stored session of identity n, or else obtains and stores one.
// Only one of many concurrent processes obtains it.
//
// A process never waits for a lock while it holds another one, because two chains
// through the same roles in opposite order would wait for each other. So the
// caller's session is obtained first. A caller that is never stored has no lock and
// is obtained under this one, so that only one process runs a credential_process.
func (w *walk) stored(ctx context.Context, n int, fits func(store.Session) bool, obtain func() (store.Session, error)) (Credentials, error) {
	found := func() bool { return w.find(n, fits) }
	if found() {
		return w.identities[n].creds, nil
	}
	if n > 0 && w.key(n-1) != "" {
		if _, err := w.identity(ctx, n-1); err != nil {
			return Credentials{}, err
		}
	}
	key := w.key(n)
	if w.store != nil {
		unlock := w.lock(ctx, w.store.Folder, key, w.lockTimeout(n), found)
		defer unlock()
	}
	if w.identities[n].stored || found() {
		return w.identities[n].creds, nil
	}
	s, err := obtain()
	if err != nil {
		return Credentials{}, err
	}
	w.warn(n, w.save(key, s))
	return fromStored(s)
}

// find loads the stored session of identity n, and reports whether it can be used.
func (w *walk) find(n int, fits func(store.Session) bool) bool {
	if w.renew {
		return false
	}
	id := &w.identities[n]
	creds, err := w.load(w.key(n), func(s store.Session) bool {
		return fits(s) && s.Credentials.AccessKeyID != id.rejected
	})
	if id.ignored = err; err == nil {
		id.creds, id.stored = creds, true
	}
	return err == nil
}

// callTimeout limits one call, including retries.
const callTimeout = awsclient.CallTimeout

// lockMargin is added to the time limit of another process's work when waiting for
// it.
const lockMargin = 5 * time.Second

// maxStoredSkew is the smallest difference between this machine's clock and AWS's at
// which sessions are no longer stored. A process that uses a stored session makes no
// call, so it would not learn AWS's time, and would sign with this machine's.
const maxStoredSkew = 4 * time.Minute

// promptTimeout limits how long Prompt waits for the user.
const promptTimeout = 2 * time.Minute

// lockTimeout is how long to wait for another process that obtains the session of
// identity n: the time limit of its work, including the source's if it is obtained
// under the same lock.
func (w *walk) lockTimeout(n int) time.Duration {
	timeout := lockMargin
	if source := sourceOf(w.chain.Source); n == 0 || n == 1 && source.key() == "" {
		timeout += source.timeout(w)
	}
	if n > 0 {
		timeout += callTimeout
		if w.chain.Roles[n-1].MFASerial != "" {
			timeout += promptTimeout
		}
	}
	return timeout
}
