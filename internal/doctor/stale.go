package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"git-credential-codecommit/internal/session"
)

// checkStale handles a 403 for a stored role session. CodeCommit rejects a session
// until it expires if its role was deleted and recreated, or its role's sessions
// were revoked. So checkStale assumes the role again, without storing the session,
// and compares. Found is false if the session is not the cause.
func (x *examination) checkStale(ctx context.Context) (c Check, found bool) {
	if len(x.hops) == 0 || !x.hops[len(x.hops)-1].Kept {
		return Check{}, false
	}
	role := x.hops[len(x.hops)-1].Role
	o := x.selection.Options
	o.Region, o.NoStore = x.endpoint.Region, true
	var last session.Hop
	result, err := session.Hops(ctx, x.chain, o, func(h session.Hop) { last = h })
	forget := x.self(slices.Concat([]string{"forget"}, x.selection.Args)...)
	c = Check{Name: CheckFetch, Status: Failed}
	switch {
	case errors.Is(err, session.ErrNoPrompt):
		// A new session requires an MFA code, so it cannot be compared with the
		// stored one. checkAnswer mentions the possibility in a note.
		return Check{}, false
	case err != nil && isUnreachable(err):
		return Check{}, false
	case err != nil:
		c.Summary = fmt.Sprintf("CodeCommit refuses the stored session of %s (403), and a new one cannot be obtained: %s", role.ARN, err)
		c.Run, c.Notes = x.fixIdentity(last)
		return c, true
	}
	stored := x.result
	x.result = result
	again := x.request(ctx, x.endpoint, "git-upload-pack", signed)
	x.result = stored
	if again.status != http.StatusOK {
		return Check{}, false
	}
	c.Summary = fmt.Sprintf("CodeCommit refuses the stored session of %s (403) but accepts a new one: the role was deleted and recreated, or its sessions were revoked", role.ARN)
	c.Run = []Command{forget}
	c.Notes = []string{"the command removes the stored session; the next git command gets a new one"}
	return c, true
}
