package store

import (
	"cmp"
	"crypto/sha1" // the AWS CLI's choice of a file name; nothing is secured by it
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"git-credential-codecommit/awsprofile"
)

// The keys of role sessions are the AWS CLI's: the SHA-1 of the call's arguments as
// Python's json.dumps writes them, sorted by name. See _create_cache_key in
// https://github.com/boto/botocore/blob/develop/botocore/credentials.py.

// RoleKey returns the key of a role session. It does not depend on the source.
func RoleKey(r awsprofile.Role) string {
	var o pythonObject
	if r.Duration != 0 {
		o.add("DurationSeconds", strconv.FormatInt(int64(r.Duration/time.Second), 10))
	}
	o.addString("ExternalId", r.ExternalID)
	o.addString("RoleArn", r.ARN)
	o.addString("RoleSessionName", r.SessionName)
	o.addString("SerialNumber", r.MFASerial)
	return o.sum(", ", ": ")
}

// WebIdentityKey returns the key of a session obtained with a web identity token.
func WebIdentityKey(s awsprofile.WebIdentity) string {
	var o pythonObject
	o.addString("RoleArn", s.RoleARN)
	o.addString("RoleSessionName", s.SessionName)
	return o.sum(", ", ": ")
}

// SSOKey returns the key of an SSO role's credentials. Its JSON has no spaces.
func SSOKey(s awsprofile.SSO) string {
	var o pythonObject
	o.addString("accountId", s.AccountID)
	o.addString("roleName", s.RoleName)
	if s.Session != "" {
		o.addString("sessionName", s.Session)
	} else {
		o.addString("startUrl", s.StartURL)
	}
	return o.sum(",", ":")
}

// TokenKey returns the key of an IAM Identity Center token: the key of the session's
// name, or of the start URL if the session has no name.
func TokenKey(session, startURL string) string {
	sum := sha1.Sum([]byte(cmp.Or(session, startURL)))
	return hex.EncodeToString(sum[:])
}

// LoginKey returns the key of the file that `aws login` stores for a login_session.
func LoginKey(session string) string {
	sum := sha256.Sum256([]byte(session))
	return hex.EncodeToString(sum[:])
}

// RegistrationKey returns the key of a client registration for IAM Identity Center.
// Scopes are those of sso_registration_scopes, none if it is not set; session is ""
// for a profile without sso_session. See SSOTokenFetcher in
// https://github.com/boto/botocore/blob/develop/botocore/utils.py.
func RegistrationKey(region string, scopes []string, session, startURL string) string {
	var o pythonObject
	o.addString("region", region)
	scopeList, sessionName := "null", "null"
	if len(scopes) > 0 {
		quoted := make([]string, len(scopes))
		for i, scope := range scopes {
			quoted[i] = pythonString(scope)
		}
		scopeList = "[" + strings.Join(quoted, ", ") + "]"
	}
	if session != "" {
		sessionName = pythonString(session)
	}
	o.add("scopes", scopeList)
	o.add("session_name", sessionName)
	o.addString("startUrl", startURL)
	o.addString("tool", "botocore")
	return o.sum(", ", ": ")
}

// pythonObject is a JSON object in the format of json.dumps.
type pythonObject struct{ members [][2]string }

// add adds a member. Members must be added in the order of their names.
func (o *pythonObject) add(name, value string) {
	o.members = append(o.members, [2]string{pythonString(name), value})
}

// addString adds a member unless it is empty, which means that it is not
// configured.
func (o *pythonObject) addString(name, value string) {
	if value != "" {
		o.add(name, pythonString(value))
	}
}

func (o *pythonObject) sum(betweenMembers, afterName string) string {
	members := make([]string, len(o.members))
	for i, m := range o.members {
		members[i] = m[0] + afterName + m[1]
	}
	sum := sha1.Sum([]byte("{" + strings.Join(members, betweenMembers) + "}"))
	return hex.EncodeToString(sum[:])
}

// pythonString returns a JSON string with all non-ASCII characters escaped.
func pythonString(s string) string {
	const hexDigits = "0123456789abcdef"
	b := []byte{'"'}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case ' ' <= r && r <= '~':
			b = append(b, byte(r))
		default:
			for _, u := range utf16.Encode([]rune{r}) {
				b = append(b, '\\', 'u', hexDigits[u>>12], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
			}
		}
	}
	return string(append(b, '"'))
}
