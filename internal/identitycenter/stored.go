package identitycenter

import (
	"crypto/sha1" // for the AWS CLI's file names; not used for security
	"encoding/hex"
	"fmt"

	"git-credential-codecommit/awsprofile"
)

// A Stored is a sign-in with a token on disk.
type Stored struct {
	Token
	// Session is the name of the sso-session; "" for the legacy form, and for
	// sessions that are no longer in the config file.
	Session string
	Key     string
}

// Stored lists the sign-ins on disk, except files that cannot be trusted. Sessions
// are those in the config file. Tokens of other programs in the same folder, such
// as kiro-auth-token.json, are not sign-ins.
func (c *Client) Stored(sessions []awsprofile.SSOSession) ([]Stored, error) {
	if c.tokens.Dir == "" {
		return nil, errNoHome
	}
	keys, err := c.tokens.Keys()
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", c.tokens.Dir, err)
	}
	names := map[string]string{}
	for _, s := range sessions {
		names[key(s)] = s.Name
	}
	var all []Stored
	for _, k := range keys {
		name, known := names[k]
		if t, err := c.read(k); err == nil && (known || t.StartURL != "" && isTokenKey(k)) {
			all = append(all, Stored{Token: t, Session: name, Key: k})
		}
	}
	return all, nil
}

// isTokenKey reports whether a key has the form of store.TokenKey's keys.
func isTokenKey(key string) bool {
	sum, err := hex.DecodeString(key)
	return err == nil && len(sum) == sha1.Size
}

// StoredFor returns the stored sign-in of a session; ok is false if there is none.
// The error is a store.FileError.
func (c *Client) StoredFor(s awsprofile.SSOSession) (stored Stored, ok bool, err error) {
	if c.tokens.Dir == "" {
		return Stored{}, false, errNoHome
	}
	t, err := c.read(key(s))
	if _, none := err.(*NotSignedInError); none { //nolint:errorlint // read wraps nothing
		return Stored{}, false, nil
	}
	return Stored{Token: t, Session: s.Name, Key: key(s)}, err == nil, err
}

// Remove removes a sign-in's token from disk.
func (c *Client) Remove(s Stored) error {
	_, err := c.tokens.Remove(s.Key, func(data []byte) bool {
		t, ok := parseToken(data)
		return ok && t.AccessToken == s.AccessToken
	})
	if err != nil {
		return fmt.Errorf("cannot remove %s: %w", c.tokens.Path(s.Key), err)
	}
	c.forgetFailure(s.Key)
	return nil
}
