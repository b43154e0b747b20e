package codecommit

import (
	"slices"
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ host, name, region string }{
		{"git-codecommit.us-east-2.amazonaws.com", "", "us-east-2"},
		{"git-codecommit.us-east-2.amazonaws.com:443", "git-codecommit.us-east-2.amazonaws.com", "us-east-2"},
		{"git-codecommit-fips.us-east-2.amazonaws.com", "", "us-east-2"},
		{"GIT-CodeCommit.US-East-2.AmazonAWS.com", "", "us-east-2"},
		{"git-codecommit.ap-southeast-3.amazonaws.com", "", "ap-southeast-3"},
		{"git-codecommit.us-gov-west-1.amazonaws.com", "", "us-gov-west-1"},
		{"git-codecommit.cn-north-1.amazonaws.com.cn", "", "cn-north-1"},
		{"git-codecommit.eusc-de-east-1.amazonaws.eu", "", "eusc-de-east-1"},
		{"git-codecommit.us-iso-east-1.c2s.ic.gov", "", "us-iso-east-1"},
		{"git-codecommit.us-isob-east-1.sc2s.sgov.gov", "", "us-isob-east-1"},
		{"git-codecommit.eu-isoe-west-1.cloud.adc-e.uk", "", "eu-isoe-west-1"},
		{"git-codecommit.us-isof-south-1.csp.hci.ic.gov", "", "us-isof-south-1"},
		{"vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-1.vpce.amazonaws.com", "", "us-east-1"},
		{"vpce-0b47ea360adebf88a-jkl88hez-us-east-1a.git-codecommit.us-east-1.vpce.amazonaws.com:443", "vpce-0b47ea360adebf88a-jkl88hez-us-east-1a.git-codecommit.us-east-1.vpce.amazonaws.com", "us-east-1"},
		{"vpce-1a-2b.git-codecommit-fips.cn-north-1.vpce.amazonaws.com.cn", "", "cn-north-1"},
		// Future regions work without a new version.
		{"git-codecommit.af-east-7.amazonaws.com", "", "af-east-7"},
	} {
		if tt.name == "" {
			tt.name = tt.host
		}
		ep, ok := ParseEndpoint(tt.host)
		if want := (Endpoint{Host: tt.name, Region: tt.region}); !ok || ep != want {
			t.Errorf("ParseEndpoint(%q) = %+v, %v, want %+v", tt.host, ep, ok, want)
		}
	}
}

func TestParseEndpointRefuses(t *testing.T) {
	t.Parallel()
	const good = "git-codecommit.us-east-2.amazonaws.com"
	for name, host := range map[string]string{
		"nothing":                            "",
		"a foreign host":                     "github.com",
		"a name that ends alike":             "evil-amazonaws.com",
		"our name below another domain":      good + ".evil.example",
		"our name after another label":       "evil." + good,
		"our name after other letters":       "evil" + good,
		"a bucket":                           "git-codecommit.s3.us-east-2.amazonaws.com",
		"an EC2 instance":                    "ec2-192-0-2-1.us-east-2.compute.amazonaws.com",
		"another service":                    "codecommit.us-east-2.amazonaws.com",
		"the suffix alone":                   "amazonaws.com",
		"a missing region":                   "git-codecommit.amazonaws.com",
		"an empty region":                    "git-codecommit..amazonaws.com",
		"a region without a number":          "git-codecommit.us-east.amazonaws.com",
		"a region of one word":               "git-codecommit.useast2.amazonaws.com",
		"a region that is a domain":          "git-codecommit.us-east-1.evil.example.amazonaws.com",
		"a region with an underscore":        "git-codecommit.us_east-2.amazonaws.com",
		"a region with an empty word":        "git-codecommit.us--2.amazonaws.com",
		"a partition's words for a region":   "git-codecommit.us-iso-11.c2s.ic.gov",
		"a region that is too long":          "git-codecommit.us-" + strings.Repeat("e", 40) + "-2.amazonaws.com",
		"a region with a long number":        "git-codecommit.us-east-222.amazonaws.com",
		"a Chinese region, worldwide suffix": "git-codecommit.cn-north-1.amazonaws.com",
		"a worldwide region, Chinese suffix": "git-codecommit.us-east-2.amazonaws.com.cn",
		"a European region, wrong suffix":    "git-codecommit.eusc-de-east-1.amazonaws.com",
		"an iso region, wrong suffix":        "git-codecommit.us-iso-east-1.sc2s.sgov.gov",
		"another port":                       good + ":8443",
		"port 80":                            good + ":80",
		"an empty port":                      good + ":",
		"a port with a leading zero":         good + ":0443",
		"a port twice":                       good + ":443:443",
		"a user":                             "user@" + good,
		"a user with our name":               good + "@evil.example",
		"a percent escape":                   "git%2dcodecommit.us-east-2.amazonaws.com",
		"a trailing dot":                     good + ".",
		"a double dot":                       "git-codecommit..us-east-2.amazonaws.com",
		"a leading dot":                      "." + good,
		"a path":                             good + "/v1",
		"a backslash":                        good + "\\.evil.example",
		"a question mark":                    good + "?.evil.example",
		"brackets":                           "[" + good + "]",
		"a space before":                     " " + good,
		"a space after":                      good + " ",
		"a NUL":                              good + "\x00.evil.example",
		"a line feed":                        good + "\nevil.example",
		"letters that are not ASCII":         "git-codecommıt.us-east-2.amazonaws.com",
		"the Kelvin sign":                    "git-codecommit.us-east-2.amazonaws.com\u212a",
		"a soft hyphen":                      "git\u00adcodecommit.us-east-2.amazonaws.com",
		"fips spelled otherwise":             "git-codecommit-FIPS2.us-east-2.amazonaws.com",
		"vpce without an endpoint":           "git-codecommit.us-east-1.vpce.amazonaws.com",
		"an endpoint without vpce":           "vpce-0b47-jkl.git-codecommit.us-east-1.amazonaws.com",
		"an endpoint without an id":          "vpce-.git-codecommit.us-east-1.vpce.amazonaws.com",
		"an endpoint of two labels":          "vpce-0b47.jkl.git-codecommit.us-east-1.vpce.amazonaws.com",
		"an endpoint that ends in a hyphen":  "vpce-0b47-.git-codecommit.us-east-1.vpce.amazonaws.com",
		"an endpoint with a long label":      "vpce-" + strings.Repeat("a", 60) + ".git-codecommit.us-east-1.vpce.amazonaws.com",
		"an endpoint of another service":     "vpce-0b47-jkl.codecommit.us-east-1.vpce.amazonaws.com",
		"an address":                         "127.0.0.1",
		"a very long name":                   strings.Repeat("a.", 1000) + good,
	} {
		if ep, ok := ParseEndpoint(host); ok {
			t.Errorf("%s: ParseEndpoint(%q) = %+v", name, host, ep)
		}
	}
}

func TestAllowedEndpointAcceptsOnlyTheExactName(t *testing.T) {
	t.Parallel()
	const name = "git.corp.example"
	for host, want := range map[string]bool{
		"git.corp.example":      true,
		"GIT.corp.example":      true,
		"git.corp.example:443":  true,
		"git.corp.example:8443": false,
		"a.git.corp.example":    false,
		"git.corp.example.org":  false,
		"git.corp.example.":     false,
		"":                      false,
	} {
		if _, ok := AllowedEndpoint(host, name, "us-east-2"); ok != want {
			t.Errorf("AllowedEndpoint(%q) = %v", host, ok)
		}
	}
	for _, bad := range []string{"", ".", "corp", "corp:443", "*.corp.example", "a b.example", "x@corp.example", "-a.example"} {
		if _, ok := AllowedEndpoint(bad, bad, "us-east-2"); ok {
			t.Errorf("the name %q was taken", bad)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	f.Add("git-codecommit.us-east-2.amazonaws.com")
	f.Add("vpce-0b47ea360adebf88a-jkl88hez.git-codecommit-fips.cn-north-1.vpce.amazonaws.com.cn:443")
	f.Add("git-codecommit.us-east-1.amazonaws.com.evil.example")
	f.Add("codeconnections.us-east-1.amazonaws.com")
	f.Add("codestar-connections.eusc-de-east-1.amazonaws.eu:443")
	suffixes := []string{
		".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".c2s.ic.gov", ".sc2s.sgov.gov", ".cloud.adc-e.uk", ".csp.hci.ic.gov",
	}
	f.Fuzz(func(t *testing.T, host string) {
		ep, ok := ParseEndpoint(host)
		if !ok {
			return
		}
		if !ValidHostName(ep.Host) || strings.TrimSuffix(host, ":443") != ep.Host {
			t.Errorf("%q: signs the host %q", host, ep.Host)
		}
		if !ValidRegion(ep.Region) || !strings.Contains(strings.ToLower(ep.Host), "."+ep.Region+".") {
			t.Errorf("%q: region %q", host, ep.Region)
		}
		lower := strings.ToLower(ep.Host)
		if ep.Connections != (strings.HasPrefix(lower, "codeconnections.") || strings.HasPrefix(lower, "codestar-connections.")) ||
			!ep.Connections && !strings.HasPrefix(lower, "git-codecommit") && !strings.HasPrefix(lower, "vpce-") {
			t.Errorf("%q: %+v", host, ep)
		}
		for _, suffix := range suffixes {
			if strings.HasSuffix(lower, suffix) {
				return
			}
		}
		t.Errorf("%q does not end in an AWS suffix", host)
	})
}

// A pattern covers every form of host, label by label.
func TestHostPatterns(t *testing.T) {
	t.Parallel()
	covers := func(pattern, host string) bool {
		p, h := strings.Split(pattern, "."), strings.Split(host, ".")
		for i := range p {
			if len(p) != len(h) || p[i] != "*" && p[i] != h[i] {
				return false
			}
		}
		return true
	}
	for _, region := range []string{"us-east-2", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"} {
		suffix := PartitionOf(region).Suffix
		for _, host := range []string{
			"git-codecommit." + region + "." + suffix,
			"git-codecommit-fips." + region + "." + suffix,
			"vpce-0b47ea360adebf88a-jkl88hez.git-codecommit." + region + ".vpce." + suffix,
			"vpce-0b47ea360adebf88a-jkl88hez.git-codecommit-fips." + region + ".vpce." + suffix,
			"codeconnections." + region + "." + suffix,
			"codestar-connections." + region + "." + suffix,
		} {
			if _, ok := ParseEndpoint(host); !ok {
				t.Errorf("%s is not an endpoint", host)
			}
			for name, patterns := range map[string][]string{"every partition": HostPatterns(), "the region's partition": PartitionOf(region).HostPatterns()} {
				if !slices.ContainsFunc(patterns, func(p string) bool { return covers(p, host) }) {
					t.Errorf("%s: no pattern covers %s", name, host)
				}
			}
		}
	}
}

func TestPartitionHostPatterns(t *testing.T) {
	t.Parallel()
	want := []string{
		"git-codecommit.*.amazonaws.eu", "*.git-codecommit.*.vpce.amazonaws.eu",
		"git-codecommit-fips.*.amazonaws.eu", "*.git-codecommit-fips.*.vpce.amazonaws.eu",
		"codeconnections.*.amazonaws.eu", "codestar-connections.*.amazonaws.eu",
	}
	if got := PartitionOf("eusc-de-east-1").HostPatterns(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	want := []string{
		"git-codecommit.cn-north-1.amazonaws.com.cn", "git-codecommit-fips.cn-north-1.amazonaws.com.cn",
		"codeconnections.cn-north-1.amazonaws.com.cn", "codestar-connections.cn-north-1.amazonaws.com.cn",
	}
	if got := Hosts("cn-north-1"); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for region, want := range map[string][2]string{
		"us-east-2":      {"git-codecommit.us-east-2.amazonaws.com", "git-codecommit-fips.us-east-2.amazonaws.com"},
		"cn-north-1":     {"git-codecommit.cn-north-1.amazonaws.com.cn", "git-codecommit-fips.cn-north-1.amazonaws.com.cn"},
		"eusc-de-east-1": {"git-codecommit.eusc-de-east-1.amazonaws.eu", "git-codecommit-fips.eusc-de-east-1.amazonaws.eu"},
		"us-isob-east-1": {"git-codecommit.us-isob-east-1.sc2s.sgov.gov", "git-codecommit-fips.us-isob-east-1.sc2s.sgov.gov"},
	} {
		for i, fips := range []bool{false, true} {
			got := Host(region, fips)
			if ep, ok := ParseEndpoint(got); got != want[i] || !ok || ep.Region != region {
				t.Errorf("%s: %s, %v", region, got, ok)
			}
		}
	}
}
