package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/session"
)

// The IAM actions that CodeCommit checks.
const (
	pull = "codecommit:GitPull"
	push = "codecommit:GitPush"
	// useConnection is the IAM action that CodeConnections checks, for both
	// fetching and pushing.
	useConnection = "codeconnections:UseConnection"
)

// expired is added to every 403, because an expired signature gets the same answer.
const expired = "if git gets a 403 only after more than 15 minutes, the signature has expired: push in parts, large files first (doc/packages.md)"

// checkRepository sends requests for the repository with the credentials that git
// would get.
func (x *examination) checkRepository(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, repositoryTimeout)
	defer cancel()
	var pushed func() reply
	if !x.ReadOnly {
		pushed = inBackground(func() reply { return x.request(ctx, x.endpoint, "git-receive-pack", signed) })
	}
	fetched := x.request(ctx, x.endpoint, "git-upload-pack", signed)
	if fetched.status == http.StatusForbidden || fetched.status == http.StatusNotFound {
		if elsewhere, ok := x.inProfileRegion(ctx); ok {
			x.add(elsewhere)
			x.skip("the repository is in another region", CheckPush)
			return
		}
	}
	if fetched.status == http.StatusForbidden {
		if stale, found := x.checkStale(ctx); found {
			x.add(stale)
			x.skip("the repository cannot be read", CheckPush)
			return
		}
	}
	if !x.checkAnswer(CheckFetch, fetched, pull) {
		x.skip("the repository cannot be read", CheckPush)
		return
	}
	if x.ReadOnly {
		x.skip("--read-only", CheckPush)
		return
	}
	x.checkAnswer(CheckPush, pushed(), push)
}

// inProfileRegion looks for the repository in the profile's region, if that is not
// the URL's region.
func (x *examination) inProfileRegion(ctx context.Context) (Check, bool) {
	region := strings.ToLower(x.chain.Settings.Region)
	host := codecommit.Host(region, false)
	ep, ok := codecommit.ParseEndpoint(host)
	if !ok || x.endpoint.Connections || region == x.endpoint.Region || codecommit.PartitionOf(region) != codecommit.PartitionOf(x.endpoint.Region) {
		return Check{}, false
	}
	if x.request(ctx, ep, "git-upload-pack", signed).status != http.StatusOK {
		return Check{}, false
	}
	return Check{
		Name:    CheckFetch,
		Status:  Failed,
		Summary: fmt.Sprintf("%s is in %s (the profile's region), not in %s (the URL's region)", x.repository.Name, region, x.endpoint.Region),
		Run:     []Command{x.use("https://" + host + "/" + x.path)},
	}, true
}

// checkAnswer checks the service's answer to one of the two requests.
func (x *examination) checkAnswer(name string, r reply, action string) bool {
	verb := map[string]string{CheckFetch: "fetch from", CheckPush: "push to"}[name]
	repository := x.repository.Name
	c := Check{Name: name, Status: Failed}
	switch {
	case r.err != nil:
		c.Summary = "CodeCommit cannot be reached: " + r.err.Error()
		c.Run = []Command{Shown("curl -sS -o /dev/null https://" + x.endpoint.Host)}
	case r.status == http.StatusOK:
		x.ok(name, fmt.Sprintf("can %s %s", verb, repository))
		return true
	case r.status == http.StatusNotFound && x.endpoint.Connections:
		c.Summary = fmt.Sprintf("the connection %s gives no access to a repository %s (404)", x.repositoryARN(), repository)
		c.Notes = []string{"the name may be wrong, or the connection's app may have no access to the repository: check both at the git provider"}
	case r.status == http.StatusNotFound:
		c.Summary = fmt.Sprintf("there is no repository %s in account %s, region %s (404): the name is misspelt, or it is in another account or region", repository, x.account(), x.endpoint.Region)
		c.Run = []Command{
			Shown("aws codecommit list-repositories --region " + x.endpoint.Region + x.profileFlag()),
			x.chooseProfile(repository),
		}
		c.Notes = []string{
			"compare the name with the list that the first command prints",
			"if the repository is in another account, replace NAME in the second command with a profile of that account: the credentials select the account, not the URL",
		}
	case r.status == http.StatusForbidden:
		c.Summary = fmt.Sprintf("%s is not allowed to use %s on %s (403)", x.signer(), action, x.repositoryARN())
		if x.endpoint.Connections {
			c.Summary = fmt.Sprintf("%s is not allowed to use %s on %s (403): cannot %s %s", x.signer(), useConnection, x.repositoryARN(), verb, repository)
		}
		c.Run, c.Notes = x.fixPermission(action)
		c.NoteFirst = action == pull && !x.endpoint.Connections // the name may be misspelt
		if last := x.hops[len(x.hops)-1]; last.Kept && last.Role.MFASerial != "" {
			c.Notes = append(c.Notes, "if the role was deleted and recreated or its sessions were revoked, the stored session no longer works: "+x.self(slices.Concat([]string{"forget"}, x.selection.Args)...).text)
		}
		c.Notes = append(c.Notes, expired)
	case r.status == http.StatusTooManyRequests:
		c.Summary = "CodeCommit receives too many requests (429)"
		c.Notes = []string{"try again later"}
	default:
		c.Summary = fmt.Sprintf("CodeCommit responded with %d", r.status)
		c.Notes = []string{"try again later"}
	}
	if r.message != "" && r.err == nil {
		c.Notes = append(c.Notes, "the service's message: "+cli.Quote(r.message))
	}
	x.add(c)
	return false
}

// chooseProfile returns the command that makes git use another profile for the
// repository.
func (x *examination) chooseProfile(repository string) Command {
	if x.target.CodeCommitURL != "" {
		return Shown(x.use("codecommit::" + x.endpoint.Region + "://NAME@" + repository).text)
	}
	return Shown(x.forRepository([]string{profileFlag, "NAME"}).text)
}

// account returns the account of the credentials.
func (x *examination) account() string {
	if x.result.AccountID != "" {
		return x.result.AccountID
	}
	return "of the credentials"
}

// signer returns the identity that signs.
func (x *examination) signer() string {
	if x.result.ARN != "" {
		return x.result.ARN
	}
	return "access key " + session.ShortKeyID(x.result.AccessKeyID)
}

// repositoryARN returns the ARN of the repository in the account of the
// credentials, or of the connection in the account that the URL contains:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodecommit.html
// and .../list_awscodeconnections.html.
func (x *examination) repositoryARN() string {
	partition := codecommit.PartitionOf(x.endpoint.Region).ID
	if x.endpoint.Connections {
		return strings.Join([]string{"arn", partition, "codeconnections", x.endpoint.Region, x.repository.Account, "connection/" + x.repository.Connection}, ":")
	}
	account := x.result.AccountID
	if account == "" {
		account = "ACCOUNT"
	}
	return strings.Join([]string{"arn", partition, "codecommit", x.endpoint.Region, account, x.repository.Name}, ":")
}

// profileFlag returns --profile for the AWS CLI, preceded by a space.
func (x *examination) profileFlag() string {
	if x.chain.Profile == "" || x.chain.Profile == "default" {
		return ""
	}
	return " --profile " + x.Word(x.chain.Profile)
}
