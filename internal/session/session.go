package session

import (
	"context"
	"fmt"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/session/store"
)

// Options are the parameters of a walk through a chain.
type Options struct {
	// Region is STS's region if the chain's settings have none.
	Region string
	// Now returns this machine's time.
	Now func() time.Time
	// Home is the user's home folder, which contains the stored sessions; "" stores
	// none.
	Home string
	// LoginCache is the folder of `aws login` (AWS_LOGIN_CACHE_DIRECTORY); "" means
	// ~/.aws/login/cache.
	LoginCache string
	// NoStore turns off reading and storing role sessions.
	NoStore bool
	// Prompt asks the user for the current code of an MFA device. Nil means that no
	// prompt is possible.
	Prompt func(ctx context.Context, serial string) (code string, err error)
	// SignIn asks the user to sign in to IAM Identity Center, once for all
	// processes. It returns ErrNoPrompt if no prompt is possible. Nil means that no
	// prompt is possible.
	SignIn func(ctx context.Context, c *identitycenter.Client, r identitycenter.Request) (identitycenter.Token, error)
	// SudoUID is the ID of the user who ran sudo (SUDO_UID); "" without sudo. Root
	// runs a credential_process only from files of root and of that user.
	SudoUID string
	// Account is the account that the credentials must belong to; "" allows any.
	Account string
	// Trace receives what is done, never a secret. It may be nil.
	Trace func(format string, args ...any)
}

// A Result is the outcome of a walk.
type Result struct {
	Credentials
	// Skew is AWS's time minus this machine's; 0 if they differ by less than a
	// minute or AWS was not called.
	Skew time.Duration
	// Warning is a NotStoredError; nil if there is no warning.
	Warning error
}

// Get walks the chain and returns a snapshot of its last identity's credentials.
// The error is a NoCredentialsError, SourceError, AssumeRoleError or AccountError,
// and never contains a secret.
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

// Reject removes the stored session of the chain's last identity if it has this
// access key ID and session token, which git reports as rejected.
func Reject(chain awsprofile.Chain, o Options, accessKeyID, sessionToken string) {
	w := newWalk(chain, o)
	w.reject(w.key(len(w.chain.Roles)), accessKeyID, sessionToken)
}

// Forget removes the stored session of the chain's last identity and reports
// whether there was one. A file that another user may have written is kept, and is
// an error. Errors name the file.
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

// ForgetSignIn removes the stored sessions of all roles in the AWS files whose chains
// start with a sign-in to IAM Identity Center, and returns their number. If signIn is
// nil, these are the roles of all sign-ins, and the stored credentials of every other
// IAM Identity Center role. Errors name the file. Files that another user may have
// written are kept.
func ForgetSignIn(files *awsprofile.Files, signIn *awsprofile.SSOSession, o Options) (removed int, err error) {
	w := newWalk(awsprofile.Chain{}, o)
	if w.store == nil {
		return 0, nil
	}
	keys, err := w.store.Keys()
	if err != nil {
		return 0, fmt.Errorf("cannot remove credentials in %s: %w", w.store.Dir, err)
	}
	stored := make(map[string]bool, len(keys))
	for _, key := range keys {
		stored[key] = true
	}
	var errs []error
	matcher := files.Matcher(signIn)
	for own := range files.OwnIdentities() {
		if len(stored) == 0 {
			break
		}
		key := ""
		if len(own.Roles) > 0 {
			key = store.RoleKey(own.Roles[0])
		} else {
			key = sourceOf(own.Source).key()
		}
		if !stored[key] || !matcher.Matches(own) {
			continue
		}
		delete(stored, key)
		gone, err := w.store.Forget(key)
		if gone {
			removed++
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot remove %s: %w", w.store.Path(key), err))
		}
	}
	if signIn == nil {
		gone, err := w.store.ForgetSSO()
		removed += gone
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot remove credentials in %s: %w", w.store.Dir, err))
		}
	}
	return removed, cli.Join(errs...)
}
