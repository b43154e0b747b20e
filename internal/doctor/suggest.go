package doctor

import (
	"net/url"
	"strings"

	"git-credential-codecommit/internal/codecommit"
)

// SuggestURL returns the https URL of the CodeCommit repository that another form
// of address refers to: an ssh or console URL, a URL on CodeCommit's API host, or
// an https URL with a query or a fragment; "" if there is none.
//
// For the https and ssh forms, see
// https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-view-repository-details.html.
func SuggestURL(address string) string {
	if host, path, ok := strings.Cut(address, ":"); ok && !strings.Contains(host, "/") && !strings.HasPrefix(path, "//") {
		address = "ssh://" + host + "/" + strings.TrimPrefix(path, "/") // like git's USER@HOST:PATH
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if region, ok := consoleRegion(host, u.Query()); ok {
		const repositories = "/codesuite/codecommit/repositories/"
		_, rest, ok := strings.Cut(u.Path, repositories)
		name, _, _ := strings.Cut(rest, "/")
		if !ok {
			return ""
		}
		return repositoryURL(codecommit.Host(region, false), name)
	}
	if rest, ok := strings.CutPrefix(host, "codecommit."); ok {
		host = "git-codecommit." + rest
	} else if rest, ok := strings.CutPrefix(host, "codecommit-fips."); ok {
		host = "git-codecommit-fips." + rest
	}
	name, _ := strings.CutPrefix(strings.Trim(u.Path, "/"), "v1/repos/")
	return repositoryURL(host, name)
}

// repositoryURL returns the URL of a repository; "" if the host or the name is not
// CodeCommit's.
func repositoryURL(host, name string) string {
	name = strings.TrimSuffix(name, codecommit.DotGit)
	ep, ok := codecommit.ParseEndpoint(host)
	if !ok || ep.Connections || codecommit.CheckRepository(name) != nil {
		return ""
	}
	return "https://" + ep.Host + "/v1/repos/" + name
}

// consoleRegion returns the region of an AWS Management Console URL, whose host is
// [REGION.]console.DOMAIN:
// https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/select-region.html.
func consoleRegion(host string, query url.Values) (region string, ok bool) {
	region, domain, found := strings.Cut(host, "console.")
	if !found || region != "" && !strings.HasSuffix(region, ".") {
		return "", false
	}
	switch domain {
	case "aws.amazon.com", "amazonaws-us-gov.com", "amazonaws.cn":
	default:
		return "", false
	}
	region = strings.TrimSuffix(region, ".")
	if named := query.Get("region"); named != "" {
		region = named
	}
	return strings.ToLower(region), codecommit.ValidRegion(region)
}
