package awsfake

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var (
	connectionID      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)
	connectedName     = regexp.MustCompile(`^[^/]+(/[^/]+)+$`)
	connectedPath     = regexp.MustCompile(`^(/git-http/([0-9]{12})/([^/]+)/([^/]+)/([^/]+(?:/[^/]+)*?))(/info/refs|/git-upload-pack|/git-receive-pack|/info/lfs(?:/.*)?)$`)
	connectionActions = []string{"codeconnections", "codestar-connections"}
)

// CreateConnectedRepository creates an empty repository at another company's git
// service and connects it. Name is OWNER/REPO. CodeConnections' git proxy serves it
// to callers that may use the connection with that ID.
func (c *Cloud) CreateConnectedRepository(account, region, connection, name string) (Repository, error) {
	partition, suffix := partitionOf(region)
	if !isAccount(account) || !connectionID.MatchString(connection) || !connectedName.MatchString(name) || strings.HasSuffix(name, ".git") {
		return Repository{}, fmt.Errorf("awsfake: repository %q of connection %q in account %q", name, connection, account)
	}
	return c.addRepository(Repository{
		Account: account, Region: region, Name: name, Connection: connection,
		ARN: fmt.Sprintf("arn:%s:codeconnections:%s:%s:connection/%s", partition, region, account, connection),
		URL: fmt.Sprintf("https://codeconnections.%s.%s/git-http/%s/%s/%s/%s.git", region, suffix, account, region, connection, strings.ReplaceAll(name, " ", "%20")),
	})
}

// parseConnectedRequest parses a request to the git proxy. It serves a repository
// with and without .git at the end of its name, and like the AWS CLI signs the
// decoded path. How the real proxy treats special characters is not documented.
func parseConnectedRequest(r *http.Request, e endpoint) gitRequest {
	m := connectedPath.FindStringSubmatch(r.URL.Path)
	if m == nil || m[3] != e.region {
		return gitRequest{}
	}
	return gitRequest{
		repository: Repository{
			Account: m[2], Region: m[3], Connection: m[4], Name: strings.TrimSuffix(m[5], ".git"),
			ARN: fmt.Sprintf("arn:%s:codeconnections:%s:%s:connection/%s", e.partition, m[3], m[2], m[4]),
		},
		base: m[1], operation: m[6],
	}
}

// mayUseConnection reports whether the holder of a key may perform action (GitPull
// or GitPush) through the repository's connection. Policies may use either name of
// the service, if action and ARN use the same one.
// See https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeconnections.html
func mayUseConnection(key *credential, r Repository, action string, context map[string]string) bool {
	if key.of.arn.account != r.Account {
		return false
	}
	required := "read_only"
	if action == "GitPush" {
		required = "read_write"
	}
	for _, service := range connectionActions {
		context[service+":providerpermissionsrequired"] = required
		context[service+":fullrepositoryid"] = r.Name
	}
	may := false
	for _, service := range connectionActions {
		switch decide(key.of.policies, question{
			action:   service + ":UseConnection",
			resource: strings.Replace(r.ARN, ":codeconnections:", ":"+service+":", 1),
			context:  context,
		}) {
		case allowed:
			may = true
		case denied:
			return false
		}
	}
	return may
}
