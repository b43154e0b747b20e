package awsprofile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkconfig "github.com/aws/aws-sdk-go-v2/config"
)

// A meaning is what a profile means, as far as the Go SDK's config package and the
// AWS CLI agree.
type meaning struct {
	Source   string // its kind and its settings
	Roles    []Role // without profile and position
	Region   string
	FIPS     bool
	Dual     bool
	Attempts int
	Mode     string
	CABundle string
	AppID    string
	URL      string // of STS
}

// The Go SDK reads well-formed files with the same result: a second opinion that
// needs no Python. Where it differs from the AWS CLI, the AWS CLI is right, and the
// files here avoid it: comments after values, quotation marks, duplicate sections
// and settings, static keys beside SSO, profiles without a source, and
// login_session sources.
func TestSameChainAsTheSDK(t *testing.T) {
	t.Parallel()
	const cases = 400
	kinds := map[string]int{}
	for seed := range uint64(cases) {
		g := sdkCase{Rand: rand.New(rand.NewPCG(seed, 3))}
		g.write()
		dir := t.TempDir()
		configFile, credentialsFile := filepath.Join(dir, "config"), filepath.Join(dir, "credentials")
		for path, text := range map[string]string{configFile: g.config.String(), credentialsFile: g.credentials.String()} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		env := testEnvironment(map[string]string{"AWS_CONFIG_FILE": configFile, "AWS_SHARED_CREDENTIALS_FILE": credentialsFile})
		for _, name := range g.names {
			shared, err := sdkconfig.LoadSharedConfigProfile(context.Background(), name, func(o *sdkconfig.LoadSharedConfigOptions) {
				o.ConfigFiles, o.CredentialsFiles = []string{configFile}, []string{credentialsFile}
			})
			if err != nil {
				t.Fatalf("seed %d, %s: the SDK: %v\n%s\n%s", seed, name, err, &g.config, &g.credentials)
			}
			chain, err := Resolve(env, Query{Profile: name})
			if err != nil {
				t.Fatalf("seed %d, %s: %v\n%s\n%s", seed, name, err, &g.config, &g.credentials)
			}
			got, want := meaningOf(chain), meaningOfShared(shared)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %s:\n%+v\nthe SDK:\n%+v\n%s\n%s", seed, name, got, want, &g.config, &g.credentials)
			}
			kind, _, _ := strings.Cut(got.Source, " ")
			kinds[fmt.Sprint(kind, " and ", len(got.Roles), " roles")]++
		}
	}
	t.Log(kinds)
}

func meaningOf(c Chain) meaning {
	m := meaning{
		Region: c.Settings.Region, FIPS: c.Settings.UseFIPS, Dual: c.Settings.UseDualStack, Attempts: c.Settings.MaxAttempts,
		Mode: c.Settings.RetryMode, CABundle: c.Settings.CABundle, AppID: c.Settings.AppID, URL: c.Settings.Endpoints["sts"],
	}
	for _, r := range c.Roles {
		m.Roles = append(m.Roles, Role{ARN: r.ARN, ExternalID: r.ExternalID, MFASerial: r.MFASerial, SessionName: r.SessionName, Duration: r.Duration})
	}
	switch s := c.Source.(type) {
	case StaticKeys:
		m.Source = fmt.Sprint("keys ", s.AccessKeyID, s.SecretAccessKey, s.SessionToken)
	case Process:
		m.Source = fmt.Sprint("process ", strings.Join(s.Command, " "))
	case WebIdentity:
		m.Source = fmt.Sprint("web-identity ", s.RoleARN, s.TokenFile, s.SessionName)
	case SSO:
		m.Source = fmt.Sprint("sso ", s.Session, s.StartURL, s.Region, s.AccountID, s.RoleName)
	case EC2:
		m.Source = "ec2"
	default:
		m.Source = fmt.Sprintf("%T", s)
	}
	return m
}

func meaningOfShared(s sdkconfig.SharedConfig) meaning {
	m := meaning{
		Region: s.Region, FIPS: s.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled, Dual: s.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled,
		Attempts: s.RetryMaxAttempts, Mode: string(s.RetryMode), CABundle: s.CustomCABundle, AppID: s.AppID,
	}
	m.URL, _, _ = s.GetServiceBaseEndpoint(context.Background(), "STS")
	if m.URL == "" {
		m.URL = s.BaseEndpoint
	}
	at := &s
	for at.RoleARN != "" && at.WebIdentityTokenFile == "" && at.CredentialSource == "" && at.Source != nil {
		m.Roles = append([]Role{sharedRole(*at)}, m.Roles...)
		at = at.Source
	}
	switch {
	case at.CredentialSource != "":
		m.Roles = append([]Role{sharedRole(*at)}, m.Roles...)
		m.Source = "ec2"
	case at.Credentials.HasKeys():
		m.Source = fmt.Sprint("keys ", at.Credentials.AccessKeyID, at.Credentials.SecretAccessKey, at.Credentials.SessionToken)
	case at.CredentialProcess != "":
		m.Source = fmt.Sprint("process ", at.CredentialProcess)
	case at.WebIdentityTokenFile != "":
		m.Source = fmt.Sprint("web-identity ", at.RoleARN, at.WebIdentityTokenFile, at.RoleSessionName)
	case at.SSOSession != nil:
		m.Source = fmt.Sprint("sso ", at.SSOSessionName, at.SSOSession.SSOStartURL, at.SSOSession.SSORegion, at.SSOAccountID, at.SSORoleName)
	case at.SSOStartURL != "":
		m.Source = fmt.Sprint("sso ", "", at.SSOStartURL, at.SSORegion, at.SSOAccountID, at.SSORoleName)
	}
	return m
}

func sharedRole(s sdkconfig.SharedConfig) Role {
	r := Role{ARN: s.RoleARN, ExternalID: s.ExternalID, MFASerial: s.MFASerial, SessionName: s.RoleSessionName}
	if s.RoleDurationSeconds != nil {
		r.Duration = *s.RoleDurationSeconds
	}
	return r
}

// sdkCase writes a pair of files with a few profiles.
type sdkCase struct {
	*rand.Rand
	config, credentials strings.Builder
	names               []string
}

func (g *sdkCase) write() {
	for i := range 1 + g.IntN(5) {
		name := fmt.Sprintf("p%d", i)
		fmt.Fprintf(&g.config, "[profile %s]\n", name)
		g.source(i, name)
		g.settings()
		g.names = append(g.names, name)
		if g.IntN(3) == 0 {
			g.config.WriteString("# a comment\n\n")
		}
	}
	g.config.WriteString("[sso-session mine]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n")
	g.config.WriteString("[services mine]\nsts =\n  endpoint_url = https://sts.example\n")
}

// source writes the content of profile i: a source, or a role with one.
func (g *sdkCase) source(i int, name string) {
	out := &g.config
	kind := g.IntN(8)
	if kind >= 6 && i == 0 {
		kind = g.IntN(6) // there is no earlier profile to refer to
	}
	switch kind {
	case 0, 1:
		if kind == 1 {
			out = &g.credentials
			fmt.Fprintf(out, "[%s]\n", name)
		}
		fmt.Fprintf(out, "aws_access_key_id = AKID%d\naws_secret_access_key=secret/+%d\n", i, i)
		if g.IntN(2) == 0 {
			fmt.Fprintf(out, "aws_session_token: token==%d\n", i)
		}
	case 2:
		fmt.Fprintf(out, "credential_process = /opt/tool --account %d\n", i)
	case 3:
		fmt.Fprintf(out, "role_arn = arn:aws:iam::123456789012:role/W%d\nweb_identity_token_file = /var/token%d\nrole_session_name = s%d\n", i, i, i)
	case 4:
		out.WriteString("sso_session = mine\nsso_account_id = 123456789011\nsso_role_name = ReadOnly\n")
	case 5:
		out.WriteString("sso_start_url = https://y.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789011\nsso_role_name = ReadOnly\n")
	default:
		fmt.Fprintf(out, "role_arn = arn:aws:iam::123456789012:role/R%d\n", i)
		if kind == 6 {
			fmt.Fprintf(out, "source_profile = p%d\n", g.IntN(i))
		} else {
			out.WriteString("credential_source = Ec2InstanceMetadata\n")
		}
		g.maybe("external_id = Example%d", 42)
		g.maybe("mfa_serial = arn:aws:iam::123456789012:mfa/m%d", i)
		g.maybe("role_session_name = session%d", i)
		g.maybe("duration_seconds = %d", 900+g.IntN(int((MaxDuration-MinDuration)/time.Second)))
	}
}

func (g *sdkCase) settings() {
	g.maybe("region = us-west-%d", 1+g.IntN(2))
	g.maybe("use_fips_endpoint = %t", g.IntN(2) == 0)
	g.maybe("use_dualstack_endpoint = %t", g.IntN(2) == 0)
	g.maybe("max_attempts = %d", 1+g.IntN(9))
	g.maybe("retry_mode = %s", []string{"standard", "adaptive"}[g.IntN(2)])
	g.maybe("ca_bundle = /etc/ca%d.pem", g.IntN(9))
	g.maybe("sdk_ua_app_id = app%d", g.IntN(9))
	g.maybe("output = %s", "json")
	if g.IntN(3) == 0 {
		g.config.WriteString("services = mine\n")
	} else {
		g.maybe("endpoint_url = https://host%d.example", g.IntN(9))
	}
}

func (g *sdkCase) maybe(format string, value any) {
	if g.IntN(2) == 0 {
		fmt.Fprintf(&g.config, format+"\n", value)
	}
}
