package doctor

import (
	"net/url"
	"strings"

	"git-credential-codecommit/internal/codecommit"
)

// SuggestURL returns the https URL of the CodeCommit repository that an address of
// another form means: one of ssh, of the console, of CodeCommit's API host, or an
// https URL with a query or a fragment. It is "" if there is none.
//
// https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-view-repository-details.html
// shows the forms of https and ssh.
func SuggestURL(address string) string {
	if host, path, ok := strings.Cut(address, ":"); ok && !strings.Contains(host, "/") && !strings.HasPrefix(path, "//") {
		address = "ssh://" + host + "/" + strings.TrimPrefix(path, "/") // as git reads USER@HOST:PATH
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

// repositoryURL returns the URL of a repository, "" if the host or the name is not
// one of CodeCommit's.
func repositoryURL(host, name string) string {
	name = strings.TrimSuffix(name, codecommit.DotGit)
	ep, ok := codecommit.ParseEndpoint(host)
	if !ok || ep.Connections || codecommit.CheckRepository(name) != nil {
		return ""
	}
	return "https://" + ep.Host + "/v1/repos/" + name
}

// consoleRegion returns the region of a page of the AWS Management Console:
// https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/select-region.html.
// Its host is [REGION.]console.DOMAIN.
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
