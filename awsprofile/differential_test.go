package awsprofile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// differentialCases is how many random cases a test run compares;
// AWSPROFILE_CASES sets another number.
const differentialCases = 1000

// A differentialCase is what testdata/reference.py reads.
type differentialCase struct {
	Config      *string           `json:"config"`
	Credentials *string           `json:"credentials"`
	Env         map[string]string `json:"env"`
	Profile     string            `json:"profile"`
}

// A reference is what it answers: what botocore does.
type reference struct {
	Error    string            `json:"error"`
	Source   map[string]any    `json:"source"`
	Roles    []map[string]any  `json:"roles"`
	Settings referenceSettings `json:"settings"`
	// Tolerant is what botocore would do if it read a file in spite of its
	// malformed lines and doubles; nil when it reads it as it is.
	Tolerant *reference `json:"tolerant"`
}

type referenceSettings struct {
	CABundle   string            `json:"ca_bundle"`
	FIPS       bool              `json:"fips"`
	DualStack  bool              `json:"dualstack"`
	V1Disabled bool              `json:"v1_disabled"`
	Mode       string            `json:"mode"`
	Timeout    int               `json:"timeout"`
	Attempts   int               `json:"attempts"`
	Endpoints  map[string]string `json:"endpoints"`
}

func TestSameChainAsTheAWSCLI(t *testing.T) {
	t.Parallel()
	if err := exec.Command("python3", "-c", "import botocore").Run(); err != nil {
		t.Skip("python3 with botocore is not there to compare with")
	}
	count := differentialCases
	if n, err := strconv.Atoi(os.Getenv("AWSPROFILE_CASES")); err == nil {
		count = n
	}
	seed := differentialSeed(t)
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 2))}
	var cases []differentialCase
	for range count {
		cases = append(cases, g.next())
	}
	outcomes := map[string]int{}
	for i, want := range askBotocore(t, cases) {
		outcome, ok := compare(t, cases[i], want)
		outcomes[outcome]++
		if !ok && !t.Failed() {
			t.Errorf("case %d of seed %d: %s\n%s", i, seed, outcome, show(cases[i]))
		} else if !ok {
			t.Logf("case %d: %s", i, outcome)
		}
	}
	t.Log(outcomes)
}

// differentialSeed is 1, or what AWSPROFILE_SEED says.
func differentialSeed(t *testing.T) uint64 {
	t.Helper()
	text, set := os.LookupEnv("AWSPROFILE_SEED")
	if !set {
		return 1
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

func askBotocore(t *testing.T, cases []differentialCase) []reference {
	t.Helper()
	var in bytes.Buffer
	for _, c := range cases {
		if _, set := c.Env["AWS_PROFILE"]; set { // comes first in version 2 of the AWS CLI, and second in this botocore
			c.Env = maps.Clone(c.Env)
			delete(c.Env, "AWS_DEFAULT_PROFILE")
		}
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command("python3", filepath.Join("testdata", "reference.py"))
	cmd.Stdin = &in
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []reference
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var r reference
		if err := json.Unmarshal(scanner.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, r)
	}
	if len(answers) != len(cases) {
		t.Fatalf("%d answers for %d cases", len(answers), len(cases))
	}
	return answers
}

// compare says how the two outcomes relate; ok is false when that is not one
// of the intended ways.
func compare(t *testing.T, c differentialCase, want reference) (outcome string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{
		"AWS_CONFIG_FILE":             filepath.Join(dir, "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials"),
	}
	maps.Copy(env, c.Env)
	for name, text := range map[string]*string{"config": c.Config, "credentials": c.Credentials} {
		if text != nil {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(*text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	chain, err := Resolve(testEnvironment(env), Query{Profile: c.Profile})
	if want.Tolerant == nil {
		return compareOutcome(c, want, chain, err)
	}
	if err != nil && strings.Contains(err.Error(), malformedLine) {
		return "file with malformed lines: refused", true
	}
	outcome, ok = compareOutcome(c, *want.Tolerant, chain, err)
	if both := text(c.Config) + text(c.Credentials); !ok && (strings.Contains(both, "[unclosed") || strings.Contains(both, "[]")) {
		return "file with a malformed header: differs", true
	}
	return "file with malformed lines: " + outcome, ok
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func compareOutcome(c differentialCase, want reference, chain Chain, err error) (outcome string, ok bool) {
	switch {
	case want.Error != "" && err != nil:
		return "both refuse: " + strings.SplitN(want.Error, ":", 2)[0], true
	case strings.Contains(want.Error, "The value for output is inconsistent"):
		return "SSO session with a different output format", true
	case strings.Contains(want.Error, "services configuration does not exist"):
		return "empty services section", true
	case strings.Contains(want.Error, "web identity but has no role ARN") && profileBeforeVariables(c):
		return "AWS_PROFILE before the environment's web identity", true
	case want.Error != "":
		return fmt.Sprintf("only the AWS CLI refuses: %s; here %+v", want.Error, chain), false
	case want.Source["kind"] == "web identity" && profileBeforeVariables(c):
		return "AWS_PROFILE before the environment's web identity", true
	case err != nil:
		if reason := stricter(c, want, err); reason != "" {
			return reason, true
		}
		return fmt.Sprintf("refused only here: %v; AWS CLI: %v %v", err, want.Source, want.Roles), false
	}
	got := asReference(chain)
	if got.Settings.Endpoints == nil {
		got.Settings.Endpoints = map[string]string{}
	}
	if !reflect.DeepEqual(got.Settings, want.Settings) {
		return fmt.Sprintf("settings %+v; AWS CLI: %+v", got.Settings, want.Settings), false
	}
	delete(want.Source, "profile")
	delete(got.Source, "profile")
	for _, role := range want.Roles {
		if role["RoleSessionName"] == "" { // botocore makes up a name
			delete(role, "RoleSessionName")
		}
	}
	if same(got.Source, want.Source) && same(got.Roles, want.Roles) {
		return "same", true
	}
	return fmt.Sprintf("%v %v; AWS CLI: %v %v", got.Source, got.Roles, want.Source, want.Roles), false
}

// stricter says why Resolve refuses what botocore takes; "" when it should not.
func stricter(c differentialCase, want reference, err error) string {
	var config *ConfigError
	var variable *VariableError
	switch text := err.Error(); {
	case errors.As(err, &variable) && strings.Contains(text, "holds"):
		return "unusable characters"
	case errors.As(err, &config) && strings.Contains(text, "holds"), strings.Contains(text, "goes on in the line below"):
		return "unusable characters"
	case strings.Contains(text, "first section header"), strings.Contains(text, "closing bracket"):
		return "whose settings these are is unclear"
	case strings.Contains(text, "duration_seconds"):
		return "unusable duration"
	case strings.Contains(text, "is empty"):
		return "empty setting"
	case strings.Contains(text, "is not the name of a region"):
		return "unusable region"
	case strings.Contains(text, "is not the URL"):
		return "unusable URL"
	case strings.Contains(text, "services section"):
		return "missing services section"
	case strings.Contains(text, " without "):
		switch kind := want.Source["kind"]; {
		case kind == "ec2", kind == "container":
			return "incomplete profile passed over for " + kind.(string)
		}
	}
	return ""
}

// profileBeforeVariables tells whether AWS_PROFILE and the environment's web
// identity compete.
func profileBeforeVariables(c differentialCase) bool {
	return c.Profile == "" && c.Env["AWS_PROFILE"]+c.Env["AWS_DEFAULT_PROFILE"] != "" &&
		c.Env["AWS_WEB_IDENTITY_TOKEN_FILE"]+c.Env["AWS_ROLE_ARN"] != ""
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// asReference turns a chain into the reference's words.
func asReference(chain Chain) reference {
	mode := "ipv4"
	if chain.Settings.Metadata.IPv6 {
		mode = "ipv6"
	}
	r := reference{
		Roles: []map[string]any{},
		Settings: referenceSettings{
			CABundle:   chain.Settings.CABundle,
			FIPS:       chain.Settings.UseFIPS,
			DualStack:  chain.Settings.UseDualStack,
			V1Disabled: chain.Settings.Metadata.V1Disabled,
			Mode:       mode,
			Timeout:    int(chain.Settings.Metadata.Timeout / time.Second),
			Attempts:   chain.Settings.Metadata.Attempts,
			Endpoints:  chain.Settings.Endpoints,
		},
	}
	keys := func(kind string, k Keys) map[string]any {
		return map[string]any{"kind": kind, "key": k.AccessKeyID, "secret": k.SecretAccessKey, "token": k.SessionToken}
	}
	switch s := chain.Source.(type) {
	case StaticKeys:
		kind := "config-file"
		if strings.HasSuffix(s.At.File, "credentials") {
			kind = "shared-credentials-file"
		}
		r.Source = keys(kind, s.Keys)
	case EnvironmentKeys:
		r.Source = keys("env", s.Keys)
	case WebIdentity:
		r.Source = map[string]any{"kind": "web identity", "token": s.TokenFile, "role": s.RoleARN, "session": s.SessionName}
	case SSO:
		r.Source = map[string]any{"kind": "sso", "session": s.Session, "start": s.StartURL, "region": s.Region, "role": s.RoleName, "account": s.AccountID}
	case Login:
		r.Source = map[string]any{"kind": "login", "session": s.Session}
	case Process:
		r.Source = map[string]any{"kind": "process", "command": s.Command}
	case Container:
		r.Source = map[string]any{"kind": "container", "relative": s.RelativeURI, "full": s.FullURI}
	case EC2:
		r.Source = map[string]any{"kind": "ec2"}
	}
	for _, role := range chain.Roles {
		params := map[string]any{"RoleArn": role.ARN}
		for name, value := range map[string]string{"ExternalId": role.ExternalID, "SerialNumber": role.MFASerial, "RoleSessionName": role.SessionName} {
			if value != "" {
				params[name] = value
			}
		}
		if role.Duration != 0 {
			params["DurationSeconds"] = int(role.Duration / time.Second)
		}
		r.Roles = append(r.Roles, params)
	}
	return r
}

func show(c differentialCase) string {
	var b strings.Builder
	fmt.Fprintf(&b, "--profile %q, environment %q\n", c.Profile, c.Env)
	for name, text := range map[string]*string{"config": c.Config, "credentials": c.Credentials} {
		if text != nil {
			fmt.Fprintf(&b, "---- %s\n%s\n", name, *text)
		}
	}
	return b.String()
}

// A generator makes random cases: mostly whole profiles, in all the ways that
// the grammar allows, with something amiss every now and then.
type generator struct {
	*rand.Rand
	tidy bool // nothing is amiss in this case
}

func (g *generator) pick(options ...string) string { return options[g.IntN(len(options))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// odd is a chance that a tidy case does not have.
func (g *generator) odd(percent int) bool { return !g.tidy && g.chance(percent) }

func (g *generator) next() differentialCase {
	g.tidy = g.chance(60)
	c := differentialCase{Env: g.environment()}
	if g.chance(95) {
		text := g.file(true)
		c.Config = &text
	}
	if g.chance(60) {
		text := g.file(false)
		c.Credentials = &text
	}
	if g.chance(60) {
		c.Profile = g.name()
	}
	return c
}

func (g *generator) environment() map[string]string {
	env := map[string]string{}
	set := func(percent int, name string, values ...string) {
		if g.chance(percent) {
			env[name] = g.pick(values...)
		}
	}
	set(20, "AWS_PROFILE", "a", "b", "c", "d e", "default", "")
	set(3, "AWS_DEFAULT_PROFILE", "a", "b")
	if g.chance(15) {
		env["AWS_ACCESS_KEY_ID"] = "AKIDENV"
		set(90, "AWS_SECRET_ACCESS_KEY", "envsecret")
		set(30, "AWS_SESSION_TOKEN", "envtoken")
		set(5, "AWS_SECURITY_TOKEN", "envsecurity", "")
		set(10, "AWS_ACCOUNT_ID", "444455556666")
	}
	if g.chance(12) {
		set(85, "AWS_WEB_IDENTITY_TOKEN_FILE", "/env/token")
		set(85, "AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/env")
		set(30, "AWS_ROLE_SESSION_NAME", "envsession")
	}
	set(8, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")
	set(4, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x")
	set(3, "AWS_CA_BUNDLE", "/env/ca.pem")
	set(3, "REQUESTS_CA_BUNDLE", "/env/requests.pem")
	set(3, "AWS_USE_FIPS_ENDPOINT", "true", "TRUE", "false", "1")
	set(3, "AWS_ENDPOINT_URL", "http://localhost:1")
	set(3, "AWS_ENDPOINT_URL_SSO_OIDC", "http://localhost:2")
	set(3, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "false")
	set(2, "AWS_METADATA_SERVICE_TIMEOUT", "5", "x", " 7 ")
	set(2, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", "ipv4", "ipv5")
	return env
}

func (g *generator) name() string {
	return g.pick("a", "a", "b", "b", "c", "d e", "default", "default")
}

func (g *generator) file(config bool) string {
	var b strings.Builder
	if g.odd(3) {
		b.WriteString(g.pick("# comment\n", "\n\n", "garbage = 1\n", "\uFEFF"))
	}
	seen := map[string]bool{}
	// Doubled sections, or one profile spelled in several ways: not both,
	// because what that means is ours to say.
	doubles := g.chance(50)
	names := []string{"a", "b", "c", "d e", "default"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := range 2 + g.IntN(10) {
		name := names[i%len(names)]
		if g.odd(30) {
			name = g.name()
		}
		header, kind := g.header(config, name, doubles)
		if seen[header] && !(doubles && g.odd(10)) {
			continue
		}
		seen[header] = true
		if g.odd(3) {
			b.WriteString(g.pick(" ", "\t", "    "))
		}
		b.WriteString("[" + header + "]" + g.pick("", "", "", "", " # comment", " ", "x") + "\n")
		g.body(&b, kind)
	}
	text := b.String()
	if g.odd(5) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if g.chance(10) {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}

func (g *generator) header(config bool, name string, plain bool) (header, kind string) {
	if g.odd(4) {
		return "DEFAULT", "defaults"
	}
	if !config {
		if g.odd(3) {
			return "profile " + name, "profile"
		}
		return name, "profile"
	}
	if g.chance(15) {
		if plain {
			return g.pick("sso-session s", "sso-session s", "sso-session t"), "sso"
		}
		return g.pick("sso-session s", "sso-session s", `sso-session "s"`, "sso-session t", "sso-sessions s"), "sso"
	}
	if g.chance(10) {
		if plain {
			return g.pick("services v", "services w"), "services"
		}
		return g.pick("services v", `services "v"`, "services w"), "services"
	}
	switch {
	case !plain && g.odd(30):
	case name == "default":
		return "default", "profile"
	case strings.Contains(name, " "):
		return fmt.Sprintf("profile %q", name), "profile"
	default:
		return "profile " + name, "profile"
	}
	return g.pick("profile "+name, "profile "+name, "profile "+name, "profile "+name, "profile  "+name, "profile\t"+name,
		"profile '"+name+"'", "profile "+name+" ", "profiles "+name, name, "profile", " profile "+name, `profile "`+name), "profile"
}

// body writes a section's settings.
func (g *generator) body(b *strings.Builder, kind string) {
	var settings [][2]string
	add := func(name string, values ...string) {
		settings = append(settings, [2]string{name, g.pick(values...)})
	}
	keys := func() {
		add("aws_access_key_id", "AKID"+strconv.Itoa(g.IntN(1000)))
		add("aws_secret_access_key", "secret"+strconv.Itoa(g.IntN(1000)))
		if g.chance(30) {
			add("aws_session_token", "token/+=")
		}
		if g.odd(5) {
			add("aws_security_token", "securitytoken")
		}
		if g.chance(10) {
			add("aws_account_id", "999988887777")
		}
	}
	switch kind {
	case "defaults":
		add(g.pick("region", "output", "sso_region", "ca_bundle"), "eu-west-1", "x")
	case "sso":
		add("sso_start_url", "https://portal.example/start")
		add("sso_region", "eu-central-1")
		if g.chance(50) {
			add("sso_registration_scopes", "sso:account:access")
		}
	case "services":
		for _, name := range []string{"sts", "sso_oidc", "dynamodb"} {
			if g.chance(60) {
				add(name, "\n  endpoint_url = http://localhost:"+strconv.Itoa(1000+g.IntN(9))+"\n  other=1")
			}
		}
	default:
		for first := true; first || g.chance(15); first = false {
			switch g.IntN(9) {
			case 0, 1, 2, 3:
				add("role_arn", "arn:aws:iam::111122223333:role/R"+strconv.Itoa(g.IntN(1000)))
				if g.chance(75) {
					add("source_profile", g.name())
				} else {
					add("credential_source", "Ec2InstanceMetadata", "Ec2InstanceMetadata", "EcsContainer", "Environment", "environment")
				}
				if g.chance(20) {
					add("external_id", "Example42", "a b # c")
				}
				if g.chance(20) {
					add("mfa_serial", "arn:aws:iam::111122223333:mfa/alice")
				}
				if g.chance(20) {
					add("duration_seconds", "3600", "900", "1_800", "+1800", "43200", " 3600 ", "abc", "60", "36e2", "-900", "")
				}
				if g.chance(20) {
					add("role_session_name", "alice")
				}
			case 4:
				keys()
			case 5:
				add("web_identity_token_file", "/token")
				add("role_arn", "arn:aws:iam::111122223333:role/W")
			case 6:
				add("sso_account_id", "123456789011")
				add("sso_role_name", "ReadOnly")
				if g.chance(70) {
					add("sso_session", "s", "s", "t", "absent")
				} else {
					add("sso_start_url", "https://legacy.example/start")
					add("sso_region", "us-east-1")
				}
			case 7:
				add("login_session", "arn:aws:iam::111122223333:user/alice")
			case 8:
				add("credential_process", "/bin/keys --x 1", `"/bin/my keys" 'a b' c\ d "e\"f" # g`, `/bin/x "unclosed`, "''", `a""b ""`)
			}
		}
		for _, extra := range []struct{ name, value string }{
			{"region", "us-east-2"},
			{"output", "json"},
			{"s3", "\n  max_queue_size = 1000\n  addressing_style = path"},
			{"ca_bundle", "/ca.pem"},
			{"use_fips_endpoint", "true"},
			{"use_dualstack_endpoint", "True"},
			{"services", g.pick("v", "w", "absent")},
			{"endpoint_url", "https://proxy.example/path"},
			{"ec2_metadata_v1_disabled", "true"},
			{"imds_use_ipv6", "true"},
			{"metadata_service_timeout", g.pick("3", "x")},
			{"sso_session", "s"},
			{"web_identity_token_file", ""},
			{"aws_session_token", "stray"},
		} {
			if g.odd(6) {
				add(extra.name, extra.value)
			}
		}
	}
	g.Shuffle(len(settings), func(i, j int) { settings[i], settings[j] = settings[j], settings[i] })
	indent := ""
	if g.odd(8) {
		indent = g.pick("  ", "\t", "\u00a0")
	}
	seen := map[string]bool{}
	for _, s := range settings {
		if seen[s[0]] && !g.odd(2) || g.odd(4) {
			continue
		}
		seen[s[0]] = true
		g.setting(b, indent, s[0], s[1])
	}
}

func (g *generator) setting(b *strings.Builder, indent, name, value string) {
	if g.odd(3) {
		b.WriteString(g.pick("# comment = 1\n", "; comment\n", "   # indented\n", "\n", "  \n", "\n\n"))
	}
	if g.odd(2) {
		value = ""
	}
	if g.odd(2) {
		value = g.pick(`"`+value+`"`, "`"+value+"`", `"""`+value+`"""`, `"""`+value, "`"+value, value+`\`, value+" # c", value+"; c", "%("+value+")s")
	}
	if g.odd(3) {
		name = g.pick(strings.ToUpper(name), strings.ToUpper(name[:1])+name[1:], `"`+name+`"`, name+" x", "-", name+"é")
	}
	if g.odd(2) {
		indent += g.pick(" ", "    ", "\t")
	}
	b.WriteString(indent + name + g.pick(" = ", " = ", "=", " =", "= ", " : ", ":", "\t=\t", " == ") + value)
	b.WriteString(g.pick("", "", "", "", " ", "\t", "\u3000") + "\n")
	if g.odd(2) {
		b.WriteString(indent + g.pick("  continued\n", "    [profile b]\n", "  role_arn = x\n", "  # comment\n", "\n", "stray line\n", "= stray\n", "[unclosed\n", "[]\n"))
	}
}
