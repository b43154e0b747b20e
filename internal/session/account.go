package session

import (
	"context"
	"fmt"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
)

// checkRoleAccount returns an error, before any call, if the chain's last role is
// not in the requested account.
func (w *walk) checkRoleAccount() error {
	if w.Account == "" || len(w.chain.Roles) == 0 {
		return nil
	}
	last := w.chain.Roles[len(w.chain.Roles)-1]
	if got := arn.Account(last.ARN); got != "" && got != w.Account {
		return &AccountError{Profile: last.Profile, Want: w.Account, Got: got}
	}
	return nil
}

// checkAccount returns an AccountError unless the credentials are known to belong
// to the requested account. It calls GetCallerIdentity if AWS has not reported the
// account yet: an account ID in a file or a variable is not sufficient.
func (w *walk) checkAccount(ctx context.Context, creds *Credentials) error {
	if w.Account == "" {
		return nil
	}
	if creds.AccountID == "" {
		account, _, err := w.callerIdentity(ctx, *creds)
		if err != nil {
			return &AccountError{Profile: w.chain.Profile, Want: w.Account, Err: err}
		}
		creds.AccountID = account
	}
	if creds.AccountID != w.Account {
		return &AccountError{Profile: w.chain.Profile, Want: w.Account, Got: creds.AccountID}
	}
	return nil
}

// AccountError is returned if credentials are not known to belong to the requested
// account.
type AccountError struct {
	Profile string // the selected profile; "" for none
	Want    string // the requested account
	Got     string // the account of the credentials; "" if unknown
	Err     error  // why the account is unknown
}

func (e *AccountError) Error() string {
	where := ""
	if e.Profile != "" {
		where = fmt.Sprintf("profile %q: ", e.Profile)
	}
	if e.Err != nil {
		return fmt.Sprintf("%scannot determine whether the credentials belong to account %s: %s", where, e.Want, e.Err)
	}
	return fmt.Sprintf("%sthe credentials belong to account %s, not to %s", where, e.Got, e.Want)
}

func (e *AccountError) Unwrap() error { return e.Err }

// Hints returns how to select the account.
func (e *AccountError) Hints() []cli.Hint {
	if e.Err != nil {
		return cli.HintsOf(e.Err)
	}
	return []cli.Hint{cli.Advice("choose a profile or a role of account " + e.Want + " with --profile or --role-arn")}
}
