package codecommit

import (
	"strings"
	"testing"
	"unicode"
)

const testConnection = "a1b2c3d4-5678-90ab-cdef-111122223333"

func TestParseEndpointAcceptsCodeConnections(t *testing.T) {
	t.Parallel()
	for host, region := range map[string]string{
		"codeconnections.us-east-1.amazonaws.com":                 "us-east-1",
		"codeconnections.us-east-1.amazonaws.com:443":             "us-east-1",
		"codestar-connections.eu-west-1.amazonaws.com":            "eu-west-1",
		"CodeConnections.US-East-1.amazonaws.com":                 "us-east-1",
		"codeconnections.us-gov-west-1.amazonaws.com":             "us-gov-west-1",
		"codeconnections.cn-north-1.amazonaws.com.cn":             "cn-north-1",
		"codestar-connections.cn-northwest-1.amazonaws.com.cn":    "cn-northwest-1",
		"codeconnections.eusc-de-east-1.amazonaws.eu":             "eusc-de-east-1",
		"codeconnections.us-iso-east-1.c2s.ic.gov":                "us-iso-east-1",
		"codeconnections.us-isob-east-1.sc2s.sgov.gov":            "us-isob-east-1",
		"codeconnections.eu-isoe-west-1.cloud.adc-e.uk":           "eu-isoe-west-1",
		"codestar-connections.us-isof-south-1.csp.hci.ic.gov":     "us-isof-south-1",
		"codestar-connections.us-isof-south-1.csp.hci.ic.gov:443": "us-isof-south-1",
	} {
		want := Endpoint{Host: strings.TrimSuffix(host, ":443"), Region: region, Connections: true}
		if ep, ok := ParseEndpoint(host); !ok || ep != want {
			t.Errorf("ParseEndpoint(%q) = %+v, %v, want %+v", host, ep, ok, want)
		}
	}
}

func TestParseEndpointRefusesNeighboursOfCodeConnections(t *testing.T) {
	t.Parallel()
	const good = "codeconnections.us-east-1.amazonaws.com"
	for name, host := range map[string]string{
		"our name below another domain":    good + ".evil.example",
		"our name after another label":     "evil." + good,
		"our name after other letters":     "evil" + good,
		"a plural less":                    "codeconnection.us-east-1.amazonaws.com",
		"the two names mixed":              "codestarconnections.us-east-1.amazonaws.com",
		"a hyphen more":                    "code-connections.us-east-1.amazonaws.com",
		"a FIPS name":                      "codeconnections-fips.us-east-1.amazonaws.com",
		"a VPC endpoint":                   "vpce-0b47-jkl.codeconnections.us-east-1.vpce.amazonaws.com",
		"a VPC endpoint without vpce":      "vpce-0b47-jkl.codeconnections.us-east-1.amazonaws.com",
		"the dual-stack suffix":            "codeconnections.us-east-1.api.aws",
		"no region":                        "codeconnections.amazonaws.com",
		"a region that is a domain":        "codeconnections.us-east-1.evil.example.amazonaws.com",
		"a region of another partition":    "codeconnections.cn-north-1.amazonaws.com",
		"a Chinese suffix, another region": "codeconnections.us-east-1.amazonaws.com.cn",
		"another port":                     good + ":8443",
		"a trailing dot":                   good + ".",
		"a user":                           "user@" + good,
		"a line feed":                      good + "\n",
	} {
		if ep, ok := ParseEndpoint(host); ok {
			t.Errorf("%s: ParseEndpoint(%q) = %+v", name, host, ep)
		}
	}
}

func TestEndpointParsePathTakesCodeConnectionsPaths(t *testing.T) {
	t.Parallel()
	ep, _ := ParseEndpoint("codeconnections.us-east-1.amazonaws.com")
	const base = "git-http/111122223333/us-east-1/" + testConnection + "/"
	for tail, name := range map[string]string{
		"acme/app.git":                         "acme/app",
		"acme/app":                             "acme/app",
		"acme/app.git/":                        "acme/app", // cargo
		"acme/app/":                            "acme/app",
		"group/sub/deep/app.git":               "group/sub/deep/app",
		"A.b_c-d~e/F.g_h-i~j.git":              "A.b_c-d~e/F.g_h-i~j",
		"org/My Project/_git/My Repo":          "org/My Project/_git/My Repo",
		"~user/app.git":                        "~user/app",
		"acme/app.git/info/lfs":                "acme/app",
		"acme/app/info/lfs/objects/batch":      "acme/app",
		"acme/app.git/info/lfs/locks/1/unlock": "acme/app",
		"acme/info/lfs":                        "acme/info/lfs", // a repository of that name
		"acme/app/info/lfsx":                   "acme/app/info/lfsx",
		"acme/...":                             "acme/...",
		"größe/app%20x.git":                    "größe/app%20x",
	} {
		path := base + tail
		want := Repository{Name: name, Path: strings.TrimSuffix(path, "/"), Account: "111122223333", Connection: testConnection}
		if got, err := ep.ParsePath(path); err != nil || got != want {
			t.Errorf("ParsePath(%q) = %+v, %v, want %+v", path, got, err, want)
		}
	}
}

func TestEndpointParsePathRefuses(t *testing.T) {
	t.Parallel()
	const (
		base = "git-http/111122223333/us-east-1/" + testConnection + "/"
		form = "is not the path of a CodeConnections repository"
	)
	ep, _ := ParseEndpoint("codeconnections.us-east-1.amazonaws.com")
	for name, path := range map[string]string{
		"nothing":                          "",
		"CodeCommit's form":                "v1/repos/MyDemoRepo",
		"the prefix alone":                 "git-http/",
		"a folder above":                   "x/" + base + "acme/app.git",
		"a leading slash":                  "/" + base + "acme/app.git",
		"a prefix in another case":         "Git-HTTP" + strings.TrimPrefix(base, "git-http") + "acme/app.git",
		"no repository":                    base + "acme",
		"no owner and repository":          strings.TrimSuffix(base, "/"),
		"an empty owner":                   base + "/app.git",
		"two trailing slashes":             base + "acme/app.git//",
		"an empty segment":                 base + "acme//app.git",
		"a dot":                            base + "acme/./app.git",
		"two dots":                         base + "acme/../app.git",
		"two dots at the end":              base + "acme/..",
		"a question mark":                  base + "acme/app.git?service=x",
		"a number sign":                    base + "acme/app.git#x",
		"a line feed":                      base + "acme/app\n.git",
		"a carriage return":                base + "acme/app\r.git",
		"a tab":                            base + "acme/a\tpp.git",
		"a NUL":                            base + "acme/app.git\x00",
		"a delete character":               base + "acme/app\x7f.git",
		"a C1 control character":           base + "acme/app\u0085.git",
		"bytes that are not UTF-8":         base + "acme/app\xff.git",
		"an account of eleven digits":      "git-http/11112222333/us-east-1/" + testConnection + "/acme/app.git",
		"an account of thirteen digits":    "git-http/1111222233334/us-east-1/" + testConnection + "/acme/app.git",
		"an account with a letter":         "git-http/11112222333x/us-east-1/" + testConnection + "/acme/app.git",
		"an account of other digits":       "git-http/١١١١٢٢٢٢٣٣٣٣/us-east-1/" + testConnection + "/acme/app.git",
		"no region":                        "git-http/111122223333//" + testConnection + "/acme/app.git",
		"a region that is none":            "git-http/111122223333/useast1/" + testConnection + "/acme/app.git",
		"a region in capitals":             "git-http/111122223333/US-EAST-1/" + testConnection + "/acme/app.git",
		"no connection":                    "git-http/111122223333/us-east-1//acme/app.git",
		"a connection of dots":             "git-http/111122223333/us-east-1/../acme/app.git",
		"a connection that is an ARN":      "git-http/111122223333/us-east-1/connection:1/acme/app.git",
		"a connection with a long ID":      "git-http/111122223333/us-east-1/" + strings.Repeat("a", 65) + "/acme/app.git",
		"a connection with a hyphen first": "git-http/111122223333/us-east-1/-a/acme/app.git",
		"a path without end":               base + strings.Repeat("a/", 9000) + "app.git",
	} {
		if got, err := ep.ParsePath(path); err == nil || !strings.Contains(err.Error(), form) || got != (Repository{}) {
			t.Errorf("%s: ParsePath(%q) = %+v, %v", name, path, got, err)
		} else if strings.ContainsFunc(err.Error(), unicode.IsControl) || len(err.Error()) > 1000 {
			t.Errorf("%s: the error is %q", name, err)
		}
	}
	const otherRegion = "git-http/111122223333/us-west-2/" + testConnection + "/acme/app.git"
	if _, err := ep.ParsePath(otherRegion); err == nil || err.Error() != "the URL's host is in region us-east-1, but its path names region us-west-2" {
		t.Errorf("two regions: %v", err)
	}
}

func TestEndpointParsePathAcceptsCodeCommitPaths(t *testing.T) {
	t.Parallel()
	ep, _ := ParseEndpoint("git-codecommit.us-east-2.amazonaws.com")
	for path, want := range map[string]Repository{
		"v1/repos/MyDemoRepo":          {Name: "MyDemoRepo", Path: "v1/repos/MyDemoRepo"},
		"v1/repos/MyDemoRepo/":         {Name: "MyDemoRepo", Path: "v1/repos/MyDemoRepo"}, // cargo
		"v1/repos/MyDemoRepo.git":      {Name: "MyDemoRepo.git", Path: "v1/repos/MyDemoRepo.git"},
		"v1/repos/MyDemoRepo/info/lfs": {Name: "MyDemoRepo", Path: "v1/repos/MyDemoRepo/info/lfs"},
	} {
		if got, err := ep.ParsePath(path); err != nil || got != want {
			t.Errorf("ParsePath(%q) = %+v, %v, want %+v", path, got, err, want)
		}
	}
	for _, path := range []string{"", "/", "v1/repos/MyDemoRepo//", "v1/repos/MyDemoRepo/info/lfs/", "v1/repos/a b", "git-http/111122223333/us-east-2/" + testConnection + "/acme/app.git"} {
		if got, err := ep.ParsePath(path); err == nil || !strings.HasSuffix(err.Error(), "is not the path of a CodeCommit repository") {
			t.Errorf("ParsePath(%q) = %+v, %v", path, got, err)
		}
	}
}

func TestURLForm(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"git-codecommit.us-east-2.amazonaws.com":      "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/NAME",
		"codeconnections.cn-north-1.amazonaws.com.cn": "https://codeconnections.cn-north-1.amazonaws.com.cn/git-http/ACCOUNT/cn-north-1/CONNECTION-ID/OWNER/REPOSITORY.git",
	} {
		ep, ok := ParseEndpoint(host)
		if got := ep.URLForm(); !ok || got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
}

// An accepted path cannot be understood as another repository, account or region,
// and contains no line break.
func FuzzEndpointParsePath(f *testing.F) {
	const base = "git-http/111122223333/us-east-1/" + testConnection + "/"
	for _, path := range []string{
		base + "acme/app.git", base + "group/sub/app/", base + "org/My Project/_git/My Repo", base + "acme/app.git/info/lfs/objects/batch",
		base + "../app", base + "a/b?c", "v1/repos/R", "git-http/111122223333/us-west-2/" + testConnection + "/acme/app.git",
	} {
		f.Add(path)
	}
	ep, _ := ParseEndpoint("codeconnections.us-east-1.amazonaws.com")
	f.Fuzz(func(t *testing.T, path string) {
		r, err := ep.ParsePath(path)
		if err != nil {
			if r != (Repository{}) || strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("%q: %+v, %v", path, r, err)
			}
			return
		}
		if r.Path != path && r.Path+"/" != path {
			t.Errorf("%q: signs %q", path, r.Path)
		}
		start := "git-http/" + r.Account + "/" + ep.Region + "/" + r.Connection + "/" + r.Name
		if !strings.HasPrefix(r.Path, start) || !isAccount(r.Account) || !isConnectionID(r.Connection) {
			t.Errorf("%q: %+v", path, r)
		}
		if !strings.Contains(r.Name, "/") || strings.ContainsFunc(r.Path, unicode.IsControl) || strings.ContainsAny(r.Path, "?#") {
			t.Errorf("%q: %+v", path, r)
		}
		for segment := range strings.SplitSeq(r.Path, "/") {
			if segment == "" || segment == "." || segment == ".." {
				t.Errorf("%q: the segment %q", path, segment)
			}
		}
		if again, err := ep.ParsePath(r.Path); err != nil || again != r {
			t.Errorf("%q: read again: %+v, %v", path, again, err)
		}
	})
}
