package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/session"
)

// Limits on the remaining time of a session that cannot be renewed without a
// person.
const (
	expiryWarning = 15 * time.Minute
	expiryFailed  = 5 * time.Minute // the helper replaces sessions with less
)

// walkResult is the result of obtaining the credentials of a chain, identity by
// identity.
type walkResult struct {
	hops     []session.Hop
	result   session.Result
	err      error
	answered bool // AWS answered at least one call
}

// checkProfile checks that the AWS configuration defines a source of credentials.
func (x *examination) checkProfile() bool {
	chain, err := x.selection.Chain()
	if err != nil {
		run, notes := x.fixesFor(err)
		var notFound *awsprofile.ProfileNotFoundError
		if errors.As(err, &notFound) && notFound.Similar != "" && notFound.Variable == "" {
			setup, _ := x.overriding(withFlag(x.selection.Args, profileFlag, notFound.Similar), x.line.entry)
			run = append(setup, run...)
		}
		x.add(Check{Name: CheckProfile, Status: Failed, Summary: err.Error(), Run: run, Notes: notes})
		return false
	}
	x.chain = chain
	x.checkFiles()
	if _, isEC2 := chain.Source.(awsprofile.EC2); isEC2 && chain.Settings.Metadata.Disabled {
		return true // no credentials: the next check reports that
	}
	summary := "credentials come from " + session.DescribeSource(chain.Source)
	switch n := len(chain.Roles); n {
	case 0:
	case 1:
		summary += ", then one role"
	default:
		summary += fmt.Sprintf(", then %d roles", n)
	}
	if by := x.selectedBy(); by != "" {
		summary += "; " + by + " selects profile " + cli.Quote(chain.Profile)
	}
	x.ok(CheckProfile, summary)
	return true
}

// selectedBy returns what selects the chain's profile; "" if nothing does.
func (x *examination) selectedBy() string {
	switch {
	case x.chain.Profile == "":
		return ""
	case x.Given != nil && slices.Contains(x.Given.Args, profileFlag):
		return profileFlag
	case x.Given == nil && x.target.CodeCommitURL != "" && slices.Contains(x.selection.Args, profileFlag):
		return "the URL"
	case x.Given == nil && slices.Contains(x.selection.Args, profileFlag):
		return "the helper line"
	}
	for _, name := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} {
		if value, _ := x.LookupEnv(name); value != "" {
			return name
		}
	}
	return ""
}

// checkFiles warns about AWS files that other users can change: those users could
// select the credentials.
func (x *examination) checkFiles() {
	for _, writable := range x.Writable() {
		x.add(Check{
			Name:    CheckFiles,
			Status:  Warning,
			Summary: writable.Error(),
			Run:     []Command{x.configure("chmod", "chmod", "go-w", writable.Path)},
		})
	}
}

// withFlag returns args with another value for a flag. Values are separate words,
// as flags.args writes them.
func withFlag(args []string, flag, value string) []string {
	changed := slices.Clone(args)
	if i := slices.Index(changed, flag); i >= 0 && i+1 < len(changed) {
		changed[i+1] = value
	}
	return changed
}

// walk obtains the credentials of each identity in the chain.
//
// A chain that several repositories share is walked only once, because a
// credential_process may prompt.
func (x *examination) walk(ctx context.Context) walkResult {
	o := x.selection.Options
	o.Region = cmp.Or(x.chain.Settings.Region, x.endpoint.Region)
	return x.walks.once(walkKey{x.chain, o.Region, o.Account, o.NoStore}, func() walkResult { return x.walkNow(ctx, o) })
}

func (x *examination) walkNow(ctx context.Context, o session.Options) (w walkResult) {
	w.result, w.err = session.Hops(ctx, x.chain, o, func(h session.Hop) { w.hops = append(w.hops, h) })
	var refused *awsclient.RefusedError
	for _, h := range w.hops {
		w.answered = w.answered || h.ARN != "" || errors.As(h.Err, &refused)
	}
	return w
}

// checkChain checks each identity in the chain.
func (x *examination) checkChain(w walkResult) bool {
	x.hops, x.result = w.hops, w.result
	for i, h := range w.hops {
		switch {
		case h.Err == nil:
			x.report.Identities = append(x.report.Identities, identity(h))
			x.ok(CheckIdentity, x.identitySummary(h))
		case i+1 < len(w.hops) || w.err == nil:
			// Either the stored session of a later role is still valid, so git does
			// not need this identity, or there are credentials but AWS did not
			// report their owner.
			run, notes := x.fixIdentity(h)
			notes = x.identityNotes(h, notes)
			x.add(Check{Name: CheckIdentity, Status: Warning, Summary: x.identityProblem(h), Run: run, Notes: notes})
		default:
			run, notes := x.fixIdentity(h)
			notes = x.identityNotes(h, notes)
			x.add(Check{Name: CheckIdentity, Status: Failed, Summary: x.identityProblem(h), Run: run, Notes: notes, NoteFirst: mayNotExist(h)})
		}
	}
	var account *session.AccountError
	switch {
	case errors.As(w.err, &account):
		c := Check{Name: CheckAccount, Status: Failed, Summary: account.Error()}
		if c.Run, c.Notes = x.fixesFor(account); account.Got != "" {
			c.Notes = x.accountNotes(account)
		}
		x.add(c)
	case w.err == nil && x.selection.Options.Account != "":
		x.ok(CheckAccount, "the credentials belong to account "+x.selection.Options.Account)
	}
	if w.err == nil {
		x.checkExpiry(w)
	}
	return w.err == nil
}

// accountNotes explains how to change the account. They are not commands, because
// doctor must not decide which account a repository is pushed to.
func (x *examination) accountNotes(e *session.AccountError) []string {
	choose, wrong := "choose a profile or a role of account "+e.Want+" with --profile or --role-arn", "--account"
	if x.target.CodeCommitURL != "" && x.Given == nil {
		// git-remote-codecommit looks it up for the standard endpoint.
		entry := gitconfig.EntryFor(x.Entries, "codecommit", "account", "https://"+codecommit.Host(x.endpoint.Region, false)+"/"+x.path)
		choose, wrong = "choose a profile of account "+e.Want+" in the URL", entry.String()+" "+where(entry)+","
	}
	return []string{
		choose,
		"or change " + wrong + " if account " + e.Got + " is correct",
	}
}

func identity(h session.Hop) Identity {
	i := Identity{ARN: h.ARN, Account: h.AccountID, AccessKey: session.ShortKeyID(h.AccessKeyID)}
	if !h.Expires.IsZero() {
		i.Expires = h.Expires.UTC().Format(time.RFC3339)
	}
	return i
}

// identitySummary describes a hop: its identity, access key and expiry.
func (x *examination) identitySummary(h session.Hop) string {
	who := h.ARN
	if h.Role != nil {
		who = "assumes " + h.Role.ARN
	}
	s := fmt.Sprintf("%s, access key %s", who, h.Credentials)
	if !h.Expires.IsZero() {
		s += ", until " + x.until(h.Expires)
	}
	if h.Kept {
		s += ", stored"
	}
	return s
}

// until formats a time and the duration until then.
func (x *examination) until(end time.Time) string {
	return end.UTC().Format(time.RFC3339) + " (" + span(x.left(end)) + " left)"
}

// span formats a duration.
func span(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes >= 60:
		return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d s", int(d/time.Second))
}

func (x *examination) left(end time.Time) time.Duration { return end.Sub(x.Now().Add(x.skew)) }

// identityProblem says why an identity's credentials cannot be obtained.
func (x *examination) identityProblem(h session.Hop) string {
	s := h.Err.Error()
	if errors.Is(h.Err, session.ErrNoPrompt) && h.Role != nil {
		s = fmt.Sprintf("%s requires an MFA code, and no session is stored", h.Role.ARN)
		switch {
		case x.selection.Options.NoStore:
			s = fmt.Sprintf("%s requires an MFA code for every git command: --no-cache stores no session", h.Role.ARN)
		case !h.Ended.IsZero() && x.left(h.Ended) > 0:
			s = fmt.Sprintf("the session of %s expires soon, at %s, and an MFA code is needed for the next one", h.Role.ARN, h.Ended.UTC().Format(time.RFC3339))
		case !h.Ended.IsZero():
			s = fmt.Sprintf("the session of %s expired at %s, and an MFA code is needed for the next one", h.Role.ARN, h.Ended.UTC().Format(time.RFC3339))
		}
	}
	return s
}

// isUnreachable reports whether an AWS service could not be reached.
func isUnreachable(err error) bool {
	var network *awsclient.NetworkError
	return errors.As(err, &network)
}

// fixIdentity returns how to fix an identity whose credentials cannot be obtained.
func (x *examination) fixIdentity(h session.Hop) (run []Command, notes []string) {
	var refused *awsclient.RefusedError
	switch {
	case errors.Is(h.Err, session.ErrNoPrompt) && x.selection.Options.NoStore:
		args := slices.DeleteFunc(slices.Clone(x.selection.Args), func(arg string) bool { return arg == "--no-cache" })
		return x.overriding(args, x.line.entry)
	case errors.Is(h.Err, session.ErrNoPrompt):
		return []Command{Shown("git ls-remote " + x.typedURL())}, []string{"run it in a terminal or with GIT_ASKPASS set: it prompts for the code and stores the session"}
	case h.Role != nil && errors.As(h.Err, &refused) && refused.AccessDenied():
		return x.fixRole(h, refused.Denial)
	}
	return x.fixesFor(h.Err)
}

// checkExpiry checks how long the credentials last. Credentials that are renewed
// without a person do not count as expiring.
func (x *examination) checkExpiry(w walkResult) {
	end := x.lastsUntil(w)
	if end.IsZero() {
		x.ok(CheckExpiry, "the credentials are renewed automatically")
		return
	}
	left := x.left(end)
	c := Check{Name: CheckExpiry, Status: OK, Summary: "the credentials expire at " + x.until(end)}
	if left < expiryWarning {
		c.Status = Warning
		c.Summary = "the credentials expire soon, at " + x.until(end)
		c.Notes = []string{"get new credentials: a session token cannot be renewed"}
		if role := w.hops[len(w.hops)-1].Role; role != nil {
			c.Notes = []string{"git commands after that time ask for an MFA code"}
		}
	}
	if left < expiryFailed {
		c.Status = Failed
	}
	x.add(c)
}

// lastsUntil returns when a person is needed again; the zero time for never.
func (x *examination) lastsUntil(w walkResult) time.Time {
	last := w.hops[len(w.hops)-1]
	for _, h := range w.hops {
		if h.Role != nil && h.Role.MFASerial != "" {
			return last.Expires
		}
	}
	if _, ok := x.chain.Source.(awsprofile.EnvironmentKeys); ok {
		return w.hops[0].Expires
	}
	return time.Time{}
}
