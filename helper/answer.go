package helper

import (
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"time"
)

// An Answer is a user name and a password for git.
type Answer struct {
	Username string
	Password string
	Expires  time.Time // when the password stops working
}

// Write writes the answer in one write. To a git that understands it
// (Request.AuthType) it is given as authtype and credential: that form is
// marked ephemeral, so that no other helper stores it, and git's traces do not
// show it.
//
// ErrUnsafe is returned, and nothing written, when the user name or the
// password holds anything but printable ASCII.
func (a Answer) Write(w io.Writer, req Request) error {
	if !printable(a.Username) || !printable(a.Password) {
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

// basic is the credential of HTTP's Basic scheme: RFC 7617.
func (a Answer) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(a.Username + ":" + a.Password))
}

// WriteQuit tells git to stop: to ask neither another helper nor a person.
func WriteQuit(w io.Writer) error {
	_, err := io.WriteString(w, "quit=1\n")
	return err
}

// WriteCapabilities writes what this helper understands, in the format of
// git-credential(1), CAPABILITY INPUT/OUTPUT FORMAT.
func WriteCapabilities(w io.Writer) error {
	_, err := io.WriteString(w, "version 0\ncapability authtype\n")
	return err
}

// ErrUnsafe is returned when an answer holds a character that could change
// what git reads.
var ErrUnsafe = errors.New("the credentials hold a character that cannot be part of an access key")

// printable says whether s is printable ASCII without spaces, and not empty.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}
