//go:build unix

package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
)

// A refresh token works once: it is not spent where its successor could not be
// kept, be it that the file lies in somebody else's folder (root with another
// user's HOME) or in one that nobody may write in.
func TestRefreshTokenIsNotSpentInVain(t *testing.T) {
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
	lock := func() error { return os.Chmod(dir, 0o500) }
	if os.Geteuid() == 0 {
		lock = func() error { return os.Chown(dir, 65534, 65534) }
	}
	if err := lock(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })

	set := awsprofile.Settings{Endpoints: map[string]string{"sso_oidc": to}}
	w := newWalk(awsprofile.Chain{Settings: set}, Options{Now: func() time.Time { return testNow }, Home: home})
	s := awsprofile.SSO{Session: "s", Region: "us-east-2"}
	_, err := w.ssoToken(context.Background(), s)
	var file *FileError
	if !errors.As(err, &file) {
		t.Errorf("%v", err)
	}
	if os.Geteuid() == 0 { // whom the mode does not stop from writing the file anew
		write(testNow.Add(10 * time.Minute))
		if token, err := w.ssoToken(context.Background(), s); err != nil || token != "token" {
			t.Errorf("while it lasts: %q, %v", token, err)
		}
	}
	if len(*requests) != 0 {
		t.Errorf("the refresh token was spent: %v", *requests)
	}
}
