package session

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"git-credential-codecommit/awsprofile"
)

// A token that AWS temporarily could not verify is sent again; a token that it
// rejects, or that is empty, is not.
func TestWebIdentityTokens(t *testing.T) {
	t.Parallel()
	const refusal = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`
	for name, c := range map[string]struct {
		token, code, message string
		calls                int
		says                 string
	}{
		"not verified":  {"token\n", "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider", 3, "(tried 3 times)"},
		"no provider":   {"token", "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://oidc.example", 1, "has no OpenID Connect provider for the issuer of the web identity token"},
		"not accepted":  {"token", "InvalidIdentityToken", "Incorrect token audience", 1, "the web identity token has a wrong issuer, audience or signature"},
		"expired":       {"token", "ExpiredTokenException", "Token expired", 1, `has expired`},
		"an empty file": {"", "", "", 0, "it is empty"},
		"a line end":    {"\n", "", "", 0, "it is empty"},
		"blanks":        {" \t \r\n", "", "", 0, "it is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "token")
			if err := os.WriteFile(file, []byte(c.token), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { // the pauses take no time
				source := awsprofile.WebIdentity{TokenFile: file, RoleARN: "arn:aws:iam::111122223333:role/R"}
				w := newWalk(awsprofile.Chain{Source: source, Settings: awsprofile.Settings{Region: "us-east-2"}}, Options{Now: time.Now})
				client, err := w.aws.HTTP()
				if err != nil {
					t.Fatal(err)
				}
				calls := 0
				client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					calls++
					body := fmt.Sprintf(refusal, c.code, c.message)
					return &http.Response{Request: r, StatusCode: http.StatusBadRequest, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}, nil
				})
				if _, err := w.source(t.Context()); err == nil || !strings.HasSuffix(err.Error(), c.says) || calls != c.calls {
					t.Errorf("%d calls: %v; want %d, %s", calls, err, c.calls, c.says)
				}
			})
		})
	}
}
