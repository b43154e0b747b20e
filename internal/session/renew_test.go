package session

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/session/store"
)

// ssoToken returns the token of a sign-in, renewed if necessary.
func ssoToken(t *testing.T, w *walk, s awsprofile.SSO) (string, error) {
	t.Helper()
	token, err := identitycenter.New(w.aws, w.Home, w.Trace).Token(t.Context(), s.SignIn())
	return token.AccessToken, err
}

// renewSSO renews an expired token.
func renewSSO(t *testing.T, w *walk, token identitycenter.Token) error {
	t.Helper()
	w.Home = t.TempDir()
	s := awsprofile.SSO{Session: "s", Region: "us-east-2"}
	token.AccessToken, token.ExpiresAt, token.RegistrationExpiresAt = "old", "1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
	data, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	if err := (store.Folder{Home: w.Home, Dir: filepath.Join(w.Home, ".aws", "sso", "cache")}).Write(store.TokenKey("s", ""), data); err != nil {
		t.Fatal(err)
	}
	_, err = ssoToken(t, w, s)
	return err
}
