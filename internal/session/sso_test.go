//go:build unix

package session

import (
	"bytes"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/session/store"
)

// A refresh token works once: it is not used if the new one could not be stored,
// because the folder belongs to another user (root with another user's HOME) or is
// not writable.
func TestRefreshTokenIsNotUsedIfNewOneCannotBeStored(t *testing.T) {
	t.Parallel()
	to, requests := recorder(t)
	home := t.TempDir()
	dir := filepath.Join(home, ".aws", "sso", "cache")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	const sha1OfS = "a0f1490a20d0211c997b44bc357e1972deab8ae3"
	write := func(expires time.Time) {
		text := `{"accessToken": "token", "expiresAt": "` + expires.UTC().Format(time.RFC3339) + `", "refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "2999-01-01T00:00:00Z"}`
		if err := os.WriteFile(filepath.Join(dir, sha1OfS+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(testNow.Add(-time.Minute))
	closeFolder(t, dir)
	root := os.Geteuid() == 0 // root does not even read the folder: closeFolder gave it to another user

	set := awsprofile.Settings{Endpoints: map[string]string{"sso_oidc": to}}
	w := newWalk(awsprofile.Chain{Settings: set}, Options{Now: func() time.Time { return testNow }, Home: home})
	s := awsprofile.SSO{Session: "s", Region: "us-east-2"}
	_, err := ssoToken(t, w, s)
	var file *store.FileError
	if err == nil || !root && !errors.As(err, &file) {
		t.Errorf("%v", err)
	}
	if !root {
		reopen(t, dir)
		write(testNow.Add(10 * time.Minute))
		closeFolder(t, dir)
		if token, err := ssoToken(t, w, s); err != nil || token != "token" {
			t.Errorf("while it lasts: %q, %v", token, err)
		}
	}
	if len(*requests) != 0 {
		t.Errorf("the refresh token was spent: %v", *requests)
	}
}

func reopen(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}

// closeFolder prevents writing in a folder.
func closeFolder(t *testing.T, dir string) {
	t.Helper()
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	err := os.Chmod(dir, 0o500)
	if os.Geteuid() == 0 { // root can write regardless of the mode
		err = os.Chown(dir, 65534, 65534)
	}
	if err != nil {
		t.Error(err)
	}
}

// AWS gives no role for the token of another start URL: the user must sign in
// again, even after the token was renewed.
func TestTokenOfAnotherStartURL(t *testing.T) {
	t.Parallel()
	const old, current = "https://old.awsapps.com/start", "https://new.awsapps.com/start"
	for name, c := range map[string]struct {
		startURL string
		expires  time.Duration
		signIn   bool
	}{
		"the same":    {current, time.Hour, false},
		"not written": {"", time.Hour, false},
		"another":     {old, time.Hour, true},
		"renewed":     {old, time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					_, _ = io.WriteString(w, `{"accessToken": "new", "refreshToken": "r2", "expiresIn": 3600}`)
					return
				}
				w.Header().Set("x-amzn-ErrorType", "ForbiddenException")
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `{"message": "No access"}`)
			}))
			t.Cleanup(server.Close)
			home := t.TempDir()
			dir := filepath.Join(home, ".aws", "sso", "cache")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			file, err := json.Marshal(map[string]string{
				"startUrl": c.startURL, "region": "us-east-2", "accessToken": "token", "expiresAt": testNow.Add(c.expires).UTC().Format(time.RFC3339),
				"refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "2999-01-01T00:00:00Z",
			})
			if err != nil {
				t.Fatal(err)
			}
			const sha1OfS = "a0f1490a20d0211c997b44bc357e1972deab8ae3"
			if err := os.WriteFile(filepath.Join(dir, sha1OfS+".json"), file, 0o600); err != nil {
				t.Fatal(err)
			}
			sso := awsprofile.SSO{Session: "s", StartURL: current, Region: "us-east-2", AccountID: "111122223333", RoleName: "R"}
			for range 2 { // the second time with the file that the first walk wrote
				w := newWalk(awsprofile.Chain{Source: sso, Settings: awsprofile.Settings{Endpoints: map[string]string{"sso": server.URL, "sso_oidc": server.URL}}},
					Options{Now: func() time.Time { return testNow }, Home: home})
				_, err = ssoRole{sso}.credentials(t.Context(), w)
				var none *identitycenter.NotSignedInError
				var role *SSORoleError
				if errors.As(err, &none) != c.signIn || errors.As(err, &role) == c.signIn {
					t.Errorf("%v", err)
				}
			}
		})
	}
}

// A renewed token that cannot be stored is still used, because the old refresh
// token no longer works.
func TestRenewedTokenThatCannotBeStoredIsUsed(t *testing.T) {
	t.Parallel()
	_, key := newLoginKey(t, elliptic.P256())
	for name, c := range map[string]struct {
		file   string
		holds  map[string]any
		answer string
		renew  func(w *walk) (string, error)
		want   string
	}{
		"SSO": {
			".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json", // SHA-1 of "s"
			map[string]any{
				"accessToken": "old", "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": "r", "clientId": "c", "clientSecret": "s",
				"registrationExpiresAt": "2999-01-01T00:00:00Z",
			},
			`{"accessToken": "new", "refreshToken": "r2", "expiresIn": 900}`,
			func(w *walk) (string, error) { return ssoToken(t, w, awsprofile.SSO{Session: "s"}) },
			"new",
		},
		"login": {
			".aws/login/cache/043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89.json", // SHA-256 of "s"
			map[string]any{
				"accessToken":  map[string]string{"accessKeyId": "ASIAOLDEXAMPLE", "expiresAt": "2020-01-01T00:00:00Z"},
				"refreshToken": "r", "clientId": "c", "dpopKey": key,
			},
			`{"accessToken": {"accessKeyId": "ASIANEWEXAMPLE", "secretAccessKey": "s", "sessionToken": "t"}, "refreshToken": "r2", "expiresIn": 900}`,
			func(w *walk) (string, error) {
				creds, err := login{awsprofile.Login{Session: "s"}}.credentials(t.Context(), w)
				if left := time.Until(creds.Expires); creds.SecretAccessKey != "s" || creds.SessionToken != "t" || left < 14*time.Minute || left > 15*time.Minute {
					t.Errorf("%#v for %s", creds, left)
				}
				return creds.AccessKeyID, err
			},
			"ASIANEWEXAMPLE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			path := filepath.Join(home, filepath.FromSlash(c.file))
			data, err := json.Marshal(c.holds)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				closeFolder(t, filepath.Dir(path))
				_, _ = io.WriteString(w, c.answer)
			}))
			t.Cleanup(server.Close)
			set := awsprofile.Settings{Endpoints: map[string]string{"sso_oidc": server.URL, "signin": server.URL}}
			var trace strings.Builder
			w := newWalk(awsprofile.Chain{Settings: set}, Options{
				Now: time.Now, Home: home,
				Trace: func(format string, args ...any) { fmt.Fprintf(&trace, format+"\n", args...) },
			})
			if got, err := c.renew(w); err != nil || got != c.want {
				t.Errorf("got %q, %v", got, err)
			}
			if !strings.Contains(trace.String(), ".json is not written: ") || strings.Contains(trace.String(), ".tmp") {
				t.Errorf("traced %s", trace.String())
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
				t.Errorf("the file: %q, %v", after, err)
			}
		})
	}
}
