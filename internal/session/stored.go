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

// sessionFolder is where the AWS CLI keeps role sessions: ~/.aws/cli/cache.
func sessionFolder(home string) store.Folder {
	return store.Folder{Home: home, Dir: filepath.Join(home, ".aws", "cli", "cache")}
}

// toStored returns credentials that were just obtained in the form in which they
// are stored.
func toStored(c Credentials) store.Session {
	return store.Session{Credentials: store.Credentials{
		AccessKeyID:     c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey,
		SessionToken:    c.SessionToken,
		Expiration:      c.Expires.UTC().Format(time.RFC3339),
		AccountID:       c.AccountID,
	}}
}

// fromStored returns the credentials of a stored session, after checking their
// form.
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

// load returns the stored session under key, if it can be used. Fits reports
// whether it is a session of the requested identity. The error says why it is not
// used, as that of Sessions.Load does.
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

// save stores a session. An answer never fails because it could not be stored: the
// error is for a warning.
func (w *walk) save(key string, s store.Session) error {
	if w.store == nil {
		return w.noStore()
	}
	err := errWrongClock
	if w.aws.Clock.Skew().Abs() < wrongClock {
		err = w.store.Save(key, s)
	}
	if err != nil {
		w.Trace("session %s is not stored: %s", key, err)
	}
	return err
}

// reject removes the stored session under key if it is the one that AWS has
// rejected. Without a key there is none, and a read-only store keeps it.
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

// lock lets one process at a time obtain what is stored under key. It returns
// when done reports that another process has stored it meanwhile, and also when
// the time is up or the folder cannot be locked: this process then continues without
// a lock.
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

// update writes what was renewed into a token file. The new token works, even
// where it cannot be stored.
func (w *walk) update(folder store.Folder, key string, members map[string]any) {
	if err := folder.Update(key, members); err != nil {
		w.Trace("%s is not written: %s", folder.Path(key), err)
	}
}
