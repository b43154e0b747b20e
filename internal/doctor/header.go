package doctor

import (
	"strings"

	"git-credential-codecommit/internal/gitconfig"
)

// checkHeader checks whether git sends a configured Authorization header, as some
// CI systems configure it: git then runs no helper, or sends both.
func (x *examination) checkHeader() {
	e, ok := gitconfig.Authorization(x.Entries, x.target.URL)
	if !ok {
		return
	}
	c := Check{Name: CheckAuthorization, Status: Failed, Summary: "git sends a configured Authorization header, which CodeCommit refuses with 403: http.extraHeader, " + where(e)}
	header, _, _ := strings.Cut(e.Value, ":")
	c.Run, c.Notes = x.unset(e, "^"+header+":") // and no other header
	x.add(c)
}
