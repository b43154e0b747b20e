package session

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/regularfile"
)

// Which sessions are taken from the store, by the time they have left. The
// longest that AWS gives is 12 hours; what claims to last longer was not made
// by AWS.
const (
	minLeft = 5 * time.Minute
	maxLeft = 12*time.Hour + 10*time.Minute
)

// maxEntry is the size of the largest file that is read, in bytes. A session
// takes about 2 KiB.
const maxEntry = 64 << 10

// While another process has a lock: how often to look whether it is done, and
// how much longer to wait than what it does may take.
const (
	lockPoll   = 25 * time.Millisecond
	lockMargin = 5 * time.Second
)

// store keeps sessions on disk where the AWS CLI keeps them, in its format:
// ~/.aws/cli/cache/KEY.json. A store that cannot be read, written or locked is
// an empty one: it never fails an answer. The nil store is always empty.
//
// The format is that of CachedCredentialFetcher in
// https://github.com/boto/botocore/blob/develop/botocore/credentials.py.
type store struct {
	home  string // that dir lies in; "" when it may lie anywhere
	dir   string
	now   func() time.Time
	trace func(format string, args ...any)
	// readOnly neither writes nor locks.
	readOnly bool
	// tokens says that these are not sessions but what a person's sign-in left:
	// they are not made anew.
	tokens bool
}

// entry is the JSON of a file in the store. The AWS CLI writes more into it,
// and reads no more than this out of it.
type entry struct {
	ProviderType    string `json:",omitempty"` // providerSSO, or "" for a role session
	Credentials     entryCredentials
	AssumedRoleUser *assumedRoleUser `json:",omitempty"`
}

const providerSSO = "sso"

type entryCredentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string // 2026-11-22T05:44:00Z; the AWS CLI may write UTC for the Z
	AccountID       string `json:"AccountId,omitempty"`
}

type assumedRoleUser struct {
	AssumedRoleID string `json:"AssumedRoleId"`
	Arn           string
}

// load returns the session that is kept under key, if there is one that can be
// trusted, fits and lasts long enough.
func (s *store) load(key string, fits func(entry) bool) (Credentials, bool) {
	if s == nil {
		return Credentials{}, false
	}
	e, err := s.read(key)
	if err == nil && !fits(e) {
		err = errors.New("it is another identity's")
	}
	var creds Credentials
	if err == nil {
		creds, err = e.credentials()
	}
	if left := creds.Expires.Sub(s.now()); err == nil && (left < minLeft || left > maxLeft) {
		err = errors.New("it ends too soon, or too late to be true")
	}
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			s.trace("kept session %s: not used: %s", key, regularfile.Cause(err))
		}
		return Credentials{}, false
	}
	s.trace("kept session %s: access key %s until %s", key, creds, creds.Expires.UTC().Format(time.RFC3339))
	return creds, true
}

// credentials takes the credentials out of an entry and checks their form.
func (e entry) credentials() (Credentials, error) {
	c := Credentials{
		AccessKeyID:     e.Credentials.AccessKeyID,
		SecretAccessKey: e.Credentials.SecretAccessKey,
		SessionToken:    e.Credentials.SessionToken,
	}
	switch {
	case e.AssumedRoleUser != nil:
		c.ARN = e.AssumedRoleUser.Arn
		c.AccountID = arn.Account(c.ARN)
	case e.ProviderType == providerSSO:
		c.AccountID = e.Credentials.AccountID
	}
	var err error
	if c.Expires, err = awstime.Parse(e.Credentials.Expiration); err != nil {
		return Credentials{}, errors.New("it does not say when it ends")
	}
	if c.SessionToken == "" {
		return Credentials{}, errors.New("it has no session token")
	}
	return c, c.check()
}

// newEntry is the entry of credentials that were just made.
func newEntry(c Credentials) entry {
	return entry{Credentials: entryCredentials{
		AccessKeyID:     c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey,
		SessionToken:    c.SessionToken,
		Expiration:      c.Expires.UTC().Format(time.RFC3339),
		AccountID:       c.AccountID,
	}}
}

// read reads an entry from a file that nobody else can have written.
func (s *store) read(key string) (entry, error) {
	if err := checkDir(s.home, s.dir); err != nil {
		return entry{}, err
	}
	f, err := openTrusted(s.path(key + ".json"))
	if err != nil {
		return entry{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxEntry+1))
	if err != nil {
		return entry{}, err
	}
	if len(data) > maxEntry {
		return entry{}, errors.New("it is too large")
	}
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		return entry{}, errors.New("it is not the JSON of a session")
	}
	return e, nil
}

// save keeps a session. The file is whole or not there: a reader sees the old
// one or the new one.
func (s *store) save(key string, e entry) {
	if s == nil || s.readOnly {
		return
	}
	if err := s.write(key, e); err != nil {
		s.trace("session %s is not kept: %s", key, regularfile.Cause(err))
	}
}

func (s *store) write(key string, e any) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	temp := key + "." + rand.Text() + ".tmp"
	if err := s.writeFile(temp, data); err != nil {
		return err
	}
	if err := os.Rename(s.path(temp), s.path(key+".json")); err != nil {
		_ = os.Remove(s.path(temp))
		return err
	}
	s.sweep(key)
	return nil
}

// staleTemp is the age at which a temporary file is nobody's any more.
const staleTemp = time.Hour

// sweep removes temporary files of that key which processes left that were
// killed.
func (s *store) sweep(key string) {
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), key+".") || !strings.HasSuffix(f.Name(), ".tmp") {
			continue
		}
		if info, err := f.Info(); err == nil && s.now().Sub(info.ModTime()) > staleTemp {
			_ = os.Remove(s.path(f.Name()))
		}
	}
}

// tryWriting fails where a file could not be written that is as long as the
// longest that is read. A refresh token works once: where its successor could not
// be kept, it is not to be spent.
func (s *store) tryWriting(key string) error {
	data := make([]byte, maxSmallFile)
	_, _ = rand.Read(data) // not zeros, which some file systems keep no room for
	name := key + "." + rand.Text() + ".tmp"
	if err := s.writeFile(name, data); err != nil {
		return err
	}
	return os.Remove(s.path(name))
}

// update writes members over those of the JSON object under key, and leaves
// its other members as they are.
func (s *store) update(key string, members map[string]any) {
	all := map[string]any{}
	if data, err := readSmallFile(s.path(key + ".json")); err == nil {
		_ = json.Unmarshal(data, &all)
	}
	if all == nil { // the file held null
		all = map[string]any{}
	}
	maps.Copy(all, members)
	if err := s.write(key, all); err != nil {
		s.trace("%s.json is not written: %s", key, regularfile.Cause(err))
	}
}

// writeFile writes a new file of that name which only this user can read. What
// could not be written whole is removed.
func (s *store) writeFile(name string, data []byte) error {
	if err := s.makeDir(); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o600) // the umask may have taken bits away
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(s.path(name))
	}
	return err
}

// ended is when the session that is kept under key ends; zero when there is
// none.
func (s *store) ended(key string, fits func(entry) bool) time.Time {
	if s == nil {
		return time.Time{}
	}
	e, err := s.read(key)
	if err != nil || !fits(e) {
		return time.Time{}
	}
	creds, err := e.credentials()
	if err != nil {
		return time.Time{}
	}
	return creds.Expires
}

// remove drops the session under key, which was refused, if it is the one with
// this access key id and token. Without a key there is none.
func (s *store) remove(key, accessKeyID, sessionToken string) {
	if s == nil || key == "" {
		return
	}
	e, err := s.read(key)
	if err != nil || e.Credentials.AccessKeyID != accessKeyID || e.Credentials.SessionToken != sessionToken {
		return
	}
	if err := os.Remove(s.path(key + ".json")); err != nil {
		s.trace("session %s was refused and cannot be dropped: %s", key, regularfile.Cause(err))
		return
	}
	s.trace("session %s was refused and is dropped", key)
}

// path is where the file of that name lies.
func (s *store) path(name string) string { return filepath.Join(s.dir, name) }

// lock has one process at a time make the session under key. It returns at
// once when done reports that another process has made it meanwhile, and also
// when the time is up or the store cannot be locked: then everybody goes on
// alone.
func (s *store) lock(ctx context.Context, key string, timeout time.Duration, done func() bool) (unlock func()) {
	nothing := func() {}
	if s == nil || s.readOnly || s.makeDir() != nil {
		return nothing
	}
	if err := makeLock(s.path(key + ".lock")); err != nil {
		s.trace("session %s cannot be locked: %s", key, regularfile.Cause(err))
		return nothing
	}
	l := flock.New(s.path(key+".lock"), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		locked, err := l.TryLock()
		if locked {
			return func() { _ = l.Close() }
		}
		if err != nil {
			s.trace("session %s cannot be locked: %s", key, regularfile.Cause(err))
			return nothing
		}
		select {
		case <-poll.C:
			if done() {
				return nothing
			}
		case <-deadline.C:
			s.trace("session %s: waited %s for the lock", key, timeout)
			return nothing
		case <-ctx.Done():
			return nothing
		}
	}
}
