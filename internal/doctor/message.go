package doctor

import (
	"encoding/base64"
	"strings"

	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/session"
)

// maxMessage limits how much text of other programs is shown, in characters.
const maxMessage = 500

// shownMessage returns a message of the service or of git for the report, on one line. It
// is "" if the message may repeat what git or doctor has sent: the username, which
// contains the session token, or a signature.
func (x *examination) shownMessage(text string) string {
	name := codecommit.Username(x.result.AccessKeyID, x.result.SessionToken)
	if x.result.AccessKeyID == "" { // git sent credentials that doctor does not know
		text, _, _ = strings.Cut(text, "remote error: ")
	} else if session.MayHoldSecret(text, name+" "+base64.StdEncoding.EncodeToString([]byte(name+":"))) {
		return ""
	}
	if holdsSignature(text) {
		return ""
	}
	return firstWords(text, maxMessage)
}

// holdsSignature reports whether a text contains as many consecutive hexadecimal
// digits as a signature has.
func holdsSignature(text string) bool {
	const length = 64
	digits := 0
	for i := range len(text) {
		if digits++; strings.IndexByte("0123456789abcdefABCDEF", text[i]) < 0 {
			digits = 0
		}
		if digits == length {
			return true
		}
	}
	return false
}

// firstWords returns the beginning of a text as one line.
func firstWords(text string, most int) string {
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > most {
		return string(words[:most]) + "…"
	}
	return string(words)
}
