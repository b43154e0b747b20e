package session

import (
	"crypto/sha1" // the AWS CLI's choice of a file name; nothing is secured by it
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"git-credential-codecommit/awsprofile"
)

// The keys of the store are the AWS CLI's, so that one MFA code and one call
// serve both programs: the SHA-1 of the call's arguments as Python's
// json.dumps writes them, with sorted names. See _create_cache_key in
// https://github.com/boto/botocore/blob/develop/botocore/credentials.py.

// roleKey is the key of a role session. The source is not part of it.
func roleKey(r awsprofile.Role) string {
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

// sourceKey is the key of the session that a source gives; "" for one whose
// credentials are never kept.
func sourceKey(source awsprofile.Source) string {
	switch s := source.(type) {
	case awsprofile.WebIdentity:
		return webIdentityKey(s)
	case awsprofile.SSO:
		return ssoKey(s)
	}
	return ""
}

// webIdentityKey is the key of a session made with a web identity token.
func webIdentityKey(s awsprofile.WebIdentity) string {
	var o pythonObject
	o.addString("RoleArn", s.RoleARN)
	o.addString("RoleSessionName", s.SessionName)
	return o.sum(", ", ": ")
}

// ssoKey is the key of an SSO role's credentials. It is written without
// spaces.
func ssoKey(s awsprofile.SSO) string {
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

// pythonObject is a JSON object as json.dumps writes it.
type pythonObject struct{ members [][2]string }

// add adds a member; members are added in the order of their names.
func (o *pythonObject) add(name, value string) {
	o.members = append(o.members, [2]string{pythonString(name), value})
}

// addString adds a member, but not one that is empty: it is not configured.
func (o *pythonObject) addString(name, value string) {
	if value != "" {
		o.add(name, pythonString(value))
	}
}

func (o *pythonObject) sum(betweenMembers, behindName string) string {
	members := make([]string, len(o.members))
	for i, m := range o.members {
		members[i] = m[0] + behindName + m[1]
	}
	sum := sha1.Sum([]byte("{" + strings.Join(members, betweenMembers) + "}"))
	return hex.EncodeToString(sum[:])
}

// pythonString is a JSON string with everything but ASCII escaped.
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
