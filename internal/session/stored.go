package session

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/filelock"
	"git-credential-codecommit/internal/session/store"
)

// sessionFolder returns the folder in which the AWS CLI stores role sessions:
// ~/.aws/cli/cache.
func sessionFolder(home string) store.Folder {
	return store.Folder{Home: home, Dir: filepath.Join(home, ".aws", "cli", "cache")}
}

// toStored converts new credentials to the form in which they are stored.
func toStored(c Credentials) store.Session {
	return store.Session{Credentials: store.Credentials{
		AccessKeyID:     c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey,
		SessionToken:    c.SessionToken,
		Expiration:      c.Expires.UTC().Format(time.RFC3339),
		AccountID:       c.AccountID,
	}}
}

// fromStored converts a stored session to credentials, and checks their form.
func fromStored(s store.Session) (Credentials, error) {
	c := Credentials{
		AccessKeyID:     s.Credentials.AccessKeyID,
		SecretAccessKey: s.Credentials.SecretAccessKey,
		SessionToken:    s.Credentials.SessionToken,
	}
	switch {
	case s.AssumedRoleUser != nil:
		c.ARN = s.AssumedRoleUser.Arn
		c.AccountID = arn.Account(c.ARN)
	case s.ProviderType == store.ProviderSSO:
		c.AccountID = s.Credentials.AccountID
	}
	var err error
	if c.Expires, err = awstime.Parse(s.Credentials.Expiration); err != nil {
		return Credentials{}, errors.New("it has no expiry time")
	}
	if c.SessionToken == "" {
		return Credentials{}, errors.New("it has no session token")
	}
	return c, c.check()
}

// load returns the usable session that is stored under key. Fits reports whether a
// session belongs to the requested identity. The error says why no session is used.
func (w *walk) load(key string, fits func(store.Session) bool) (Credentials, error) {
	var creds Credentials
	_, err := w.store.Load(key, func(s store.Session) (err error) {
		if !fits(s) {
			return errors.New("it belongs to another identity")
		}
		creds, err = fromStored(s)
		return err
	})
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			w.Trace("stored session %s: not used: %s", key, err)
		}
		return Credentials{}, err
	}
	w.Trace("stored session %s: access key %s until %s", key, creds, creds.Expires.UTC().Format(time.RFC3339))
	return creds, nil
}

// save stores a session. The error is only for a warning: credentials that cannot
// be stored still work.
func (w *walk) save(key string, s store.Session) error {
	if w.store == nil {
		return w.noStore()
	}
	err := errWrongClock
	if w.aws.Clock.Skew().Abs() < maxStoredSkew {
		err = w.store.Save(key, s)
	}
	if err != nil {
		w.Trace("session %s is not stored: %s", key, err)
	}
	return err
}

// reject removes the session under key if it is the one that AWS has rejected. It
// does nothing without a key or with a read-only store.
func (w *walk) reject(key, accessKeyID, sessionToken string) {
	if key == "" || w.store != nil && w.store.ReadOnly {
		return
	}
	switch removed, err := w.store.Reject(key, accessKeyID, sessionToken); {
	case err != nil:
		w.Trace("session %s was rejected and cannot be removed: %s", key, err)
	case removed:
		w.Trace("session %s was rejected and is removed", key)
	}
}

// lock serializes processes that obtain what is stored under key. It returns when
// it has the lock, or when done reports that another process has stored it
// meanwhile. It also returns at the timeout or if the folder cannot be locked; this
// process then continues without a lock.
func (w *walk) lock(ctx context.Context, folder store.Folder, key string, timeout time.Duration, done func() bool) (unlock func()) {
	unlock, err := folder.Lock(ctx, key, timeout, done)
	if err != nil {
		if !errors.Is(err, filelock.ErrDone) {
			w.Trace("%s: no lock: %s", folder.Path(key), err)
		}
		return func() {}
	}
	return unlock
}

// update writes renewed values to a token file. Errors are ignored, because the new
// token works even if it cannot be stored.
func (w *walk) update(folder store.Folder, key string, members map[string]any) {
	if err := folder.Update(key, members); err != nil {
		w.Trace("%s is not written: %s", folder.Path(key), err)
	}
}
