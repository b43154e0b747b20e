package codecommit

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
)

// hostForms describe ParseEndpoint's hosts with a different grammar, partition by
// partition.
var hostForms = func() []*regexp.Regexp {
	var forms []*regexp.Regexp
	for suffix, regions := range map[string]string{
		"amazonaws.com":    `[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}`,
		"amazonaws.com.cn": `cn(?:-[a-z]+)+-\d{1,2}`,
		"amazonaws.eu":     `eusc(?:-[a-z]+)+-\d{1,2}`,
		"c2s.ic.gov":       `us-iso(?:-[a-z]+)+-\d{1,2}`,
		"sc2s.sgov.gov":    `us-isob(?:-[a-z]+)+-\d{1,2}`,
		"cloud.adc-e.uk":   `eu-isoe(?:-[a-z]+)+-\d{1,2}`,
		"csp.hci.ic.gov":   `us-isof(?:-[a-z]+)+-\d{1,2}`,
	} {
		forms = append(forms, regexp.MustCompile(
			`\A(?i:(?:git-codecommit(?:-fips)?\.`+regions+`\.|vpce-[a-z0-9-]*[a-z0-9]\.git-codecommit(?:-fips)?\.`+regions+`\.vpce\.|code(?:star-)?connections\.`+regions+`\.)`+regexp.QuoteMeta(suffix)+`)(?::443)?\z`))
	}
	return forms
}()

// Every accepted host has one of AWS's forms, with the suffix of its partition.
func FuzzParseEndpointAgainstAnotherGrammar(f *testing.F) {
	for _, host := range []string{
		"git-codecommit.us-east-2.amazonaws.com", "vpce-a.git-codecommit-fips.cn-north-1.vpce.amazonaws.com.cn:443", "git-codecommit.us-iso-east-1.c2s.ic.gov",
		"git-codecommit.us-east-1.amazonaws.com.evil.example", "GIT-CODECOMMIT.us-gov-west-1.amazonaws.com", "git-codecommit.cn-north-1.amazonaws.com",
		"codeconnections.us-east-1.amazonaws.com", "codestar-connections.us-isof-south-1.csp.hci.ic.gov", "codestarconnections.us-east-1.amazonaws.com",
	} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		ep, ok := ParseEndpoint(host)
		if !ok {
			return
		}
		matches := false
		for _, form := range hostForms {
			matches = matches || form.MatchString(host)
		}
		if !matches {
			t.Errorf("%q was taken", host)
		}
		// A URL parser sees the same host.
		u, err := url.Parse("https://" + host + "/v1/repos/R")
		if err != nil || u.Hostname() != ep.Host || u.User != nil || u.Port() != "" && u.Port() != "443" {
			t.Errorf("%q: as a URL it is %v, %v", host, u, err)
		}
		if strings.ContainsFunc(ep.Host+ep.Region, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Errorf("%q: signs for %+v", host, ep)
		}
	})
}

// All readers understand an accepted path in the same way: it contains no "..", no
// escapes, and nothing that ends a path.
func FuzzParsePath(f *testing.F) {
	for _, p := range []string{
		"v1/repos/R", "v1/repos/R.git/info/lfs/locks/verify", "v1/repos/../R", "v1/repos/R/info/lfs/..", "v1/repos/R%2f", "v1/repos/R?x", "v1/repos/...",
	} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		name, ok := ParsePath(p)
		if !ok {
			return
		}
		if path.Clean("/"+p) != "/"+p {
			t.Errorf("%q is another path when it is cleaned", p)
		}
		u, err := url.Parse("https://" + ourTestHost + "/" + p)
		if err != nil || u.Path != "/"+p || u.RawPath != "" || u.RawQuery != "" || u.Fragment != "" || u.EscapedPath() != "/"+p {
			t.Errorf("%q: as a URL it is %v, %v", p, u, err)
		}
		if !strings.HasPrefix(p, "v1/repos/"+name) || !isName(name) {
			t.Errorf("%q: the repository %q", p, name)
		}
		if len(p) > len("v1/repos/")+maxRepositoryLen+1+maxLFSPathLen {
			t.Errorf("a path of %d bytes", len(p))
		}
	})
}

const ourTestHost = "git-codecommit.us-east-2.amazonaws.com"
