package identitycenter

import (
	"context"
	"crypto/sha1" // for the AWS CLI's file names; not used for security
	"encoding/hex"
	"fmt"
	"iter"
	"slices"

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

// maxStored is the maximum number of sign-ins on disk, which have up to 64 KiB each.
// A person has one for each organization.
const maxStored = 500

// Stored lists the sign-ins on disk, except files that cannot be trusted. SignIns
// yields the sign-ins in the config file; only Name or StartURL is used. Tokens of
// other programs in the same folder, such as kiro-auth-token.json, are not sign-ins.
func (c *Client) Stored(signIns iter.Seq[awsprofile.SSOSession]) ([]Stored, error) {
	if c.tokens.Dir == "" {
		return nil, errNoHome
	}
	var all []Stored
	index := map[string]int{} // key → index in all
	err := c.tokens.Each(func(key string, data []byte) error {
		if t, ok := parseToken(data); ok && isTokenKey(key) {
			if len(all) == maxStored {
				return fmt.Errorf("it contains more than %d sign-ins", maxStored)
			}
			index[key] = len(all)
			all = append(all, Stored{Token: t, Key: key})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", c.tokens.Dir, err)
	}
	known := make([]bool, len(all))
	if len(all) > 0 {
		for s := range signIns {
			if i, ok := index[key(s)]; ok && !known[i] {
				known[i], all[i].Session = true, s.Name
				if !slices.Contains(known, false) {
					break
				}
			}
		}
	}
	usable := all[:0]
	for i, s := range all {
		if known[i] || s.StartURL != "" {
			usable = append(usable, s)
		}
	}
	return usable, nil
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

// Current waits while another process renews a sign-in's token, and returns the
// sign-in with the token that is then stored.
func (c *Client) Current(ctx context.Context, s Stored) Stored {
	c.lock(ctx, s.Key)()
	if t, err := c.read(s.Key); err == nil {
		s.Token = t
	}
	return s
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
