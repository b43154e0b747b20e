package doctor

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// SelectionFor returns the selection for a URL: that of doctor's flags, or else of
// the helper line.
func (d *Doctor) SelectionFor(address string) (Selection, error) {
	if d.Given != nil {
		return *d.Given, nil
	}
	var line helperLine
	if lines := d.linesFor(address); len(lines) > 0 {
		line = lines[0]
	}
	s, err := d.Select(line.Args, line.Env)
	if profile := line.envProfile(); profile != "" {
		s.Args = slices.Concat([]string{profileFlag, profile}, s.Args)
	}
	return s, err
}

// checkCodeCommitURL checks that git-remote-codecommit can use the URL.
func (x *examination) checkCodeCommitURL() bool {
	if x.target.Err == nil {
		return true
	}
	run, notes := x.fixesFor(x.target.Err)
	x.add(Check{Name: CheckURL, Status: Failed, Summary: x.target.Err.Error(), Run: run, Notes: notes})
	return false
}

// checkFlags parses the flags that select the credentials.
func (x *examination) checkFlags() bool {
	if x.target.Selection != nil && x.Given == nil {
		x.selection = *x.target.Selection
		return true
	}
	selection, err := x.SelectionFor(x.target.URL)
	if profile := x.awsHelperProfile(); profile != "" {
		selection, err = x.Select([]string{profileFlag, profile}, nil)
	}
	if x.selection = selection; err != nil {
		x.add(Check{
			Name:    CheckFlags,
			Status:  Failed,
			Summary: "the flags in the helper line are wrong: " + err.Error(),
			Run:     []Command{Shown(x.Command + " setup --help")},
			Notes:   []string{"the line is " + where(x.line.entry) + "; run setup again with the right flags"},
		})
		return false
	}
	return true
}

// awsHelperProfile returns the profile of the AWS CLI's helper, which setup would
// keep, if git runs that helper instead of this one; otherwise "".
func (x *examination) awsHelperProfile() string {
	if x.Given != nil || x.target.CodeCommitURL != "" || len(x.linesFor(x.target.URL)) > 0 {
		return ""
	}
	for _, e := range x.credential.Helpers {
		if profile := helper.AWSProfile(e.Value); profile != "" {
			return profile
		}
	}
	return ""
}

// checkURL checks that this helper serves the URL. A URL without a path represents
// just the host.
func (x *examination) checkURL() bool {
	u, err := url.Parse(x.target.URL)
	if err != nil {
		x.add(x.invalidURL("the URL is not a CodeCommit URL"))
		return false
	}
	var ours bool
	if x.endpoint, ours = x.selection.Endpoint(u.Host); !ours {
		x.add(x.invalidURL(fmt.Sprintf("%q is not a CodeCommit host", u.Host)))
		return false
	}
	if u.RawQuery != "" || u.Fragment != "" {
		x.add(x.invalidURL("the URL has a query or a fragment, which git treats as part of the path"))
		return false
	}
	x.path = strings.Trim(u.Path, "/")
	if x.path != "" {
		x.repository, err = x.endpoint.ParsePath(x.path)
	}
	switch required := x.selection.Options.Account; {
	case err != nil:
		x.add(Check{Name: CheckURL, Status: Failed, Summary: err.Error(), Notes: []string{"the form is " + x.endpoint.URLForm()}})
		return false
	case required != "" && x.repository.Account != "" && x.repository.Account != required:
		x.add(Check{Name: CheckAccount, Status: Failed, Summary: fmt.Sprintf("the repository's URL names account %s, but --account requires %s", x.repository.Account, required), Notes: []string{
			"use the URL of a connection in account " + required + ", or change --account",
		}})
		return false
	case !x.endpoint.Connections && strings.HasSuffix(x.repository.Name, codecommit.DotGit):
		x.add(Check{Name: CheckURL, Status: Failed, Summary: "the URL ends in .git, which CodeCommit does not allow in repository names", Run: x.setURL()})
		return false
	case u.Scheme != "https":
		x.add(x.invalidURL("the URL begins with " + u.Scheme + "://, but this helper answers only for https"))
		return false
	case u.User != nil && u.User.Username() != "":
		_, password := u.User.Password()
		return x.checkUser(u.User.Username(), password)
	}
	service := "CodeCommit"
	if x.endpoint.Connections {
		service = "CodeConnections"
	}
	x.ok(CheckURL, "the URL is a "+service+" URL in "+x.endpoint.Region)
	return true
}

// invalidURL returns the failed check of a URL that this helper does not serve. It
// suggests the URL that was probably meant, or the entry that made git use this
// one.
func (x *examination) invalidURL(problem string) Check {
	c := Check{Name: CheckURL, Status: Failed, Summary: problem}
	if x.target.Typed != "" {
		c.Summary = fmt.Sprintf("git uses %s in place of %s (%s, %s): %s", cli.RedactURL(x.target.URL), cli.RedactURL(x.target.Typed), x.target.By.Redacted(), where(x.target.By), problem)
		c.Run, c.Notes = x.unset(x.target.By, "^"+regexp.QuoteMeta(x.target.By.Value)+"$")
		return c
	}
	suggested := SuggestURL(x.target.URL)
	if suggested == "" {
		c.Notes = []string{urlForm, "for a private DNS name, add --allow-host and --region to the helper line"}
		return c
	}
	c.Run = []Command{x.use(suggested)}
	if u, err := url.Parse(suggested); err == nil {
		if ep, ok := codecommit.ParseEndpoint(u.Host); ok {
			c.Notes = []string{"or, without setup, use codecommit::" + ep.Region + "://" + strings.TrimPrefix(u.Path, "/v1/repos/")}
		}
	}
	return c
}

const urlForm = "the form is https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME"

// checkUser checks the username in the URL. With one, curl answers the first 401
// itself with an empty password. CodeCommit rejects that with a 403, and git then
// runs no helper. A git that authenticates its first request is not affected.
func (x *examination) checkUser(name string, password bool) bool {
	c := Check{Name: CheckURL, Status: Failed, Run: x.setURL()}
	switch {
	case codecommit.IsGitCredential(name):
		c.Summary = "the URL contains the username of static Git credentials, for which this helper does not answer"
	case x.authenticatesFirst():
		c.Status = Warning
		c.Summary = "the URL contains a username: an older git would get a 403 and never run this helper"
	case password:
		c.Summary = "the URL contains a username and a password: git sends them, gets a 403, and never runs this helper"
	default:
		c.Summary = "the URL contains a username: git sends it with an empty password, gets a 403, and never runs this helper"
	}
	x.add(c)
	return true
}

// authenticatesFirst reports whether git sends credentials with its first request.
func (x *examination) authenticatesFirst() bool {
	if !x.Version.AtLeast(gitconfig.Proactive) {
		return false
	}
	if x.target.CodeCommitURL != "" {
		return true // git-remote-codecommit sets http.proactiveAuth
	}
	return gitconfig.ValueFor(x.Entries, "http", "proactiveAuth", x.target.URL) == "basic"
}

// setURL returns the command that corrects the URL.
func (x *examination) setURL() []Command {
	if x.target.CodeCommitURL != "" {
		return []Command{x.use(strings.TrimSuffix(x.target.CodeCommitURL, codecommit.DotGit))}
	}
	return []Command{x.use(x.plainURL())}
}

// use returns the command that makes git use another URL.
func (x *examination) use(url string) Command {
	switch {
	case x.target.Remote == "":
		return Shown("git ls-remote " + x.Word(url))
	case x.target.Push:
		return x.git("remote", "set-url", "--push", x.target.Remote, url)
	}
	return x.git("remote", "set-url", x.target.Remote, url)
}

// plainURL returns the repository's URL without username, port and .git.
func (x *examination) plainURL() string {
	u, err := url.Parse(x.target.URL)
	if err != nil {
		return ""
	}
	path := strings.Trim(u.EscapedPath(), "/")
	if !x.endpoint.Connections {
		path = strings.TrimSuffix(path, codecommit.DotGit)
	}
	return "https://" + u.Hostname() + "/" + path
}

// typedURL returns the URL that the user would type for git.
func (x *examination) typedURL() string {
	if x.target.CodeCommitURL != "" {
		return x.Word(x.target.CodeCommitURL)
	}
	return x.plainURL()
}

// hostURL returns the URL of the host.
func (x *examination) hostURL() string {
	u, err := url.Parse(x.target.URL)
	if err != nil {
		return ""
	}
	return "https://" + u.Hostname()
}
