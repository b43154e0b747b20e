package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/exactjson"
)

// Limits on the remaining lifetime of a stored session. AWS issues sessions of at
// most 12 hours, so a session that claims to last longer was not issued by AWS.
const (
	MinLeft = 5 * time.Minute
	MaxLeft = 12*time.Hour + 10*time.Minute
)

// Sessions are the role sessions and SSO role credentials in a Folder. A nil
// *Sessions is empty and stores nothing.
//
// The format is that of CachedCredentialFetcher in
// https://github.com/boto/botocore/blob/develop/botocore/credentials.py.
type Sessions struct {
	Folder
	Now func() time.Time
}

// A Session is the JSON of a stored session. The AWS CLI writes additional members,
// but reads only these.
type Session struct {
	ProviderType    string `json:",omitempty"` // ProviderSSO, or "" for a role session
	Credentials     Credentials
	AssumedRoleUser *AssumedRoleUser `json:",omitempty"`
}

// ProviderSSO marks the credentials of an SSO role.
const ProviderSSO = "sso"

// Credentials are the access key of a stored session.
type Credentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string // 2026-11-22T05:44:00Z; the AWS CLI may write UTC instead of Z
	AccountID       string `json:"AccountId,omitempty"`
}

// An AssumedRoleUser identifies the session in AWS's form.
type AssumedRoleUser struct {
	AssumedRoleID string `json:"AssumedRoleId"`
	Arn           string
}

// ErrExpired is returned by Load if the stored session has expired, or will within
// five minutes.
var ErrExpired = errors.New("it has expired or is about to expire")

// ErrOff is returned by Save if sessions are not stored.
var ErrOff = errors.New("the session store is off")

// Load returns the session under key if it can be trusted, lasts long enough and
// check accepts it. The error is fs.ErrNotExist if there is none, ErrExpired, an
// UntrustedError, or check's.
func (s *Sessions) Load(key string, check func(Session) error) (Session, error) {
	found, err := s.peek(key)
	if err == nil {
		err = check(found)
	}
	if err != nil {
		return Session{}, err
	}
	expires, err := awstime.Parse(found.Credentials.Expiration)
	if err != nil {
		return Session{}, untrusted("it has no expiry time")
	}
	switch left := expires.Sub(s.Now()); {
	case left < MinLeft:
		return Session{}, ErrExpired
	case left > MaxLeft:
		return Session{}, untrusted("its expiry is implausibly far away")
	}
	return found, nil
}

// Expiry returns when the session under key expires or expired, if fits accepts it;
// the zero time if there is no such session.
func (s *Sessions) Expiry(key string, fits func(Session) bool) time.Time {
	found, err := s.peek(key)
	if err != nil || !fits(found) {
		return time.Time{}
	}
	expires, err := awstime.Parse(found.Credentials.Expiration)
	if err != nil {
		return time.Time{}
	}
	return expires
}

// peek returns the session under key, even if it has expired.
func (s *Sessions) peek(key string) (Session, error) {
	if s == nil {
		return Session{}, fs.ErrNotExist
	}
	data, err := s.Read(key)
	if err != nil {
		return Session{}, err
	}
	return parse(data)
}

// parse parses a stored session. Members that are missing or of the wrong type are
// empty.
func parse(data []byte) (Session, error) {
	file, err := exactjson.Parse(data)
	if err != nil {
		return Session{}, untrusted("it does not contain a session")
	}
	credentials := file.Object("Credentials")
	found := Session{
		ProviderType: file.Text("ProviderType"),
		Credentials: Credentials{
			AccessKeyID:     credentials.Text("AccessKeyId"),
			SecretAccessKey: credentials.Text("SecretAccessKey"),
			SessionToken:    credentials.Text("SessionToken"),
			Expiration:      credentials.Text("Expiration"),
			AccountID:       credentials.Text("AccountId"),
		},
	}
	if user := file.Object("AssumedRoleUser"); user != nil {
		found.AssumedRoleUser = &AssumedRoleUser{AssumedRoleID: user.Text("AssumedRoleId"), Arn: user.Text("Arn")}
	}
	return found, nil
}

// Save stores a session, replacing any other one under key.
func (s *Sessions) Save(key string, session Session) error {
	if s == nil {
		return ErrOff
	}
	data, err := json.Marshal(session)
	if err != nil {
		return err
	}
	return s.Write(key, data)
}

// Reject removes the session under key if it has this access key ID and session
// token, which AWS has rejected. It reports whether it did.
func (s *Sessions) Reject(key, accessKeyID, sessionToken string) (removed bool, err error) {
	if s == nil {
		return false, nil
	}
	return s.Remove(key, func(data []byte) bool {
		found, err := parse(data)
		return err == nil && found.Credentials.AccessKeyID == accessKeyID && found.Credentials.SessionToken == sessionToken
	})
}

// Forget removes the session under key, and reports whether there was one.
func (s *Sessions) Forget(key string) (removed bool, err error) {
	if s == nil {
		return false, nil
	}
	return s.Remove(key, func([]byte) bool { return true })
}

// ForgetSSO removes the credentials of all SSO roles, and returns their number.
func (s *Sessions) ForgetSSO() (removed int, err error) {
	isSSO := func(data []byte) bool {
		found, err := parse(data)
		return err == nil && found.ProviderType == ProviderSSO
	}
	var errs []error
	err = s.Each(func(key string, data []byte) error {
		if !isSSO(data) {
			return nil
		}
		gone, err := s.Remove(key, isSSO)
		var untrusted *UntrustedError
		if gone {
			removed++
		} else if err != nil && !errors.As(err, &untrusted) {
			errs = append(errs, err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return removed, cli.Join(errs...)
}
