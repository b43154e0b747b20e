// Package session obtains the credentials of a chain: it gets credentials from the
// chain's source, assumes the roles in order, prompts for MFA codes if a role
// requires them, and stores role sessions where the AWS CLI stores them.
package session

import (
	"fmt"
	"strings"
	"time"
)

// Credentials are one snapshot of an identity's access key. They print only as the
// shortened access key ID.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string    // "" for long-term keys
	Expires         time.Time // zero if they do not expire, or it is unknown
	// AccountID is the account that AWS has reported for the identity; "" if it has
	// not. An account ID from a file or a variable is never stored here.
	AccountID string
	// ARN is the ARN of the assumed-role session; "" for a source's identity.
	ARN string
}

// String returns the shortened access key ID.
func (c Credentials) String() string { return ShortKeyID(c.AccessKeyID) }

// GoString returns the shortened access key ID.
func (c Credentials) GoString() string { return c.String() }

// MarshalText returns the shortened access key ID, so that encoders and loggers
// never write a secret.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// ShortKeyID shortens an access key ID for messages: AKIA…MPLE.
func ShortKeyID(id string) string {
	if len(id) < 16 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "(malformed access key id)"
	}
	return id[:4] + "…" + id[len(id)-4:]
}

// Limits on the parts of an access key, in bytes. Those of the ID are from
// https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html. AWS
// documents no others; these are generous.
const (
	minKeyIDLen  = 16
	maxKeyIDLen  = 128
	maxSecretLen = 4 << 10
	maxTokenLen  = 32 << 10 // git's line limit is 64 KiB, and base64 adds a third
)

// check returns an error for credentials that AWS cannot have issued, because they
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
