package awsprofile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
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
	for s := range f.SignIns() {
		names = append(names, s.Name+" "+s.StartURL)
	}
	if want := []string{"s ", "vanity ", " https://legacy.awsapps.com/start"}; !reflect.DeepEqual(names, want) {
		t.Errorf("%q", names)
	}
}

// The first credentials of a chain come from the last profile of source_profile
// settings, unless one before it has an access key.
func TestOwnIdentitiesOfASignIn(t *testing.T) {
	t.Parallel()
	const (
		role = "role_arn = arn:aws:iam::111122223333:role/R\n"
		sso  = "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\n"
		keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
	)
	f := filesOf(t, `[sso-session s]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-2
[sso-session t]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-2
[profile a-sso]
`+sso+`[profile b-other]
sso_session = t
sso_account_id = 111122223333
sso_role_name = R
[profile c-legacy]
sso_start_url = https://legacy.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = R
[profile d-one]
`+role+`source_profile = a-sso
[profile e-two]
`+role+`source_profile = d-one
[profile f-three]
`+role+`source_profile = e-two
[profile g-other]
`+role+`source_profile = b-other
[profile h-keys]
`+role+`source_profile = a-sso
`+keys+`[profile i-from-keys]
`+role+`source_profile = h-keys
[profile j-from-both]
`+role+`source_profile = k-both
[profile k-both]
`+role+`source_profile = a-sso
`+sso+`[profile l-loop]
`+role+`source_profile = m-loop
[profile m-loop]
`+role+`source_profile = l-loop
[profile n-environment]
`+role+`credential_source = Environment
[profile o-missing]
`+role+`source_profile = absent
[profile p-nothing]
region = us-east-1
[profile q-keys]
`+keys+`[profile r-web]
`+role+`web_identity_token_file = /token
`+sso+`[profile s-region]
`+role+`source_profile = a-sso
region = not/a/region
`)
	from := func(signIn *SSOSession) string {
		var names []string
		matcher := f.Matcher(signIn)
		for own := range f.OwnIdentities() {
			if name, _, _ := strings.Cut(own.Profile, "-"); matcher.Matches(own) {
				if _, ok := own.Source.(SSO); ok {
					name = strings.ToUpper(name)
				}
				names = append(names, name)
			}
		}
		return strings.Join(names, " ")
	}
	// A capital letter is an IAM Identity Center role, the others are roles that are
	// assumed with one.
	for _, test := range []struct {
		signIn *SSOSession
		want   string
	}{
		{&SSOSession{Name: "s", StartURL: "https://example.awsapps.com/start"}, "A d e f h j k K s"},
		{&SSOSession{Name: "t", StartURL: "https://example.awsapps.com/start"}, "B g"},
		{&SSOSession{StartURL: "https://legacy.awsapps.com/start"}, "C"},
		{&SSOSession{StartURL: "https://example.awsapps.com/start"}, ""},
		{nil, "A B C d e f g h j k K s"},
	} {
		if got := from(test.signIn); got != test.want {
			t.Errorf("%+v: %s, want %s", test.signIn, got, test.want)
		}
	}
}

// The region is written with the line endings and the indentation of the section,
// and every other byte is preserved. (A setting that is indented less than the next
// one would make that one a part of its value.)
func TestSetSSORegion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after string }{
		"usual": {
			"[sso-session s]\nsso_start_url = https://a.example/\n",
			"[sso-session s]\nsso_region = us-east-2\nsso_start_url = https://a.example/\n",
		},
		"no final line ending": {
			"[sso-session s]\nsso_start_url = https://a.example/",
			"[sso-session s]\nsso_region = us-east-2\nsso_start_url = https://a.example/",
		},
		"another region": {
			"[sso-session s]\nsso_start_url = https://a.example/\nsso_region = eu-west-1\n[profile x]\n",
			"[sso-session s]\nsso_start_url = https://a.example/\nsso_region = us-east-2\n[profile x]\n",
		},
		"another region in the last line": {
			"[sso-session s]\nsso_start_url = https://a.example/\nsso_region = eu-west-1",
			"[sso-session s]\nsso_start_url = https://a.example/\nsso_region = us-east-2",
		},
		"indented": {
			"[sso-session s]\n\t# comment\n\n\tsso_start_url = https://a.example/\n\tsso_registration_scopes = a\n",
			"[sso-session s]\n\t# comment\n\n\tsso_region = us-east-2\n\tsso_start_url = https://a.example/\n\tsso_registration_scopes = a\n",
		},
		"indented header": {
			"  [sso-session s]\n  sso_start_url = https://a.example/\n",
			"  [sso-session s]\n  sso_region = us-east-2\n  sso_start_url = https://a.example/\n",
		},
		"indented, another region": {
			"[sso-session s]\n  sso_region = eu-west-1\n  sso_start_url = https://a.example/\n",
			"[sso-session s]\n  sso_region = us-east-2\n  sso_start_url = https://a.example/\n",
		},
		"defaults": {
			"[DEFAULT]\nsso_region = eu-west-1\n[sso-session s]\nsso_start_url = https://a.example/\n",
			"[DEFAULT]\nsso_region = eu-west-1\n[sso-session s]\nsso_region = us-east-2\nsso_start_url = https://a.example/\n",
		},
		"below another setting": {
			"[sso-session s]\n    other =\n        x\n  sso_start_url = https://a.example/\n",
			"[sso-session s]\n    sso_region = us-east-2\n    other =\n        x\n  sso_start_url = https://a.example/\n",
		},
		"all in the defaults": {
			"[DEFAULT]\nsso_start_url = https://a.example/\n[sso-session s]",
			"[DEFAULT]\nsso_start_url = https://a.example/\n[sso-session s]\nsso_region = us-east-2\n",
		},
		"defaults and an indented setting": {
			"[DEFAULT]\nsso_start_url = https://a.example/\n[sso-session s]\n  other = x\n",
			"[DEFAULT]\nsso_start_url = https://a.example/\n[sso-session s]\n  sso_region = us-east-2\n  other = x\n",
		},
		"CR LF": {
			"[profile a]\r\nregion = us-east-1\r\n[sso-session s]\r\nsso_start_url = https://a.example/\r\n",
			"[profile a]\r\nregion = us-east-1\r\n[sso-session s]\r\nsso_region = us-east-2\r\nsso_start_url = https://a.example/\r\n",
		},
		"CR": {
			"[profile a]\rregion = us-east-1\r[sso-session s]\rsso_start_url = https://a.example/\r",
			"[profile a]\rregion = us-east-1\r[sso-session s]\rsso_region = us-east-2\rsso_start_url = https://a.example/\r",
		},
		"CR CR LF": {
			"[profile a]\r\r\nregion = us-east-1\r\r\n[sso-session s]\r\r\nsso_start_url = https://a.example/\r\r\nsso_region = eu-west-1\r\r\n[profile b]\r\r\nrole_arn = r\r\r\n",
			"[profile a]\r\r\nregion = us-east-1\r\r\n[sso-session s]\r\r\nsso_start_url = https://a.example/\r\r\nsso_region = us-east-2\r\r\n[profile b]\r\r\nrole_arn = r\r\r\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := filesOf(t, c.before)
			s, _, err := f.SSOSession("s")
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSSORegion(s, "us-east-2"); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(f.files().config.path)
			if err != nil || string(text) != c.after {
				t.Errorf("%q, %v; want %q", text, err, c.after)
			}
			if got, _, err := f.SSOSession("s"); err != nil || got.Region != "us-east-2" || got.StartURL != s.StartURL {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// The settings of a profile may all be in the credentials file, which is not
// edited.
// One more line would change the meaning of others: the file keeps every byte.
func TestSetSSORegionIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"the next header is indented": "[DEFAULT]\nsso_start_url = https://a.example/\n[sso-session s]\n  [profile b]\n  role_arn = r\n",
		"the value has two lines":     "[sso-session s]\nsso_start_url = https://a.example/\nsso_region = eu-west-1\n  eu-west-2\n",
	} {
		f := filesOf(t, text)
		at := Position{File: f.files().config.path, Line: 1}
		if err := f.SetSSORegion(SSOSession{Name: "s", At: at}, "us-east-2"); err == nil || err.Error() != "sso_region = us-east-2 must be added at "+at.String() {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(f.files().config.path); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestSetSSORegionOfACredentialsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(path, []byte("[old]\nsso_start_url = https://a.example/\nsso_account_id = 111122223333\nsso_role_name = R\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := Open(testEnvironment(map[string]string{"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"), "AWS_SHARED_CREDENTIALS_FILE": path}))
	s, _, err := f.SSOSessionOf(Query{Profile: "old"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetSSORegion(s, "us-east-2"); err == nil || err.Error() != "sso_region = us-east-2 must be added at "+path+":2" {
		t.Error(err)
	}
}
