package awsprofile

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	usual := func(change func(*Settings)) Settings {
		s := Settings{Endpoints: map[string]string{}, Metadata: MetadataSettings{Timeout: time.Second, Attempts: 1}}
		if change != nil {
			change(&s)
		}
		return s
	}
	for name, test := range map[string]struct {
		world
		query Query
		want  Settings
	}{
		"nothing said": {want: usual(nil)},
		"the environment's region before the profile's": {
			world: world{config: "[default]\nregion = eu-west-1\n", env: map[string]string{"AWS_DEFAULT_REGION": "us-east-1"}},
			want:  usual(func(s *Settings) { s.Region = "us-east-1" }),
		},
		"the profile's region": {
			world: world{config: "[default]\nregion = EU-West-1\n"},
			want:  usual(func(s *Settings) { s.Region = "eu-west-1" }),
		},
		"a FIPS pseudo-region in the profile": {
			world: world{config: "[default]\nregion = fips-us-east-1\n"},
			want:  usual(func(s *Settings) { s.Region, s.UseFIPS = "us-east-1", true }),
		},
		"a FIPS pseudo-region in the environment": {
			world: world{env: map[string]string{"AWS_REGION": "us-gov-west-1-fips", "AWS_USE_FIPS_ENDPOINT": "false"}},
			want:  usual(func(s *Settings) { s.Region, s.UseFIPS = "us-gov-west-1", true }),
		},
		"the global pseudo-region": {
			world: world{config: "[default]\nregion = aws-global\n"},
			want:  usual(func(s *Settings) { s.Region = "aws-global" }),
		},
		"retries, application ID and defaults mode": {
			world: world{config: "[default]\nmax_attempts = 5\nretry_mode = Adaptive\nsdk_ua_app_id = my app\ndefaults_mode = In-Region\n"},
			want: usual(func(s *Settings) {
				s.MaxAttempts, s.RetryMode, s.AppID, s.DefaultsMode = 5, "adaptive", "my app", "in-region"
			}),
		},
		"retries, application ID and defaults mode in the environment": {
			world: world{
				config: "[default]\nmax_attempts = 5\nretry_mode = adaptive\nsdk_ua_app_id = my app\ndefaults_mode = in-region\n",
				env:    map[string]string{"AWS_MAX_ATTEMPTS": "1", "AWS_RETRY_MODE": "legacy", "AWS_SDK_UA_APP_ID": "another", "AWS_DEFAULTS_MODE": "auto"},
			},
			want: usual(func(s *Settings) {
				s.MaxAttempts, s.RetryMode, s.AppID, s.DefaultsMode = 1, "standard", "another", "auto"
			}),
		},
		"AWS_REGION before AWS_DEFAULT_REGION": {
			world: world{config: "[default]\nregion =\n", env: map[string]string{"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"}},
			want:  usual(func(s *Settings) { s.Region = "us-east-1" }),
		},
		"AWS_DEFAULT_REGION": {
			world: world{env: map[string]string{"AWS_DEFAULT_REGION": "us-east-2"}},
			want:  usual(func(s *Settings) { s.Region = "us-east-2" }),
		},
		"the settings are those of the chosen profile": {
			world: world{config: "[profile x]\nregion = eu-west-1\nca_bundle = /x\nrole_arn = r\nsource_profile = y\n" +
				"[profile y]\nregion = us-east-1\nca_bundle = /y\nlogin_session = l\n"},
			query: Query{Profile: "x"},
			want:  usual(func(s *Settings) { s.Region, s.CABundle, s.CABundleFrom = "eu-west-1", "/x", "ca_bundle" }),
		},
		"variables before the profile": {
			world: world{
				config: "[default]\nca_bundle = /x\nuse_fips_endpoint = true\nuse_dualstack_endpoint = TRUE\nec2_metadata_v1_disabled = true\n" +
					"metadata_service_timeout = 2\nmetadata_service_num_attempts = 3\nec2_metadata_service_endpoint = http://[fd00:ec2::254]\nimds_use_ipv6 = true\n",
				env: map[string]string{
					"AWS_CA_BUNDLE": "/e", "AWS_USE_FIPS_ENDPOINT": "false", "AWS_METADATA_SERVICE_TIMEOUT": "5", "AWS_EC2_METADATA_DISABLED": "True",
				},
			},
			want: usual(func(s *Settings) {
				s.CABundle, s.CABundleFrom, s.UseDualStack = "/e", "AWS_CA_BUNDLE", true
				s.Metadata = MetadataSettings{
					Disabled: true, V1Disabled: true, Endpoint: "http://[fd00:ec2::254]", IPv6: true, Timeout: 5 * time.Second, Attempts: 3,
				}
			}),
		},
		"numbers that no one waits for": {
			world: world{env: map[string]string{"AWS_METADATA_SERVICE_TIMEOUT": "9223372037", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "9223372037", "AWS_MAX_ATTEMPTS": "9223372037"}},
			want: usual(func(s *Settings) {
				s.Metadata.Timeout, s.Metadata.Attempts, s.MaxAttempts = 1000*time.Second, 1000, 1000
			}),
		},
		"the endpoint mode before AWS_IMDS_USE_IPV6": {
			world: world{env: map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv4", "AWS_IMDS_USE_IPV6": "true"}},
			want:  usual(nil),
		},
		"an endpoint for each service": {
			world: world{
				config: "[default]\nendpoint_url = https://all\nservices = v\n[services v]\nsts =\n  other = 1\n  endpoint_url = http://localhost:1\nsso =\n  x = 1\n",
				env:    map[string]string{"AWS_ENDPOINT_URL_SSO_OIDC": "http://127.0.0.1:2/path"},
			},
			want: usual(func(s *Settings) {
				s.Endpoints = map[string]string{
					"sts": "http://localhost:1", "sso": "https://all", "sso_oidc": "http://127.0.0.1:2/path", "signin": "https://all",
				}
			}),
		},
		"AWS_ENDPOINT_URL before the files": {
			world: world{config: "[default]\nservices = v\n[services v]\nsts =\n  endpoint_url = http://localhost:1\n", env: map[string]string{"AWS_ENDPOINT_URL": "http://e"}},
			want: usual(func(s *Settings) {
				s.Endpoints = map[string]string{"sts": "http://e", "sso": "http://e", "sso_oidc": "http://e", "signin": "http://e"}
			}),
		},
		"endpoints that are ignored": {
			world: world{config: "[default]\nignore_configured_endpoint_urls = true\nservices = absent\n", env: map[string]string{"AWS_ENDPOINT_URL": "http://e"}},
			want:  usual(func(s *Settings) { s.Endpoints = nil }),
		},
		"--credential-source knows the environment's": {
			world: world{config: "[default]\nregion = eu-west-1\n", env: map[string]string{"AWS_REGION": "us-east-1"}},
			query: Query{CredentialSource: "Ec2InstanceMetadata"},
			want:  usual(func(s *Settings) { s.Region = "us-east-1" }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain, err := Resolve(test.environment(t), test.query)
			if err != nil {
				t.Fatal(err)
			}
			chain.Settings.ProfileRegion = "" // has a test of its own
			if !reflect.DeepEqual(chain.Settings, test.want) {
				t.Errorf("got %+v\nwant %+v", chain.Settings, test.want)
			}
		})
	}
}

func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		world
		want string
	}{
		"region that is a host":          {world{config: "[default]\nregion = us-east-1.evil.example\n"}, `profile "default": region is not a region name (~/.aws/config:2)`},
		"region that is a host, outside": {world{env: map[string]string{"AWS_REGION": "us-east-1/evil"}}, "AWS_REGION is not a region name"},
		"endpoint mode": {
			world{config: "[default]\nec2_metadata_service_endpoint_mode = ipv5\n"},
			`profile "default": ec2_metadata_service_endpoint_mode is not ipv4 or ipv6 (~/.aws/config:2)`,
		},
		"maximum attempts":          {world{env: map[string]string{"AWS_MAX_ATTEMPTS": "0"}}, "AWS_MAX_ATTEMPTS is not a whole number above 0"},
		"maximum attempts, profile": {world{config: "[default]\nmax_attempts = many\n"}, `profile "default": max_attempts is not a whole number above 0 (~/.aws/config:2)`},
		"retry mode":                {world{env: map[string]string{"AWS_RETRY_MODE": "often"}}, "AWS_RETRY_MODE is not standard, adaptive or legacy"},
		"retry mode, profile":       {world{config: "[default]\nretry_mode = often\n"}, `profile "default": retry_mode is not standard, adaptive or legacy (~/.aws/config:2)`},
		"defaults mode":             {world{config: "[default]\ndefaults_mode = x\n"}, `profile "default": defaults_mode is not standard, in-region, cross-region, mobile, auto or legacy (~/.aws/config:2)`},
		"timeout":                   {world{env: map[string]string{"AWS_METADATA_SERVICE_TIMEOUT": "1s"}}, "AWS_METADATA_SERVICE_TIMEOUT is not a whole number above 0"},
		"attempts":                  {world{config: "[default]\nmetadata_service_num_attempts = 0\n"}, `profile "default": metadata_service_num_attempts is not a whole number above 0 (~/.aws/config:2)`},
		"metadata endpoint":         {world{env: map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "169.254.169.254"}}, "AWS_EC2_METADATA_SERVICE_ENDPOINT is not a valid http or https URL"},
		"endpoint":                  {world{env: map[string]string{"AWS_ENDPOINT_URL": "http://user:CANARY@host"}}, "AWS_ENDPOINT_URL is not a valid http or https URL"},
		"endpoint in profile":       {world{config: "[default]\nendpoint_url = localhost:1\n"}, `profile "default": endpoint_url is not a valid http or https URL (~/.aws/config:2)`},
		"services not found":        {world{config: "[default]\nservices = v\n"}, `profile "default": services section "v" not found (~/.aws/config:2)`},
		"service without nested settings": {
			world{config: "[default]\nservices = v\n[services v]\nsts = http://localhost\n"},
			`profile "default": sts is not followed by nested settings (~/.aws/config:4)`,
		},
		"endpoint of a service": {
			world{config: "[default]\nservices = v\n[services v]\nsts =\n  endpoint_url = http://a b\n"},
			`profile "default": endpoint_url of sts is not a valid http or https URL (~/.aws/config:4)`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain, err := Resolve(test.environment(t), Query{})
			if err == nil || err.Error() != test.want {
				t.Errorf("got %+v, %v\nwant %s", chain, err, test.want)
			}
		})
	}
}

func TestIsURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"http://localhost", "https://vpce-1.sts.us-east-1.vpce.amazonaws.com/", "http://127.0.0.1:4566/path", "http://[::1]:80"} {
		if !isURL(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"", "localhost", "//localhost", "ftp://localhost", "http://", "http://a b", "http://a@b", "http://a?b", "http://a#b", "http://a\n", "http://é", "http://[x]", "http://a:b",
	} {
		if isURL(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestIsRegion(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"us-east-1", "us-gov-west-1", "eusc-de-east-1", "aws-global"} {
		if !ValidRegionName(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", "-a", "a-", "1", "a.b", "a/b", "a b", "a_b", "é", "0123456789012345678901234567890123456789012345678901234567890123"} {
		if ValidRegionName(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

// As in the AWS CLI, a leading tilde in the path of the certificates means the home
// folder; variables are not expanded.
func TestCABundleInTheHomeFolder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		env    map[string]string
		want   string
	}{
		"ca_bundle":          {"[default]\nca_bundle = ~/ca.pem\n", nil, "/home/alice/ca.pem"},
		"AWS_CA_BUNDLE":      {"", map[string]string{"AWS_CA_BUNDLE": "~/ca.pem"}, "/home/alice/ca.pem"},
		"REQUESTS_CA_BUNDLE": {"", map[string]string{"REQUESTS_CA_BUNDLE": "~/ca.pem"}, "/home/alice/ca.pem"},
		"not at the start":   {"", map[string]string{"AWS_CA_BUNDLE": "/a/~/ca.pem"}, "/a/~/ca.pem"},
		"a variable":         {"", map[string]string{"AWS_CA_BUNDLE": "$HOME/ca.pem"}, "$HOME/ca.pem"},
		"no home folder":     {"", map[string]string{"AWS_CA_BUNDLE": "~/ca.pem", "HOME": ""}, "~/ca.pem"},
	} {
		env := map[string]string{"HOME": "/home/alice", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
		for name, value := range c.env {
			env[name] = value
		}
		env["AWS_CONFIG_FILE"] = filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(env["AWS_CONFIG_FILE"], []byte(c.config), 0o600); err != nil {
			t.Fatal(err)
		}
		chain, err := Resolve(testEnvironment(env), Query{})
		if err != nil || chain.Settings.CABundle != c.want {
			t.Errorf("%s: got %q, %v; want %q", name, chain.Settings.CABundle, err, c.want)
		}
	}
}

func TestProfileRegionIgnoresTheEnvironment(t *testing.T) {
	t.Parallel()
	w := world{config: "[default]\nregion = EU-West-1\n", env: map[string]string{"AWS_REGION": "us-east-1"}}
	chain, err := Resolve(w.environment(t), Query{})
	if err != nil || chain.Settings.ProfileRegion != "EU-West-1" || chain.Settings.Region != "us-east-1" {
		t.Errorf("got %+v, %v", chain.Settings, err)
	}
}
