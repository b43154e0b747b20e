package remote

import (
	"context"
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

func TestNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want bool
	}{
		{[]string{"git-remote-codecommit"}, true},
		{[]string{"/usr/bin/git-remote-codecommit", "origin", "codecommit://Repo"}, true},
		{[]string{"git-remote-codecommit.exe", "get", "codecommit://Repo"}, true},
		{[]string{"GIT-REMOTE-CODECOMMIT.EXE", "--help"}, true},
		{[]string{"git-remote-codecommit", "--profile=p", "get"}, false},
		{[]string{"git-remote-codecommit", "store"}, false},
		{[]string{"git-remote-codecommit", "erase"}, false},
		{[]string{"git-credential-codecommit", "origin", "codecommit://Repo"}, false},
		{[]string{"/git-remote-codecommit/git-credential-codecommit"}, false},
	} {
		if got := Named(cli.Process{Args: test.args}); got != test.want {
			t.Errorf("%q: got %v", test.args, got)
		}
	}
}

const vpce = "vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-2.vpce.amazonaws.com"

func TestHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		config config
		region string
		want   string // "" for an error
	}{
		{config{}, "us-east-2", "git-codecommit.us-east-2.amazonaws.com"},
		{config{}, "us-gov-west-1", "git-codecommit.us-gov-west-1.amazonaws.com"},
		{config{}, "cn-north-1", "git-codecommit.cn-north-1.amazonaws.com.cn"},
		{config{}, "eusc-de-east-1", "git-codecommit.eusc-de-east-1.amazonaws.eu"},
		{config{}, "us-iso-east-1", "git-codecommit.us-iso-east-1.c2s.ic.gov"},
		{config{}, "us-isob-east-1", "git-codecommit.us-isob-east-1.sc2s.sgov.gov"},
		{config{}, "eu-isoe-west-1", "git-codecommit.eu-isoe-west-1.cloud.adc-e.uk"},
		{config{}, "us-isof-south-1", "git-codecommit.us-isof-south-1.csp.hci.ic.gov"},
		{config{fips: true}, "us-gov-west-1", "git-codecommit-fips.us-gov-west-1.amazonaws.com"},
		{config{endpoint: vpce}, "us-east-2", vpce},
		{config{endpoint: vpce + ":443"}, "us-east-2", vpce},
		{config{endpoint: vpce}, "us-east-1", ""},
		{config{endpoint: vpce, fips: true}, "us-east-2", ""},
		{config{endpoint: strings.Replace(vpce, "git-codecommit", "git-codecommit-fips", 1), fips: true}, "us-east-2", strings.Replace(vpce, "git-codecommit", "git-codecommit-fips", 1)},
	} {
		got, err := test.config.host(test.region)
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%+v in %s: got %q, %v", test.config, test.region, got, err)
		}
		if ep, ok := codecommit.ParseEndpoint(got); err == nil && (!ok || ep.Region != test.region) {
			t.Errorf("%+v in %s: %q is not CodeCommit's", test.config, test.region, got)
		}
	}
}

func TestEnvironmentSelectsTheHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		config   config
		endpoint string // CODE_COMMIT_ENDPOINT
		fips     bool
		want     string // in us-east-2; "" for an error
	}{
		{config{}, "", true, "git-codecommit-fips.us-east-2.amazonaws.com"},
		{config{}, vpce, false, vpce},
		{config{}, vpce, true, vpce}, // as with an AWS endpoint URL
		{config{endpoint: vpce}, "git-codecommit.us-east-2.amazonaws.com", true, vpce},
		{config{}, "git-codecommit.us-east-2.amazonaws.com.evil.example", false, ""},
		{config{}, "https://" + vpce, false, ""},
		{config{}, "codeconnections.us-east-2.amazonaws.com", false, ""},
		{config{}, "git-codecommit.us-east-1.amazonaws.com", false, ""}, // of another region
	} {
		got := ""
		c, err := test.config.withEnvironment(test.endpoint, test.fips)
		if err == nil {
			got, err = c.host("us-east-2")
		}
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%+v: got %q, %v", test, got, err)
		}
	}
}

func entriesOf(settings ...string) (entries []gitconfig.Entry) {
	for _, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		section, rest, _ := strings.Cut(key, ".")
		k := gitconfig.Key{Section: section, Name: rest}
		if dot := strings.LastIndexByte(rest, '.'); dot >= 0 {
			k.Subsection, k.Name = rest[:dot], rest[dot+1:]
		}
		entries = append(entries, gitconfig.Entry{Key: k, Value: value})
	}
	return entries
}

func TestParseConfig(t *testing.T) {
	t.Parallel()
	const url = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/Repo"
	for settings, want := range map[string]config{
		"":                     {},
		"codecommit.fips=true": {fips: true},
		"codecommit.fips=":     {},
		"codecommit.fips=Yes":  {fips: true},
		"codecommit.fips=off":  {},
		"codecommit.account=":  {},
		"codecommit.other=x":   {},
		"codecommit.https://git-codecommit.us-east-1.amazonaws.com.account=x":                                          {},
		"codecommit.account=x codecommit.https://git-codecommit.us-east-2.amazonaws.com.account=111122223333":          {account: "111122223333"},
		"codecommit.account=012345678901 codecommit.endpoint=git-codecommit.us-east-2.amazonaws.com codecommit.fips=1": {account: "012345678901", endpoint: "git-codecommit.us-east-2.amazonaws.com", fips: true},
	} {
		want.setBy = "codecommit.endpoint"
		if got, err := parseConfig(entriesOf(strings.Fields(settings)...), url); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", settings, got, err, want)
		}
	}
	for _, s := range []string{
		"codecommit.fips=maybe",
		"codecommit.account=1234",
		"codecommit.account=111122223333 --profile=x",
		"codecommit.endpoint=git-codecommit.us-east-2.amazonaws.com.evil.example",
		"codecommit.endpoint=https://git-codecommit.us-east-2.amazonaws.com",
		"codecommit.endpoint=git-codecommit.us-east-2.amazonaws.com:8443",
		"codecommit.endpoint=true",
	} {
		if got, err := parseConfig(entriesOf(s), url); err == nil {
			t.Errorf("%q: got %+v", s, got)
		}
	}
}

// A hostile .gitmodules must not select a profile and run its credential_process.
func TestSubmodulesCannotChooseAProfileUnlessAllowed(t *testing.T) {
	t.Parallel()
	allowed := entriesOf("codecommit.allowProfile=one", "codecommit.allowprofile=two", "codecommit.x.allowProfile=three", "credential.allowProfile=four")
	for _, test := range []struct {
		profile  string
		fromUser bool
		want     bool
	}{
		{"", false, true},
		{"any", true, true},
		{"one", false, true},
		{"two", false, true},
		{"any", false, false},
		{"One", false, false},
		{"one two", false, false},
		{"three", false, false},
		{"four", false, false},
	} {
		if err := checkProfileAllowed(allowed, test.profile, test.fromUser); (err == nil) != test.want {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// The caller determines how long git may take.
func TestResolveEndsWithItsContext(t *testing.T) {
	t.Parallel()
	git, err := gitconfig.Find()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if target, err := (Resolver{Git: git}).Resolve(ctx, URL{Repository: "Repo"}); err == nil {
		t.Errorf("%+v", target)
	}
}

func TestCredentialsOfAURL(t *testing.T) {
	t.Parallel()
	const host = "https://git-codecommit.us-east-2.amazonaws.com"
	entries := entriesOf(
		"credential.https://git-codecommit.*.amazonaws.com.helper=", "credential.https://git-codecommit.*.amazonaws.com.helper=/bin/git-credential-codecommit --profile everywhere",
		"credential."+host+"/v1/repos/Reset.helper=", "credential."+host+"/v1/repos/Reset.helper=!AWS_PROFILE=folder git-credential-codecommit",
		"credential."+host+"/v1/repos/Other.helper=", "credential."+host+"/v1/repos/Other.helper=store",
	)
	for name, c := range map[string]struct {
		url  URL
		env  map[string]string
		want []string // nil for the default chain
	}{
		"a profile in the URL":    {URL{Profile: "-x y", Repository: "Repo"}, map[string]string{"AWS_PROFILE": "env"}, []string{"--profile=-x y"}},
		"AWS_PROFILE":             {URL{Repository: "Repo"}, map[string]string{"AWS_PROFILE": "env"}, nil},
		"AWS_DEFAULT_PROFILE":     {URL{Repository: "Repo"}, map[string]string{"AWS_DEFAULT_PROFILE": "env"}, nil},
		"what setup wrote":        {URL{Region: "us-east-2", Repository: "Repo"}, nil, []string{"--profile", "everywhere"}},
		"without a region":        {URL{Repository: "Repo"}, nil, []string{"--profile", "everywhere"}},
		"what overrides setup":    {URL{Region: "us-east-2", Repository: "Reset"}, nil, []string{"--profile=folder"}},
		"AWS_DEFAULT_REGION":      {URL{Repository: "Reset"}, map[string]string{"AWS_DEFAULT_REGION": "US-EAST-2"}, []string{"--profile=folder"}},
		"another helper":          {URL{Region: "us-east-2", Repository: "Other"}, nil, nil},
		"a host without a helper": {URL{Region: "cn-north-1", Repository: "Repo"}, nil, nil},
	} {
		r := Resolver{
			Process: cli.Process{LookupEnv: func(name string) (string, bool) { v, ok := c.env[name]; return v, ok }},
			ParseFlags: func(args []string) (awsprofile.Query, error) {
				return awsprofile.Query{Profile: strings.Join(args, " ")}, nil
			},
		}
		args, query, err := r.credentials(entries, c.url)
		want := strings.Join(c.want, " ")
		if c.url.Profile != "" {
			want = c.url.Profile
		}
		if err != nil || !slices.Equal(args, c.want) || query.Profile != want {
			t.Errorf("%s: %q, %+v, %v", name, args, query, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("codecommit://profile@Repo")
	f.Add("US-EAST-2://profile@Repo/")
	f.Add("codecommit://https://git-codecommit.us-east-2.amazonaws.com/v1/repos/Repo")
	f.Add("us-east-1://--evil@repo")
	f.Fuzz(func(t *testing.T, url string) {
		u, err := Parse(url)
		if err != nil {
			if hints := cli.HintsOf(err); len(hints) == 0 || hints[len(hints)-1] != formsHint {
				t.Fatalf("%q: the error %v does not show the two forms", url, err)
			}
			return
		}
		region := u.Region
		if region == "" {
			region = "us-east-2"
		}
		plain := u.https(codecommit.Host(region, false))
		host, path, _ := strings.Cut(strings.TrimPrefix(plain, "https://"), "/")
		ep, ours := codecommit.ParseEndpoint(host)
		repository, ok := codecommit.ParsePath(path)
		if !ours || !ok || ep.Region != region || repository != u.Repository {
			t.Fatalf("%q: %s", url, plain)
		}
		// The URL in a hint parses to the same URL.
		if again, err := Parse(u.String()); err != nil || again != u {
			t.Fatalf("%q: %+v, and %q is %+v, %v", url, u, u, again, err)
		}
	})
}
