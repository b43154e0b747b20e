//go:build compare

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

// differentialCases is the number of random cases per test run; AWSPROFILE_CASES
// overrides it.
const differentialCases = 1000

// A reference is botocore's result.
type reference struct {
	Error    string            `json:"error"`
	Source   map[string]any    `json:"source"`
	Roles    []map[string]any  `json:"roles"`
	Settings referenceSettings `json:"settings"`
	// Tolerant is what botocore would return if it accepted malformed lines and
	// duplicates; nil if it accepts the files.
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
		t.Skip("python3 with botocore is not installed")
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

// differentialSeed is 1, or AWSPROFILE_SEED.
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

// compare describes how the two results relate; ok is false if that is not one of
// the intended ways.
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

// stricter returns why Resolve rejects what botocore accepts; "" if it should
// accept it.
func stricter(c differentialCase, want reference, err error) string {
	var config *ConfigError
	var variable *VariableError
	switch text := err.Error(); {
	case errors.As(err, &variable) && strings.Contains(text, "contains a "):
		return "unusable characters"
	case errors.As(err, &config) && strings.Contains(text, "contains a "), strings.Contains(text, "continues on the next line"):
		return "unusable characters"
	case strings.Contains(text, "not in a section"), strings.Contains(text, "closing bracket"):
		return "settings of an unknown section"
	case strings.Contains(text, "duration_seconds"):
		return "unusable duration"
	case strings.Contains(text, "is empty"):
		return "empty setting"
	case strings.Contains(text, "is not a region name"):
		return "unusable region"
	case strings.Contains(text, "is not a valid http"):
		return "unusable URL"
	case strings.Contains(text, "services section"):
		return "missing services section"
	case strings.Contains(text, " requires "), strings.Contains(text, "are incomplete"):
		switch kind := want.Source["kind"]; {
		case kind == "ec2", kind == "container":
			return "incomplete profile ignored in favour of " + kind.(string)
		}
	}
	return ""
}

// profileBeforeVariables reports whether AWS_PROFILE and the environment's web
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

// asReference converts a chain to the form of a reference.
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
