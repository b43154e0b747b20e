// Package session turns a chain into credentials: it gets credentials from the chain's
// source, assumes one role after another, prompts for MFA codes where a role requires
// one, and stores role sessions where the AWS CLI stores them.
package session

import (
	"fmt"
	"strings"
	"time"
)

// Credentials are one snapshot of an identity's access key. They print as
// their shortened access key id alone.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string    // "" for long-term keys
	Expires         time.Time // zero: not known to end
	// AccountID is the account of the identity according to AWS; "" if AWS has not
	// reported it. An account that only a file or a variable claims is not stored here.
	AccountID string
	// ARN is that of the assumed-role session; "" for a source's own identity.
	ARN string
}

// String shows the shortened access key id only.
func (c Credentials) String() string { return ShortKeyID(c.AccessKeyID) }

// GoString shows the shortened access key id only.
func (c Credentials) GoString() string { return c.String() }

// MarshalText shows the shortened access key id only, so that no encoder and
// no logger writes a secret.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// ShortKeyID shortens an access key id for people: its kind and its end.
func ShortKeyID(id string) string {
	if len(id) < 16 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "(malformed access key id)"
	}
	return id[:4] + "…" + id[len(id)-4:]
}

// Limits on the parts of an access key, in bytes. The key id's are those of
// https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html;
// the others leave ample room.
const (
	minKeyIDLen  = 16
	maxKeyIDLen  = 128
	maxSecretLen = 4 << 10
	maxTokenLen  = 32 << 10 // git's line limit is 64 KiB, and base64 adds a third
)

// check returns an error for credentials that AWS cannot have issued: their characters
// are passed to git. The error does not contain them.
func (c Credentials) check() error {
	if n := len(c.AccessKeyID); n < minKeyIDLen || n > maxKeyIDLen || strings.ContainsFunc(c.AccessKeyID, notKeyID) {
		return fmt.Errorf("the access key ID is not %d to %d characters of A-Z, 0-9 and _", minKeyIDLen, maxKeyIDLen)
	}
	if n := len(c.SecretAccessKey); n == 0 || n > maxSecretLen || strings.ContainsFunc(c.SecretAccessKey, notPrintable) {
		return fmt.Errorf("the secret access key is empty or contains a space or a character other than printable ASCII")
	}
	if len(c.SessionToken) > maxTokenLen || strings.ContainsFunc(c.SessionToken, notPrintable) {
		return fmt.Errorf("the session token contains a space or a character other than printable ASCII")
	}
	return nil
}

func notKeyID(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
}

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }
