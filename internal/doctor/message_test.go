package doctor

import (
	"encoding/base64"
	"strings"
	"testing"

	"git-credential-codecommit/internal/session"
)

// Messages of a service or of git are shown, unless they repeat a credential.
func TestShownMessage(t *testing.T) {
	t.Parallel()
	const (
		id        = "ASIAIOSFODNN7EXAMPLE"
		token     = "IQoJb3JpZ2luX2VjEXAMPLE//token"
		signature = "20260101T000000Zb5b25456a2c242e638a30a61c54e218059ec9372d499bd3a6800e11e8273c904"
	)
	known := &examination{result: session.Result{Credentials: session.Credentials{AccessKeyID: id, SessionToken: token}}}
	longTerm := &examination{result: session.Result{Credentials: session.Credentials{AccessKeyID: id}}}
	unknown := &examination{}
	basic := base64.StdEncoding.EncodeToString([]byte(id + "%" + token + ":" + signature))
	const denied = "fatal: unable to access 'https://git-codecommit.us-east-2.amazonaws.com/v1/repos/x/': The requested URL returned error: 403"
	for _, c := range []struct {
		x          *examination
		text, want string
	}{
		{known, denied, denied},
		{known, "a\nb", "a b"},
		{known, strings.Repeat("w", maxMessage+1), strings.Repeat("w", maxMessage) + "…"},
		{known, "fatal: remote error: no access for " + id + "%" + token, ""},
		{known, "Authorization: Basic " + basic, ""},
		{known, "token " + token, ""},
		{known, "password " + signature, ""},
		{longTerm, "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+signature)), ""},
		{longTerm, "password " + signature, ""},
		{unknown, denied, denied},
		{unknown, "fatal: remote error: Authorization: Basic " + basic, "fatal:"},
	} {
		if got := c.x.shownMessage(c.text); got != c.want {
			t.Errorf("%q: %q", c.text, got)
		}
	}
}
