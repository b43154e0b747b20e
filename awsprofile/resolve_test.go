package awsprofile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

func testEnvironment(env map[string]string) Environment {
	return Environment{
		LookupEnv: func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		Home:      func() string { return env["HOME"] },
	}
}

// A world is a home folder with the two AWS files, and environment variables.
type world struct {
	config, credentials string // "" for no such file
	env                 map[string]string
}

func (w world) environment(t *testing.T) Environment {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"config": w.config, "credentials": w.credentials} {
		if text != "" {
			if err := os.WriteFile(filepath.Join(home, ".aws", name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	env := map[string]string{"HOME": home}
	for name, value := range w.env {
		env[name] = value
	}
	return testEnvironment(env)
}

func config(line int) Position      { return Position{File: "~/.aws/config", Line: line} }
func credentials(line int) Position { return Position{File: "~/.aws/credentials", Line: line} }

func static(profile string, at Position, id, secret, token string) StaticKeys {
	return StaticKeys{Keys: Keys{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}, Profile: profile, At: at}
}

const roleX = "arn:aws:iam::123456789012:role/X"

func TestResolve(t *testing.T) {
	t.Parallel()
	const keysA = "aws_access_key_id = AKIDA\naws_secret_access_key = secretA\n"
	keysOfA := func(at Position) StaticKeys { return static("a", at, "AKIDA", "secretA", "") }
	for name, test := range map[string]struct {
		world
		query   Query
		profile string
		source  Source
		roles   []Role
	}{
		// Selecting the profile.
		"nothing anywhere is the instance": {source: EC2{Fallback: true}},
		"default profile":                  {world: world{config: "[default]\n" + keysA}, profile: "default", source: static("default", config(2), "AKIDA", "secretA", "")},
		"[profile default], later, wins": {
			world:   world{config: "[default]\n" + keysA + "[profile default]\nlogin_session = l\n"},
			profile: "default", source: Login{"l", "default", config(5)},
		},
		"[default], later, wins": {
			world:   world{config: "[profile default]\nlogin_session = l\n[default]\n" + keysA},
			profile: "default", source: static("default", config(4), "AKIDA", "secretA", ""),
		},
		"AWS_PROFILE": {
			world:   world{config: "[profile a]\n" + keysA, env: map[string]string{"AWS_PROFILE": "a"}},
			profile: "a", source: keysOfA(config(2)),
		},
		"AWS_PROFILE before AWS_DEFAULT_PROFILE": {
			world:   world{config: "[profile a]\n" + keysA, env: map[string]string{"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}},
			profile: "a", source: keysOfA(config(2)),
		},
		"--profile before AWS_PROFILE": {
			world: world{config: "[profile a]\n" + keysA, env: map[string]string{"AWS_PROFILE": "b"}},
			query: Query{Profile: "a"}, profile: "a", source: keysOfA(config(2)),
		},
		"a name with a space": {
			world: world{config: "[profile \"a b\"]\nlogin_session = l\n"},
			query: Query{Profile: "a b"}, profile: "a b", source: Login{"l", "a b", config(2)},
		},
		"a profile of the credentials file alone": {
			world: world{credentials: "[a]\n" + keysA},
			query: Query{Profile: "a"}, profile: "a", source: keysOfA(credentials(2)),
		},
		"the other files": {
			world: world{config: "[profile a]\nlogin_session = wrong\n", env: map[string]string{
				"AWS_CONFIG_FILE": "$HOME/.aws/absent", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/config",
			}},
			query: Query{Profile: "profile a"}, profile: "profile a", source: Login{"wrong", "profile a", config(2)},
		},

		// Settings of a profile.
		"a session token": {
			world:   world{credentials: "[default]\n" + keysA + "aws_session_token = tokenA\naws_account_id = 111122223333\n"},
			profile: "default",
			source: StaticKeys{
				Keys:    Keys{AccessKeyID: "AKIDA", SecretAccessKey: "secretA", SessionToken: "tokenA"},
				Profile: "default", At: credentials(2),
			},
		},
		"aws_security_token before aws_session_token": {
			world:   world{config: "[default]\n" + keysA + "aws_session_token = no\naws_security_token = yes\n"},
			profile: "default", source: static("default", config(2), "AKIDA", "secretA", "yes"),
		},
		"the credentials file's key before the config file's": {
			world: world{config: "[profile a]\naws_access_key_id = AKIDB\naws_secret_access_key = secretB\n", credentials: "[a]\n" + keysA},
			query: Query{Profile: "a"}, profile: "a", source: keysOfA(credentials(2)),
		},
		"credential_process before the config file's key": {
			world:   world{config: "[default]\n" + keysA + "aws_account_id = 1\ncredential_process = x 'a b'\n"},
			profile: "default", source: Process{Command: []string{"x", "a b"}, Profile: "default", At: config(5)},
		},
		"the credentials file's key before credential_process": {
			world:   world{config: "[default]\ncredential_process = x\n", credentials: "[default]\n" + keysA},
			profile: "default", source: static("default", credentials(2), "AKIDA", "secretA", ""),
		},
		"credential_process over two lines": {
			world:   world{config: "[default]\ncredential_process = x a\n    b\n"},
			profile: "default", source: Process{Command: []string{"x", "a", "b"}, Profile: "default", At: config(2)},
		},
		"login_session before credential_process": {
			world:   world{config: "[default]\ncredential_process = x\nlogin_session = l\n"},
			profile: "default", source: Login{"l", "default", config(3)},
		},
		"legacy SSO": {
			world:   world{config: "[default]\nsso_start_url = https://u\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n"},
			profile: "default", source: SSO{"", "https://u", "eu-west-1", nil, "1", "R", "default", config(4)},
		},
		"SSO before an access key": {
			world: world{
				config:      "[default]\nsso_start_url = https://u\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n",
				credentials: "[default]\n" + keysA,
			},
			profile: "default", source: SSO{"", "https://u", "eu-west-1", nil, "1", "R", "default", config(4)},
		},
		"SSO session": {
			world: world{config: "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\n" +
				"[sso-session s]\nsso_start_url = https://u\nsso_region = eu-west-1\n"},
			query: Query{Profile: "a"}, profile: "a", source: SSO{"s", "https://u", "eu-west-1", nil, "1", "R", "a", config(3)},
		},
		"SSO session with the role, in which the profile has the account": {
			world: world{config: "[profile a]\nsso_session = s\nsso_account_id = 1\n" +
				"[sso-session s]\nsso_start_url = https://u\nsso_region = eu-west-1\nsso_role_name = R\n"},
			query: Query{Profile: "a"}, profile: "a", source: SSO{"s", "https://u", "eu-west-1", nil, "1", "R", "a", config(3)},
		},
		"SSO session with the account, in which the profile has the role": {
			world: world{config: "[profile a]\nsso_session = s\nsso_role_name = R\n" +
				"[sso-session s]\nsso_start_url = https://u\nsso_region = eu-west-1\nsso_account_id = 1\n"},
			query: Query{Profile: "a"}, profile: "a", source: SSO{"s", "https://u", "eu-west-1", nil, "1", "R", "a", config(3)},
		},
		"an access key whose services section is missing": {
			world:   world{config: "[default]\nservices = s\naws_access_key_id = A\naws_secret_access_key = s\n"},
			profile: "default", source: StaticKeys{Keys{"A", "s", ""}, "default", config(3)},
		},
		"web identity in a profile": {
			world:   world{config: "[default]\nweb_identity_token_file = /t\nrole_arn = " + roleX + "\nrole_session_name = n\nduration_seconds = 900\n"},
			profile: "default", source: WebIdentity{"/t", roleX, "n", "default", config(2)},
		},
		"settings of both files come together": {
			world:   world{config: "[default]\nrole_arn = " + roleX + "\n", credentials: "[default]\nweb_identity_token_file = /t\n"},
			profile: "default", source: WebIdentity{"/t", roleX, "", "default", credentials(2)},
		},

		// The environment.
		"access key in the environment": {
			world: world{config: "[default]\n" + keysA, env: map[string]string{
				"AWS_ACCESS_KEY_ID": "AKIDE", "AWS_SECRET_ACCESS_KEY": "secretE", "AWS_SESSION_TOKEN": "tokenE",
				"AWS_ACCOUNT_ID": "1", "AWS_CREDENTIAL_EXPIRATION": "2026-01-01T00:00:00Z",
			}},
			source: EnvironmentKeys{Keys: Keys{"AKIDE", "secretE", "tokenE"}, Expires: "2026-01-01T00:00:00Z"},
		},
		"access key in the environment before AWS_PROFILE": {
			world: world{config: "[profile a]\n" + keysA, env: map[string]string{
				"AWS_PROFILE": "a", "AWS_ACCESS_KEY_ID": "AKIDE", "AWS_SECRET_ACCESS_KEY": "secretE",
			}},
			source: EnvironmentKeys{Keys: Keys{AccessKeyID: "AKIDE", SecretAccessKey: "secretE"}},
		},
		"--profile before the environment": {
			world: world{config: "[profile a]\n" + keysA, env: map[string]string{
				"AWS_ACCESS_KEY_ID": "AKIDE", "AWS_SECRET_ACCESS_KEY": "secretE",
				"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": roleX,
				"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/",
			}},
			query: Query{Profile: "a"}, profile: "a", source: keysOfA(config(2)),
		},
		"web identity in the environment": {
			world:  world{env: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": roleX, "AWS_ROLE_SESSION_NAME": "n"}},
			source: WebIdentity{TokenFile: "/t", RoleARN: roleX, SessionName: "n"},
		},
		"web identity in the environment before the default profile's key": {
			world: world{config: "[default]\n" + keysA + "role_session_name = n\n", env: map[string]string{
				"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": roleX,
			}},
			source: WebIdentity{TokenFile: "/t", RoleARN: roleX, SessionName: "n"},
		},
		"AWS_PROFILE before web identity in the environment": {
			world: world{config: "[profile a]\n" + keysA, env: map[string]string{
				"AWS_PROFILE": "a", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": roleX,
			}},
			profile: "a", source: keysOfA(config(2)),
		},
		"web identity in the environment, as AWS_PROFILE says nothing": {
			world: world{config: "[profile a]\nregion = us-east-1\n", env: map[string]string{
				"AWS_PROFILE": "a", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": roleX,
			}},
			source: WebIdentity{TokenFile: "/t", RoleARN: roleX},
		},
		"container": {
			world: world{config: "[default]\nregion = us-east-1\n", env: map[string]string{
				"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/r", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://f",
				"AWS_CONTAINER_AUTHORIZATION_TOKEN": "t", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/f",
			}},
			source: Container{RelativeURI: "/r", Token: "t", TokenFile: "/f"},
		},
		"--profile that says nothing": {
			world: world{config: "[profile a]\nregion = us-east-1\n"},
			query: Query{Profile: "a"}, profile: "a", source: EC2{Fallback: true},
		},
		"no home folder": {world: world{env: map[string]string{"HOME": ""}}, source: EC2{Fallback: true}},

		// Roles.
		"source_profile": {
			world: world{
				config: "[profile x]\nrole_arn = " + roleX + "\nsource_profile = a\nexternal_id = e\nmfa_serial = m\n" +
					"role_session_name = n\nduration_seconds =  1_800 \n",
				credentials: "[a]\n" + keysA,
			},
			query: Query{Profile: "x"}, profile: "x", source: keysOfA(credentials(2)),
			roles: []Role{{roleX, "e", "m", "n", 30 * time.Minute, "x", config(2)}},
		},
		"a chain of roles is assumed from its end": {
			world: world{config: "[default]\nrole_arn = r1\nsource_profile = b\n[profile b]\nrole_arn = r2\nsource_profile = c\n" +
				"[profile c]\nrole_arn = r3\ncredential_source = Ec2InstanceMetadata\n"},
			profile: "default", source: EC2{Profile: "c", At: config(9)},
			roles: []Role{
				{ARN: "r3", Profile: "c", At: config(8)},
				{ARN: "r2", Profile: "b", At: config(5)},
				{ARN: "r1", Profile: "default", At: config(2)},
			},
		},
		"a profile is its own source": {
			world:   world{config: "[profile a]\nrole_arn = r\nsource_profile = a\n", credentials: "[a]\n" + keysA},
			query:   Query{Profile: "a"},
			profile: "a", source: keysOfA(credentials(2)), roles: []Role{{ARN: "r", Profile: "a", At: config(2)}},
		},
		"as a source, a profile gives its key though it has a role": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = a\n[profile a]\nrole_arn = s\nsource_profile = gone\n" + keysA},
			query: Query{Profile: "x"}, profile: "x", source: keysOfA(config(7)), roles: []Role{{ARN: "r", Profile: "x", At: config(2)}},
		},
		"as a source, web identity is no role": {
			world: world{
				config: "[default]\nrole_arn = r\nsource_profile = w\n[profile w]\nrole_arn = s\nweb_identity_token_file = /t\n",
				env:    map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/env"},
			},
			profile: "default", source: WebIdentity{"/t", "s", "", "w", config(6)}, roles: []Role{{ARN: "r", Profile: "default", At: config(2)}},
		},
		"login_session as a source": {
			world:   world{config: "[default]\nrole_arn = r\nsource_profile = l\n[profile l]\nlogin_session = s\n"},
			profile: "default", source: Login{"s", "l", config(5)}, roles: []Role{{ARN: "r", Profile: "default", At: config(2)}},
		},
		"credential_source Environment, with --profile": {
			world: world{config: "[profile x]\nrole_arn = r\ncredential_source = Environment\n", env: map[string]string{
				"AWS_ACCESS_KEY_ID": "AKIDE", "AWS_SECRET_ACCESS_KEY": "secretE",
			}},
			query: Query{Profile: "x"}, profile: "x",
			source: EnvironmentKeys{Keys: Keys{AccessKeyID: "AKIDE", SecretAccessKey: "secretE"}, Profile: "x", At: config(3)},
			roles:  []Role{{ARN: "r", Profile: "x", At: config(2)}},
		},
		"credential_source EcsContainer": {
			world: world{config: "[default]\nrole_arn = r\ncredential_source = EcsContainer\n", env: map[string]string{
				"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/",
			}},
			profile: "default", source: Container{FullURI: "http://127.0.0.1/", Profile: "default", At: config(3)}, roles: []Role{{ARN: "r", Profile: "default", At: config(2)}},
		},

		// The command line.
		"--role-arn on the default chain": {query: Query{Role: &Role{ARN: "r"}}, source: EC2{Fallback: true}, roles: []Role{{ARN: "r"}}},
		"--role-arn on a chain": {
			world:   world{config: "[default]\nrole_arn = r1\ncredential_source = Ec2InstanceMetadata\n"},
			query:   Query{Role: &Role{ARN: "r2", ExternalID: "e"}},
			profile: "default", source: EC2{Profile: "default", At: config(3)}, roles: []Role{{ARN: "r1", Profile: "default", At: config(2)}, {ARN: "r2", ExternalID: "e"}},
		},
		"--credential-source reads no file": {
			world: world{config: "garbage", env: map[string]string{"AWS_PROFILE": "absent"}},
			query: Query{CredentialSource: "Ec2InstanceMetadata", Role: &Role{ARN: "r"}}, source: EC2{}, roles: []Role{{ARN: "r"}},
		},

		// What the AWS CLI rejects, if it does not concern the profile.
		"doubled sections and settings": {
			world: world{config: "[profile a]\nregion = r\naws_access_key_id = AKIDB\naws_access_key_id = AKIDA\n[profile a]\naws_secret_access_key = secretA\n"},
			query: Query{Profile: "a"}, profile: "a", source: keysOfA(config(4)),
		},
		"garbage around the profile": {
			world: world{config: "\uFEFFgarbage\n[profile b]\ngarbage\n[profile a]\n" + keysA + "[profile c\ngarbage\n[profile d]\n\xff\x00 = \xff\n"},
			query: Query{Profile: "a"}, profile: "a", source: keysOfA(config(5)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain, err := Resolve(test.environment(t), test.query)
			if err != nil {
				t.Fatal(err)
			}
			if chain.Profile != test.profile {
				t.Errorf("profile %q; want %q", chain.Profile, test.profile)
			}
			if p, ok := chain.Source.(Process); ok {
				p.Path = "" // see TestPathOfProcess
				chain.Source = p
			}
			if !reflect.DeepEqual(chain.Source, test.source) {
				t.Errorf("source %#v; want %#v", chain.Source, test.source)
			}
			if !reflect.DeepEqual(chain.Roles, test.roles) {
				t.Errorf("roles %+v; want %+v", chain.Roles, test.roles)
			}
		})
	}
}

// Path is the file's path, even if a variable writes it differently.
func TestPathOfProcess(t *testing.T) {
	t.Parallel()
	process := func(name string) string { return "[p]\n[profile p]\ncredential_process = " + name + "\n" }
	for name, test := range map[string]struct {
		world
		file string // in the home folder
	}{
		"config file":             {world{config: process("x")}, ".aws/config"},
		"credentials file":        {world{credentials: "[p]\ncredential_process = x\n"}, ".aws/credentials"},
		"both":                    {world{config: process("y"), credentials: "[p]\ncredential_process = x\n"}, ".aws/credentials"},
		"a variable's":            {world{config: process("x"), env: map[string]string{"AWS_CONFIG_FILE": "${HOME}/.aws/config"}}, ".aws/config"},
		"another variable's":      {world{config: process("x"), env: map[string]string{"AWS_CONFIG_FILE": "$HOME/.aws/config"}}, ".aws/config"},
		"below the home folder's": {world{config: process("x"), env: map[string]string{"AWS_CONFIG_FILE": "~/.aws/../.aws/config"}}, ".aws/config"},
	} {
		env := test.environment(t)
		chain, err := Resolve(env, Query{Profile: "p"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p := chain.Source.(Process)
		if want := filepath.Join(env.Home(), test.file); filepath.Clean(p.Path) != want || p.Command[0] != "x" {
			t.Errorf("%s: %q in %s; want %s", name, p.Command, p.Path, want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	x := Query{Profile: "x"}
	for name, test := range map[string]struct {
		world
		query Query
		want  string
	}{
		// Selecting the profile.
		"--profile not found": {
			world: world{config: "[default]\n"}, query: x,
			want: `profile "x" not found in ~/.aws/config or ~/.aws/credentials`,
		},
		"AWS_PROFILE not found": {
			world: world{env: map[string]string{"AWS_PROFILE": "x", "AWS_SHARED_CREDENTIALS_FILE": ""}},
			want:  `profile "x" not found in ~/.aws/config (selected by AWS_PROFILE)`,
		},
		"AWS_PROFILE not found, though there is a key": {
			world: world{env: map[string]string{"AWS_PROFILE": "x", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}},
			want:  `profile "x" not found in ~/.aws/config or ~/.aws/credentials (selected by AWS_PROFILE)`,
		},
		"--profile default not found": {query: Query{Profile: "default"}, want: `profile "default" not found in ~/.aws/config or ~/.aws/credentials`},
		"no home folder":              {world: world{env: map[string]string{"HOME": ""}}, query: x, want: `profile "x" not found: this user has no home folder`},
		"AWS_PROFILE is empty":        {world: world{env: map[string]string{"AWS_PROFILE": ""}}, want: "AWS_PROFILE is set but empty"},
		"[x] in the config file": {
			world: world{config: "\n[x]\n"}, query: x,
			want: `profile "x" not found in ~/.aws/config or ~/.aws/credentials; the section header at ~/.aws/config:2 does not name a profile`,
		},
		"[profile x] in the credentials file": {
			world: world{credentials: "[profile x]\n"}, query: x,
			want: `profile "x" not found in ~/.aws/config or ~/.aws/credentials; the section header at ~/.aws/credentials:1 does not name a profile`,
		},
		"[profile x": {
			world: world{config: "[profile x\n"}, query: x,
			want: `profile "x" not found in ~/.aws/config or ~/.aws/credentials; the section header at ~/.aws/config:1 does not name a profile`,
		},
		"--profile and --credential-source": {
			query: Query{Profile: "x", CredentialSource: "Environment"},
			want:  "a profile and a credential source cannot be used together",
		},
		"unknown --credential-source": {
			query: Query{CredentialSource: "environment"},
			want:  `credential source "environment" is not one of Environment, EcsContainer and Ec2InstanceMetadata`,
		},

		// Roles.
		"source_profile not found": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = y\n"}, query: x,
			want: `profile "x": source_profile "y" not found (~/.aws/config:3)`,
		},
		"source_profile further on not found": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = y\n[profile y]\nrole_arn = r\nsource_profile = z\n"}, query: x,
			want: `profile "y": source_profile "z" not found (~/.aws/config:6)`,
		},
		"no source": {
			world: world{config: "[profile x]\nregion = r\nrole_arn = r\n"}, query: x,
			want: `profile "x": role_arn requires source_profile or credential_source (~/.aws/config:3)`,
		},
		"no source but a key": {
			world: world{config: "[profile x]\nrole_arn = r\n", credentials: "[x]\naws_access_key_id = A\naws_secret_access_key = s\n"}, query: x,
			want: `profile "x": role_arn requires source_profile or credential_source (~/.aws/config:2)`,
		},
		"both sources": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = x\ncredential_source = Environment\n"}, query: x,
			want: `profile "x": source_profile and credential_source cannot be used together (~/.aws/config:4)`,
		},
		"unknown credential_source": {
			world: world{config: "[profile x]\nrole_arn = r\ncredential_source = ec2instancemetadata\n"}, query: x,
			want: `profile "x": credential_source is not one of Environment, EcsContainer and Ec2InstanceMetadata (~/.aws/config:3)`,
		},
		"credential_source Environment without a key": {
			world: world{config: "[profile x]\nrole_arn = r\ncredential_source = Environment\n"}, query: x,
			want: `profile "x": credential_source Environment: AWS_ACCESS_KEY_ID is not set (~/.aws/config:3)`,
		},
		"credential_source EcsContainer outside of one": {
			world: world{config: "[profile x]\nrole_arn = r\ncredential_source = EcsContainer\n"}, query: x,
			want: `profile "x": credential_source EcsContainer: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set (~/.aws/config:3)`,
		},
		"a circle": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = a\n[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n"}, query: x,
			want: `profile "b": source_profile settings form a loop: a → b → a (~/.aws/config:9)`,
		},
		"its own source, without a key": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = x\nlogin_session = l\n"}, query: x,
			want: `profile "x": source_profile settings form a loop: x → x (~/.aws/config:3)`,
		},
		"a source that says nothing": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = y\n[profile y]\nregion = r\n"}, query: x,
			want: `profile "x": source_profile "y" has no credential settings (~/.aws/config:3)`,
		},
		"a source that is incomplete": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = y\n[profile y]\naws_secret_access_key = s\n"}, query: x,
			want: `profile "y": aws_secret_access_key requires aws_access_key_id (~/.aws/config:5)`,
		},
		"duration in words": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = x\nduration_seconds = 1h\n"}, query: x,
			want: `profile "x": duration_seconds is not a whole number (~/.aws/config:4)`,
		},
		"duration too short": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = x\nduration_seconds = 899\n"}, query: x,
			want: `profile "x": duration_seconds is not between 900 and 43200 (~/.aws/config:4)`,
		},

		// Empty settings.
		"empty role_arn":          {world: world{config: "[profile x]\nrole_arn =\nsource_profile = x\n"}, query: x, want: `profile "x": role_arn is empty (~/.aws/config:2)`},
		"empty source_profile":    {world: world{config: "[profile x]\nrole_arn = r\nsource_profile =\n"}, query: x, want: `profile "x": source_profile is empty (~/.aws/config:3)`},
		"empty credential_source": {world: world{config: "[profile x]\nrole_arn = r\ncredential_source =\n"}, query: x, want: `profile "x": credential_source is empty (~/.aws/config:3)`},
		"empty external_id":       {world: world{config: "[profile x]\nrole_arn = r\nsource_profile = x\nexternal_id =\n"}, query: x, want: `profile "x": external_id is empty (~/.aws/config:4)`},
		"empty mfa_serial":        {world: world{config: "[profile x]\nrole_arn = r\nsource_profile = x\nmfa_serial =\n"}, query: x, want: `profile "x": mfa_serial is empty (~/.aws/config:4)`},
		"empty duration_seconds":  {world: world{config: "[profile x]\nrole_arn = r\nsource_profile = x\nduration_seconds =\n"}, query: x, want: `profile "x": duration_seconds is empty (~/.aws/config:4)`},
		"empty key id":            {world: world{config: "[profile x]\naws_access_key_id =\naws_secret_access_key = s\n"}, query: x, want: `profile "x": aws_access_key_id is empty (~/.aws/config:2)`},
		"empty secret":            {world: world{config: "[profile x]\naws_access_key_id = A\naws_secret_access_key =\n"}, query: x, want: `profile "x": aws_secret_access_key is empty (~/.aws/config:3)`},
		"empty process":           {world: world{config: "[profile x]\ncredential_process =\n"}, query: x, want: `profile "x": credential_process is empty (~/.aws/config:2)`},
		"empty login_session":     {world: world{config: "[profile x]\nlogin_session =\n"}, query: x, want: `profile "x": login_session is empty (~/.aws/config:2)`},
		"empty token file":        {world: world{config: "[profile x]\nrole_arn = r\nweb_identity_token_file =\n"}, query: x, want: `profile "x": web_identity_token_file is empty (~/.aws/config:3)`},
		"empty sso_role_name":     {world: world{config: "[profile x]\nsso_role_name =\nsso_account_id = 1\nsso_start_url = u\nsso_region = r\n"}, query: x, want: `profile "x": sso_role_name is empty (~/.aws/config:2)`},
		"SSO session alone":       {world: world{config: "[profile x]\nsso_session = s\n[sso-session s]\nsso_start_url = u\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n"}, query: x, want: `profile "x": sso_session requires sso_account_id and sso_role_name (~/.aws/config:2)`},
		"empty sso_session":       {world: world{config: "[profile x]\nsso_session =\nsso_account_id = 1\n"}, query: x, want: `profile "x": sso_session is empty (~/.aws/config:2)`},

		// Incomplete settings.
		"key id without secret": {world: world{config: "[profile x]\naws_access_key_id = A\n"}, query: x, want: `profile "x": aws_access_key_id requires aws_secret_access_key (~/.aws/config:2)`},
		"key in two files": {
			world: world{config: "[profile x]\naws_secret_access_key = s\n", credentials: "[x]\naws_access_key_id = A\n"}, query: x,
			want: `profile "x": aws_access_key_id requires aws_secret_access_key (~/.aws/credentials:2)`,
		},
		"secret without key id":          {world: world{credentials: "[x]\naws_secret_access_key = s\n"}, query: x, want: `profile "x": aws_secret_access_key requires aws_access_key_id (~/.aws/credentials:2)`},
		"source_profile without role":    {world: world{config: "[profile x]\nsource_profile = y\n"}, query: x, want: `profile "x": source_profile requires role_arn (~/.aws/config:2)`},
		"credential_source without role": {world: world{config: "[profile x]\ncredential_source = Environment\n"}, query: x, want: `profile "x": credential_source requires role_arn (~/.aws/config:2)`},
		"mfa_serial without role":        {world: world{config: "[default]\nmfa_serial = m\n"}, want: `profile "default": mfa_serial requires role_arn (~/.aws/config:2)`},
		"token file without role":        {world: world{config: "[profile x]\nweb_identity_token_file = /t\n"}, query: x, want: `profile "x": web_identity_token_file requires role_arn (~/.aws/config:2)`},
		"SSO without a portal": {
			world: world{config: "[profile x]\nsso_account_id = 1\n"}, query: x,
			want: `profile "x": SSO settings are incomplete: missing sso_role_name, sso_start_url, sso_region (~/.aws/config:2)`,
		},
		"SSO portal alone": {world: world{config: "[profile x]\nsso_start_url = u\n"}, query: x, want: `profile "x": sso_start_url requires sso_account_id and sso_role_name (~/.aws/config:2)`},
		"SSO session not found": {
			world: world{config: "[profile x]\nsso_account_id = 1\nsso_session = s\n"}, query: x,
			want: `profile "x": sso-session "s" not found (~/.aws/config:3)`,
		},
		"SSO session without region": {
			world: world{config: "[profile x]\nsso_account_id = 1\nsso_role_name = R\nsso_session = s\nsso_region = eu-west-1\n[sso-session s]\nsso_start_url = u\n"}, query: x,
			want: `profile "x": sso-session "s" has no sso_region (~/.aws/config:4)`,
		},
		"SSO session and profile differ": {
			world: world{config: "[profile x]\nsso_account_id = 1\nsso_role_name = R\nsso_session = s\nsso_region = eu-west-1\n[sso-session s]\nsso_start_url = u\nsso_region = us-east-1\n"}, query: x,
			want: `profile "x": sso_region differs from sso-session "s" at ~/.aws/config:8 (~/.aws/config:5)`,
		},
		"SSO region that is a host": {
			world: world{config: "[profile x]\nsso_account_id = 1\nsso_role_name = R\nsso_start_url = u\nsso_region = us-east-1.evil.example\n"}, query: x,
			want: `profile "x": sso_region is not a region name (~/.aws/config:5)`,
		},
		"open quote in a process": {world: world{config: "[profile x]\ncredential_process = a 'b\n"}, query: x, want: `profile "x": credential_process: no closing quotation mark (~/.aws/config:2)`},

		// Values that make no sense.
		"a comment after the key ID": {
			world: world{config: "[profile x]\naws_access_key_id = A # mine\naws_secret_access_key = s\n"}, query: x,
			want: `profile "x": aws_access_key_id contains a space (a comment must be on a separate line) (~/.aws/config:2)`,
		},
		"a setting that continues the role": {
			world: world{config: "[profile x]\nrole_arn = r\n source_profile = y\n"}, query: x,
			want: `profile "x": role_arn continues on the next line, which is indented (~/.aws/config:2)`,
		},
		"a secret that continues the source": {
			world: world{config: "[profile x]\nrole_arn = r\nsource_profile = y\n aws_secret_access_key = CANARY\n"}, query: x,
			want: `profile "x": source_profile continues on the next line, which is indented (~/.aws/config:3)`,
		},
		"invalid UTF-8": {world: world{config: "[profile x]\nrole_arn = \xff\n"}, query: x, want: `profile "x": role_arn is not valid UTF-8 (~/.aws/config:2)`},
		"NUL":           {world: world{config: "[profile x]\nlogin_session = a\x00\n"}, query: x, want: `profile "x": login_session contains a control character (~/.aws/config:2)`},
		"a line without a sign": {
			world: world{config: "[profile x]\nregion = us-east-1\nrole_arn arn\n"}, query: x,
			want: `profile "x": the line is neither a setting nor a comment (~/.aws/config:3)`,
		},

		// The environment.
		"key id alone in the environment": {
			world: world{env: map[string]string{"AWS_ACCESS_KEY_ID": "A"}},
			want:  "AWS_SECRET_ACCESS_KEY is not set, but AWS_ACCESS_KEY_ID is",
		},
		"a line feed in the environment": {
			world: world{env: map[string]string{"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "CANARY\nCANARY"}},
			want:  "AWS_SECRET_ACCESS_KEY contains a space or a character other than printable ASCII",
		},
		"a line end after a key in the environment": {
			world: world{env: map[string]string{"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "CANARY\n"}},
			want:  "AWS_SECRET_ACCESS_KEY ends with a line break",
		},
		"a Windows line end after a role in the environment": {
			world: world{env: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "r\r\n"}},
			want:  "AWS_ROLE_ARN ends with a line break",
		},
		"a name with spaces and no quotes": {
			world: world{config: "[profile My Corp Dev]\nrole_arn = r\n"}, query: Query{Profile: "My Corp Dev"},
			want: `profile "My Corp Dev" not found in ~/.aws/config or ~/.aws/credentials; the name in the section header at ~/.aws/config:1 requires quotes: [profile "My Corp Dev"]`,
		},
		"a role whose services section is missing": {
			world: world{config: "[profile x]\nservices = s\nrole_arn = r\nsource_profile = y\n[profile y]\naws_access_key_id = A\naws_secret_access_key = s\n"}, query: x,
			want: `profile "x": services section "s" not found (~/.aws/config:2)`,
		},
		"a space in the environment": {
			world: world{env: map[string]string{"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "CANARY x\n"}},
			want:  "AWS_SECRET_ACCESS_KEY contains a space or a character other than printable ASCII",
		},
		"token file alone in the environment": {
			world: world{env: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}},
			want:  "AWS_ROLE_ARN is not set, but AWS_WEB_IDENTITY_TOKEN_FILE is",
		},

		// An identity is never used unintentionally.
		"settings before the first section":       {world: world{config: "\naws_access_key_id = A\n"}, want: `profile "default": the line is not in a section (~/.aws/config:2)`},
		"default profile with an open header":     {world: world{credentials: "[default\naws_access_key_id = A\n"}, want: `profile "default": the section header has no closing bracket (~/.aws/credentials:1)`},
		"a profile that an open header cuts off":  {world: world{config: "[profile x]\n[\nrole_arn = r\n"}, query: x, want: `profile "x": the section header has no closing bracket (~/.aws/config:2)`},
		"a profile that an empty header cuts off": {world: world{config: "[profile x]\n[]\nrole_arn = r\n"}, query: x, want: `profile "x": the section header has no closing bracket (~/.aws/config:2)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain, err := Resolve(test.environment(t), test.query)
			if err == nil {
				t.Fatalf("resolved to %+v", chain)
			}
			if err.Error() != test.want {
				t.Errorf("%s\nwant %s", err, test.want)
			}
		})
	}
}

func TestErrorsIdentifyTheirSubject(t *testing.T) {
	t.Parallel()
	w := world{config: "[profile production]\nrole_arn = r\nsource_profile = gone\n"}

	_, err := Resolve(w.environment(t), Query{Profile: "production"})
	var config *ConfigError
	if !errors.As(err, &config) || config.Profile != "production" || config.Setting != "source_profile" || config.At.Line != 3 {
		t.Errorf("%#v", err)
	}

	w.config = "[profile x]\nrole_arn = r\nsource_profile = prodction\n[profile production]\nlogin_session = l\n"
	_, err = Resolve(w.environment(t), Query{Profile: "x"})
	if !errors.As(err, &config) || config.Similar != "production" {
		t.Errorf("a missing source_profile: %#v", err)
	}

	_, err = Resolve(w.environment(t), Query{Profile: "prodction"})
	var notFound *ProfileNotFoundError
	if !errors.As(err, &notFound) || notFound.Profile != "prodction" || notFound.Similar != "production" {
		t.Errorf("%#v", err)
	}
}

func TestLongChain(t *testing.T) {
	t.Parallel()
	const length = maxChain - 1
	var text strings.Builder
	for i := range length {
		text.WriteString("[profile p" + strings.Repeat("x", i%7) + strconv.Itoa(i) + "]\nrole_arn = r\nsource_profile = p" + strings.Repeat("x", (i+1)%7) + strconv.Itoa(i+1) + "\n")
	}
	text.WriteString("[profile p" + strings.Repeat("x", length%7) + strconv.Itoa(length) + "]\nlogin_session = l\n")
	w := world{config: text.String()}
	start := time.Now()
	chain, err := Resolve(w.environment(t), Query{Profile: "p0"})
	if err != nil || len(chain.Roles) != length {
		t.Fatalf("%d roles, %v", len(chain.Roles), err)
	}
	if took := time.Since(start); took > time.Minute { // a second, but for a busy machine and the race detector
		t.Errorf("took %v", took)
	}
}
