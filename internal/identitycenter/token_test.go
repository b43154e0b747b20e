package identitycenter

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

// A refresh token works once. If AWS returns no new one, the file no longer has
// one, like with the AWS CLI and the SDKs. Other members of the file are kept.
func TestUsedRefreshTokenIsRemoved(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	for answer, want := range map[string]any{
		`{"accessToken": "new", "expiresIn": 28800, "refreshToken": "another"}`: "another",
		`{"accessToken": "new", "expiresIn": 28800}`:                            nil,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		t.Cleanup(server.Close)
		set := awsprofile.Settings{Endpoints: map[string]string{"sso_oidc": server.URL}}
		c := New(awsclient.New(set, "", func() time.Time { return now }, func(string, ...any) {}), t.TempDir(), nil)
		path := c.tokens.Path(key(session))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		const file = `{"accessToken": "old", "expiresAt": "2026-11-22T04:00:00Z", "refreshToken": "spent", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "2999-01-01T00:00:00Z", "other": 1}`
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		token, err := c.Token(t.Context(), session)
		if err != nil || token.AccessToken != "new" {
			t.Fatalf("%s: %v, %v", answer, token, err)
		}
		data, err := os.ReadFile(path)
		var got map[string]any
		if err == nil {
			err = json.Unmarshal(data, &got)
		}
		if err != nil || got["refreshToken"] != want || got["accessToken"] != "new" || got["other"] != 1.0 || got["clientId"] != "c" {
			t.Errorf("%s: the file has the refresh token %v, %v", answer, got["refreshToken"], err)
		}
	}
}
