package identitycenter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/test/jsonnames"
)

// Like in the AWS CLI, JSON names are exact in the files of sign-ins and
// registrations.
func TestJSONNamesAreExact(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	home := t.TempDir()
	c := New(awsclient.New(awsprofile.Settings{}, "", func() time.Time { return now }, func(string, ...any) {}), home, nil)
	const key = "0123456789abcdef0123456789abcdef01234567"
	if err := os.MkdirAll(filepath.Dir(c.tokens.Path(key)), 0o700); err != nil {
		t.Fatal(err)
	}
	plant := func(file string) {
		if err := os.WriteFile(c.tokens.Path(key), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	jsonnames.Check(t, `{"startUrl": "https://EXAMPLE", "region": "us-EXAMPLE-1", "accessToken": "a/EXAMPLE", "expiresAt": "2026-11-22T06:00:00Z", "clientId": "c/EXAMPLE", `+
		`"clientSecret": "s/EXAMPLE", "registrationExpiresAt": "2026-11-22T06:00:00Z", "refreshToken": "r/EXAMPLE"}`,
		[]string{"startUrl", "region", "accessToken", "expiresAt", "clientId", "clientSecret", "registrationExpiresAt", "refreshToken"},
		func(file string) (string, error) {
			plant(file)
			token, err := c.read(key)
			return fmt.Sprint([]string{token.StartURL, token.Region, token.AccessToken, token.ExpiresAt, token.ClientID, token.ClientSecret, token.RegistrationExpiresAt, token.RefreshToken}), err
		})
	jsonnames.Check(t, `{"clientId": "c/EXAMPLE", "clientSecret": "s/EXAMPLE", "expiresAt": "2026-11-22T06:00:00Z", "scopes": ["sso:EXAMPLE"], "grantTypes": ["g/EXAMPLE"]}`,
		[]string{"clientId", "clientSecret", "expiresAt", "scopes", "grantTypes"},
		func(file string) (string, error) {
			plant(file)
			r, ok := c.readRegistration(key)
			if !ok {
				return "", errors.New("not used")
			}
			return fmt.Sprint(r), nil
		})
}

// Times are accepted in every format of the AWS CLI and related programs.
func TestTimesOfTheFiles(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"2026-11-22T06:00:00Z", "2026-11-22T06:00:00UTC", "2026-11-22T06:00:00+00:00", "2026-11-22T06:00:00.25Z", "20261122T060000Z", "2026-11-22 06:00:00 UTC"} {
		token, ok := parseToken(fmt.Appendf(nil, `{"accessToken": "t", "expiresAt": %q}`, form))
		if want := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC); !ok || !token.Expires().Truncate(time.Second).Equal(want) {
			t.Errorf("%s: %v, %v", form, token, ok)
		}
	}
	if token, ok := parseToken([]byte(`{"accessToken": "t", "expiresAt": "tomorrow"}`)); ok {
		t.Errorf("no time: %v", token)
	}
}
