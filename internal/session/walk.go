package session

import (
	"context"
	"slices"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

// walk is one way through a chain. It remembers the identities that it has
// obtained, so that each is obtained once.
type walk struct {
	Options
	chain      awsprofile.Chain
	aws        *awsclient.Client
	store      *store.Sessions // nil stores nothing
	identities []identity      // the first one is the source's, the others are the roles'
	notStored  error           // the first NotStoredError, nil if there is none

	openTerminal func() *terminal
}

// identity is what a walk knows of one identity of its chain.
type identity struct {
	known    bool // that is, creds or err
	creds    Credentials
	err      error
	stored   bool   // creds were found in the store
	ignored  error  // why the store's session was not used
	typed    bool   // a person has typed an MFA code for creds
	rejected string // access key ID of a stored session that AWS has rejected
}

func newWalk(chain awsprofile.Chain, o Options) *walk {
	if o.Trace == nil {
		o.Trace = func(string, ...any) {}
	}
	chain = withoutCircles(chain)
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

// withoutCircles is a chain without the roles that only return to a session that
// it had before: --role-arn may name the role that the profile or the environment
// ends in already. In the store both are one, and so is their lock.
func withoutCircles(chain awsprofile.Chain) awsprofile.Chain {
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

// key is the key in the store of identity n; "" if it is never stored.
func (w *walk) key(n int) string {
	if n == 0 {
		return sourceOf(w.chain.Source).key()
	}
	return store.RoleKey(w.chain.Roles[n-1])
}

// identity returns the credentials of identity n. The newest stored session that
// can be used is the start: what comes before it is not called.
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

// role returns the credentials of identity n, a role. If AWS says that the session
// of its caller has ended, and that came from the store, the caller obtains
// another one.
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
	if !hasEnded(err) || !caller.stored {
		return creds, err
	}
	w.reject(w.key(n-1), caller.creds.AccessKeyID, caller.creds.SessionToken)
	*caller = identity{rejected: caller.creds.AccessKeyID}
	return obtain()
}

// stored returns the stored session of identity n, or else obtains it and stores
// it. Of many processes that need the same one, one obtains it.
//
// No process waits for a lock while it holds another one, or two chains through the
// same roles in opposite order would wait for each other. So the caller's session
// is obtained first. A caller that is never stored has no lock: it is obtained
// under this one, so that only one process runs a credential_process.
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

// find looks for the stored session of identity n, and reports whether it can be
// used.
func (w *walk) find(n int, fits func(store.Session) bool) bool {
	id := &w.identities[n]
	creds, err := w.load(w.key(n), func(s store.Session) bool {
		return fits(s) && s.Credentials.AccessKeyID != id.rejected
	})
	if id.ignored = err; err == nil {
		id.creds, id.stored = creds, true
	}
	return err == nil
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

// lockTimeout is how long to wait for another process that is obtaining the session
// of identity n: as long as that may take, with the source where that is obtained
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
