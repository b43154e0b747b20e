package session

import (
	"context"
	"fmt"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/identitycenter"
)

// Options say how a chain is walked.
type Options struct {
	// Region is STS's region if the chain's settings name none.
	Region string
	// Now is this machine's clock.
	Now func() time.Time
	// Home is the user's home folder, where sessions are stored; "" stores none.
	Home string
	// LoginCache is the folder of `aws login` (AWS_LOGIN_CACHE_DIRECTORY); ""
	// for ~/.aws/login/cache.
	LoginCache string
	// NoStore neither reads nor stores role sessions.
	NoStore bool
	// Prompt asks a person for the current code of an MFA device. Nil means that
	// no one can be asked.
	Prompt func(ctx context.Context, serial string) (code string, err error)
	// SignIn asks a person to sign in to IAM Identity Center, once for all processes.
	// The error is ErrNoPrompt if no one can be asked; nil is the same.
	SignIn func(ctx context.Context, c *identitycenter.Client, r identitycenter.Request) (identitycenter.Token, error)
	// SudoUID is the ID of the user for whom sudo runs this process (SUDO_UID); ""
	// without sudo. Root runs a credential_process only from files of root and of
	// that user.
	SudoUID string
	// Account is the account that the credentials must be known to belong to;
	// "" allows any.
	Account string
	// Trace receives what is done, never a secret; may be nil.
	Trace func(format string, args ...any)
}

// Result is the outcome of a walk.
type Result struct {
	Credentials
	// Skew is AWS's clock minus this machine's, or 0 when they agree to a
	// minute or AWS was not called.
	Skew time.Duration
	// Warning is a NotStoredError; nil if there is nothing to warn of.
	Warning error
}

// Get walks the chain and returns the credentials of its last identity, one
// snapshot. Errors are NoCredentialsError, SourceError, AssumeRoleError or
// AccountError; none of them contains a secret.
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
	return Result{Credentials: creds, Skew: w.aws.Clock.Skew(), Warning: w.notStored}, nil
}

// Reject removes the stored session of the chain's last identity if it is the one
// with this access key ID and session token: git reports that it was rejected.
func Reject(chain awsprofile.Chain, o Options, accessKeyID, sessionToken string) {
	w := newWalk(chain, o)
	w.reject(w.key(len(w.chain.Roles)), accessKeyID, sessionToken)
}

// Forget removes the stored session of the chain's last identity, whichever it is,
// and reports whether there was one. The error names the file. A file that another
// user can have written stays, and is an error.
func Forget(chain awsprofile.Chain, o Options) (removed bool, err error) {
	w := newWalk(chain, o)
	key := w.key(len(w.chain.Roles))
	if w.store == nil || key == "" {
		return false, nil
	}
	if removed, err = w.store.Forget(key); err != nil {
		err = fmt.Errorf("cannot remove %s: %w", w.store.Path(key), err)
	}
	return removed, err
}

// ForgetSSO removes the stored credentials of all roles of IAM Identity Center, and
// returns how many. Files that another user can have written stay.
func ForgetSSO(o Options) (removed int, err error) {
	w := newWalk(awsprofile.Chain{}, o)
	if w.store == nil {
		return 0, nil
	}
	removed, err = w.store.ForgetSSO()
	if err != nil {
		err = fmt.Errorf("cannot remove credentials in %s: %w", w.store.Dir, err)
	}
	return removed, err
}
