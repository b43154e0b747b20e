package awsfake

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestCodeConnectionsAnswers(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	contributor, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	auditor, err := s.NewSession(AuditorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	const (
		host   = "codeconnections.us-east-2.amazonaws.com"
		former = "codestar-connections.us-east-2.amazonaws.com"
		base   = "/git-http/111122223333/us-east-2/" + ConnectionID
		path   = base + "/" + ConnectedRepo + ".git"
		pull   = "/info/refs?service=git-upload-pack"
		push   = "/info/refs?service=git-receive-pack"
	)
	now := time.Now()
	signed := func(k Credentials, host, path string) http.Header {
		return basic(username(k), password(k, now, host, Region, path))
	}
	for name, c := range map[string]struct {
		url    string
		header http.Header
		want   int
	}{
		"no credential":                   {host + path + pull, nil, 401},
		"contributor pulls":               {host + path + pull, signed(contributor, host, path), 200},
		"contributor pushes":              {host + path + push, signed(contributor, host, path), 200},
		"reader pulls":                    {host + path + pull, signed(auditor, host, path), 200},
		"reader pushes":                   {host + path + push, signed(auditor, host, path), 403},
		"under the former name":           {former + path + pull, signed(contributor, former, path), 200},
		"signed for the other name":       {former + path + pull, signed(contributor, host, path), 403},
		"without .git":                    {host + base + "/" + ConnectedRepo + pull, signed(contributor, host, base+"/"+ConnectedRepo), 200},
		"signed with .git, asked without": {host + base + "/" + ConnectedRepo + pull, signed(contributor, host, path), 403},
		"signed for another path":         {host + path + pull, signed(contributor, host, base+"/example/other.git"), 403},
		"signed encoded":                  {host + path + pull, signed(contributor, host, strings.ReplaceAll(path, " ", "%20")), 403},
		"another repository":              {host + base + "/example/other.git" + pull, signed(contributor, host, base+"/example/other.git"), 404},
		"another connection":              {host + strings.Replace(path, ConnectionID, "x", 1) + pull, signed(contributor, host, strings.Replace(path, ConnectionID, "x", 1)), 403},
		"another account's connection":    {host + strings.Replace(path, "111122223333", "888888888888", 1) + pull, signed(contributor, host, strings.Replace(path, "111122223333", "888888888888", 1)), 403},
		"another region in the path":      {host + strings.Replace(path, "us-east-2", "us-west-2", 1) + pull, signed(contributor, host, strings.Replace(path, "us-east-2", "us-west-2", 1)), 404},
		"CodeCommit's form of path":       {host + "/v1/repos/SharedDemoRepo" + pull, signed(contributor, host, "/v1/repos/SharedDemoRepo"), 404},
		"at CodeCommit":                   {"git-codecommit.us-east-2.amazonaws.com" + path + pull, signed(contributor, "git-codecommit.us-east-2.amazonaws.com", path), 404},
	} {
		if status, body := fetch(t, client(t, s.Cloud), http.MethodGet, "https://"+strings.ReplaceAll(c.url, " ", "%20"), c.header, ""); status != c.want {
			t.Errorf("%s: status %d, want %d: %s", name, status, c.want, body)
		}
	}
}

func TestConnectionsAreUsedUnderEitherName(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	for name, test := range map[string]struct {
		action, resource string
		want             bool
	}{
		"codeconnections":      {"codeconnections:UseConnection", s.Connected.ARN, true},
		"codestar-connections": {"codestar-connections:UseConnection", strings.Replace(s.Connected.ARN, "codeconnections", "codestar-connections", 1), true},
		"one of each":          {"codestar-connections:UseConnection", s.Connected.ARN, false},
		"another action":       {"codeconnections:GetConnection", s.Connected.ARN, false},
		"another connection":   {"codeconnections:UseConnection", s.Connected.ARN + "0", false},
	} {
		id, err := newIdentity(ContributorRole, "role/", "AROA", []string{allowing(test.action, `"`+test.resource+`"`)})
		if err != nil {
			t.Fatal(err)
		}
		key := &credential{of: &id, isRole: true}
		if got := mayUseConnection(key, s.Connected, "GitPush", key.context(time.Now())); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A new request is valid, even if it is signed in the same second after the others
// aged.
func TestAgeSignatures(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	k, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	get := func(header http.Header) int {
		status, _ := fetch(t, client(t, s.Cloud), http.MethodGet, s.Shared.URL+"/info/refs?service=git-upload-pack", header, "")
		return status
	}
	sign := func() http.Header {
		return basic(username(k), password(k, time.Now(), "git-codecommit.us-east-2.amazonaws.com", Region, "/v1/repos/SharedDemoRepo"))
	}
	before := sign()
	if status := get(before); status != 200 {
		t.Fatal(status)
	}
	s.AgeSignatures()
	if status := get(before); status != 403 {
		t.Errorf("signed before: %d", status)
	}
	if status := get(sign()); status != 200 {
		t.Errorf("signed after: %d", status)
	}
	s.Fail(CodeCommit, Fault{Age: true, Serve: true, Skip: 1})
	before = sign()
	if first, second := get(before), get(before); first != 200 || second != 403 {
		t.Errorf("with a fault at the second request: %d, %d", first, second)
	}
}
