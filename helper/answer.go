package helper

import (
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// An Answer is a username and a password for git.
type Answer struct {
	Username string
	Password string
	Expires  time.Time // when the password expires
}

// Write writes the answer with a single write. If git supports it
// (Request.AuthType), the answer has the authtype and credential attributes. They
// are marked ephemeral, so that other helpers do not store them, and git's traces
// do not show them.
//
// ErrUnsafe is returned, and nothing is written, if the username or the password
// contains characters other than printable ASCII, or the username contains a colon.
func (a Answer) Write(w io.Writer, req Request) error {
	// In HTTP's Basic scheme, the first colon ends the username: RFC 7617, section
	// 2.
	if !printable(a.Username) || !printable(a.Password) || strings.Contains(a.Username, ":") {
		return ErrUnsafe
	}
	var out []byte
	attribute := func(key, value string) {
		out = append(append(append(append(out, key...), '='), value...), '\n')
	}
	if req.AuthType {
		attribute("capability[]", "authtype")
		attribute("authtype", "Basic")
		attribute("credential", a.basic())
		attribute("ephemeral", "1")
	} else {
		attribute("username", a.Username)
		attribute("password", a.Password)
	}
	attribute("password_expiry_utc", strconv.FormatInt(a.Expires.Unix(), 10))
	_, err := w.Write(out)
	return err
}

// basic returns the credential of HTTP's Basic scheme: RFC 7617, section 2.
func (a Answer) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(a.Username + ":" + a.Password))
}

// WriteQuit makes git stop instead of running another helper or prompting.
func WriteQuit(w io.Writer) error {
	_, err := io.WriteString(w, "quit=1\n")
	return err
}

// ErrUnsafe is returned if an answer contains a character that could change what
// git reads or sends.
var ErrUnsafe = errors.New("the credentials contain a character that cannot be part of an access key")

// printable reports whether s is printable ASCII without spaces, and not empty.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}
