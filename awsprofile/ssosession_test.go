package awsprofile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// filesOf opens a config file with that text.
func filesOf(t *testing.T, config string) *Files {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": ""}
	return Open(Environment{
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Home:      func() string { return "" },
	})
}

func TestSSOSessionOfAProfile(t *testing.T) {
	t.Parallel()
	const config = `[sso-session s]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-2
sso_registration_scopes = sso:account:access, other:scope
[sso-session vanity]
sso_start_url = https://sso.example.com/
[profile new]
sso_session = s
sso_account_id = 111122223333
sso_role_name = R
[profile chained]
role_arn = arn:aws:iam::111122223333:role/R
source_profile = new
[profile legacy]
sso_start_url = https://legacy.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = R
[profile vanity]
sso_session = vanity
sso_account_id = 111122223333
sso_role_name = R
[profile half]
sso_session = s
sso_account_id = 111122223333
[profile keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = x
`
	f := filesOf(t, config)
	s := SSOSession{Name: "s", StartURL: "https://example.awsapps.com/start", Region: "us-east-2", Scopes: []string{"sso:account:access", "other:scope"}, Profile: "new"}
	for profile, want := range map[string]SSOSession{
		"new":     s,
		"chained": s,
		"legacy":  {StartURL: "https://legacy.awsapps.com/start", Region: "us-east-1", Profile: "legacy"},
		"vanity":  {Name: "vanity", StartURL: "https://sso.example.com/", Profile: "vanity"},
	} {
		got, _, err := f.SSOSessionOf(Query{Profile: profile})
		if got.At.Line == 0 {
			t.Errorf("%s: no place", profile)
		}
		got.At = Position{}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", profile, got, err)
		}
	}
	var none *NoSSOError
	if _, _, err := f.SSOSessionOf(Query{Profile: "keys"}); !errors.As(err, &none) {
		t.Errorf("keys: %v", err)
	}
	var defect *ConfigError
	if _, _, err := f.SSOSessionOf(Query{Profile: "half"}); !errors.As(err, &defect) {
		t.Errorf("half: %v", err)
	}
	if _, _, err := f.SSOSession("other"); !errors.As(err, &none) || none.Session != "other" {
		t.Errorf("other: %v", err)
	}
	var names []string
	for _, s := range f.SSOSessions() {
		names = append(names, s.Name+" "+s.StartURL)
	}
	if want := []string{"s https://example.awsapps.com/start", "vanity https://sso.example.com/", " https://legacy.awsapps.com/start"}; !reflect.DeepEqual(names, want) {
		t.Errorf("%q", names)
	}
	if chains := f.SSOChains(s); len(chains) != 2 || chains[0].Profile != "chained" || chains[1].Profile != "new" {
		t.Errorf("%+v", chains)
	}
}
