package awsprofile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// canary represents a secret: no error may show it.
const canary = "CANARYwJalrXUtnFEMI"

// FuzzResolve resolves a profile from two arbitrary files with a secret on a
// separate line.
func FuzzResolve(f *testing.F) {
	f.Add("[profile x]\nrole_arn = r\nsource_profile = y\n[profile y]\naws_access_key_id = A\n", "", uint16(200), "")
	f.Add("[profile x]\nrole_arn = r\nsource_profile = y\nduration_seconds = 900\n", "[y]\naws_access_key_id = A\n", uint16(500), "")
	f.Add("[profile x]\nrole_arn = r\nsource_profile = x\n", "[x]\naws_access_key_id = A\n", uint16(46), " ")
	f.Add("[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_start_url = u\nsso_region = eu-west-1\n", "[DEFAULT]\n", uint16(0), "")
	f.Add("[profile x]\ncredential_process = a 'b\n  c'\n[profile x]\nservices = v\n[services v]\nsts =\n  endpoint_url = http://localhost\n", "\xff\x00", uint16(9), "\t")
	f.Add("\uFEFFrole_arn\n [profile \"x\"]\r\n[profile x\nregion=a\r", "[x\n]", uint16(3), "")
	f.Fuzz(func(t *testing.T, config, credentials string, at uint16, indent string) {
		if strings.Trim(indent, " \t") != "" {
			return
		}
		lines := strings.SplitAfter(config, "\n")
		i := min(int(at), len(lines))
		if i > 0 && !strings.HasSuffix(lines[i-1], "\n") {
			lines[i-1] += "\n"
		}
		config = strings.Join(lines[:i], "") + indent + "aws_secret_access_key = " + canary + "\n" + strings.Join(lines[i:], "")

		dir := t.TempDir()
		env := map[string]string{"AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials")}
		for name, text := range map[string]string{"config": config, "credentials": credentials} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		names, err := Profiles(testEnvironment(env))
		if err != nil {
			t.Error(err)
		}
		for _, profile := range append(names[:min(len(names), 3)], "x", "") {
			start := time.Now()
			chain, err := Resolve(testEnvironment(env), Query{Profile: profile})
			if took := time.Since(start); took > 20*time.Second { // a second, but for a busy machine
				t.Errorf("%q took %v", profile, took)
			}
			if err != nil {
				checkError(t, err, len(names))
				continue
			}
			checkChain(t, chain, len(names))
		}
	})
}

func checkError(t *testing.T, err error, profiles int) {
	t.Helper()
	if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, canary) {
		t.Errorf("an error shows the secret: %s", text)
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7F }) {
		t.Errorf("an error holds a control character: %q", err)
	}
	var config *ConfigError
	var notFound *ProfileNotFoundError
	switch {
	case errors.As(err, &config):
		if config.At.Line == 0 {
			t.Errorf("an error without a line: %v", err)
		}
	case errors.As(err, &notFound):
	default:
		t.Errorf("an unexpected error: %v", err)
	}
}

func checkChain(t *testing.T, chain Chain, profiles int) {
	t.Helper()
	if chain.Source == nil {
		t.Error("a chain without a source")
	}
	if len(chain.Roles) > profiles {
		t.Errorf("%d roles from %d profiles", len(chain.Roles), profiles)
	}
	for _, role := range chain.Roles {
		if role.ARN == "" || role.At.Line == 0 || role.Duration < 0 || role.Duration > MaxDuration {
			t.Errorf("role %+v", role)
		}
	}
	switch s := chain.Source.(type) {
	case StaticKeys:
		if s.AccessKeyID == "" || s.SecretAccessKey == "" {
			t.Error("half an access key")
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", chain, s, chain), canary) {
			t.Error("a printed chain shows the secret")
		}
	case Process:
		if len(s.Command) == 0 || s.Command[0] == "" {
			t.Error("no command")
		}
	case SSO:
		if s.StartURL == "" || s.AccountID == "" || s.RoleName == "" || !ValidRegionName(s.Region) {
			t.Errorf("half an SSO role: %+v", s)
		}
	case WebIdentity:
		if s.TokenFile == "" || s.RoleARN == "" {
			t.Errorf("half a web identity: %+v", s)
		}
	case Login:
		if s.Session == "" {
			t.Error("no login session")
		}
	}
	if r := chain.Settings.Region; r != "" && !ValidRegionName(r) {
		t.Errorf("region %q", r)
	}
}
