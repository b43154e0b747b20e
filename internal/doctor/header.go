package doctor

import (
	"strings"

	"git-credential-codecommit/internal/gitconfig"
)

// checkHeader checks whether git sends a configured Authorization header, as some
// CI systems configure it: git then either runs no helper, or sends two headers.
func (x *examination) checkHeader() {
	x.checkEmptyAuth()
	e, ok := gitconfig.Authorization(x.Entries, x.target.URL)
	if !ok {
		return
	}
	c := Check{Name: CheckAuthorization, Status: Failed, Summary: "git sends a configured Authorization header, which CodeCommit refuses with 403: http.extraHeader, " + where(e)}
	header, _, _ := strings.Cut(e.Value, ":")
	c.Run, c.Notes = x.unset(e, "^"+header+":") // no other header
	x.add(c)
}

// checkEmptyAuth checks that git does not answer the first 401 with an empty
// username, as Kerberos requires: CodeCommit rejects that with a 403, and git then
// runs no helper. A git that authenticates its first request never does so.
func (x *examination) checkEmptyAuth() {
	e := gitconfig.EntryFor(x.Entries, "http", "emptyAuth", x.target.URL)
	if x.authenticatesFirst() || e.Name == "" || !gitconfig.EmptyAuth(x.Entries, x.target.URL) {
		return
	}
	c := Check{Name: CheckAuthorization, Status: Failed, Summary: "git sends an empty username before it runs this helper, which CodeCommit refuses with 403: http.emptyAuth is true " + where(e)}
	if e.Subsection != "" {
		c.Run, c.Notes = x.unset(e, "")
	} else {
		c.Run = []Command{x.transport("emptyAuth", "false")}
		c.Notes = []string{"the command sets http.emptyAuth to false for CodeCommit hosts only"}
	}
	x.add(c)
}
