package doctor

import (
	"strings"

	"git-credential-codecommit/internal/gitconfig"
)

// checkHeader looks whether git sends an Authorization header of its own, as CI
// systems configure it: with that, it asks no helper, or sends both.
func (x *examination) checkHeader() {
	e, ok := gitconfig.Authorization(x.Entries, x.target.URL)
	if !ok {
		return
	}
	c := Check{Name: CheckAuthorization, Status: Failed, Summary: "git sends an Authorization header of its own, which CodeCommit refuses with 403: http.extraHeader, " + where(e)}
	c.Run, c.Notes = x.unset(e)
	for i := range c.Run {
		header, _, _ := strings.Cut(e.Value, ":")
		c.Run[i] += " " + x.Word("^"+header+":") // and no other header
	}
	x.add(c)
}
