//go:build compare

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

// The AWS CLI uses and renews the sign-in that login made; then this program uses
// what the AWS CLI wrote.
func TestSignInServesTheAWSCLI(t *testing.T) {
	t.Parallel()
	aws := program.AWSCLI(t)
	m := newMachine(t, ssoProfiles)
	m.env = append(m.env, "BROWSER=click")
	if o := m.run(t, "", nil, "login", "--profile", "sso"); o.exit != 0 {
		t.Fatalf("%+v", o)
	}
	if name := m.username(t, m.awsHelper(aws, "sso")); !strings.HasPrefix(name, "ASIA") {
		t.Errorf("the AWS CLI: %.20s", name)
	}

	path := filepath.Join(m.home, ".aws", "sso", "cache", sha1Hex("my-sso")+".json")
	read := func() (token map[string]string) {
		t.Helper()
		data, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(data, &token)
		}
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	ours := read()
	ours["expiresAt"] = time.Now().Add(2 * time.Minute).UTC().Format(time.RFC3339)
	if err := writeJSONFile(path, ours); err != nil {
		t.Fatal(err)
	}
	m.username(t, m.awsHelper(aws, "sso"))
	theirs := read()
	if theirs["accessToken"] == ours["accessToken"] || theirs["refreshToken"] == ours["refreshToken"] {
		t.Error("the AWS CLI has not renewed the token")
	}
	for _, name := range []string{"startUrl", "region", "clientId", "clientSecret", "registrationExpiresAt"} {
		if theirs[name] != ours[name] {
			t.Errorf("%s: AWS CLI: %.30s, this program: %.30s", name, theirs[name], ours[name])
		}
	}
	m.cloud.Reset()
	if name := m.username(t, m.helper("sso")); !strings.HasPrefix(name, "ASIA") || m.cloud.Count(awsfake.SSOOIDC) != 0 {
		t.Errorf("this program: %.20s, %d calls of OIDC", name, m.cloud.Count(awsfake.SSOOIDC))
	}
}
