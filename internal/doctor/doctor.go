// Package doctor finds out why git does not get at a CodeCommit repository: it
// walks the way that a git command takes, from git's configuration to the
// repository itself, and says of each step whether it is right and which
// command mends it. It changes nothing but this: a sign-in of aws sso login or
// aws login that is about to end is renewed, as git's next command would.
package doctor

import (
	"context"
	"slices"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/session"
)

// Bounds on the parts of an examination that ask somebody. Together they stay
// below ten seconds.
const (
	chainTimeout      = 5 * time.Second // the chain, and at the same time the service
	repositoryTimeout = 4 * time.Second // fetch and push at the same time
)

// A Doctor knows the machine: what is the same for every repository.
type Doctor struct {
	Git     gitconfig.Git
	Version gitconfig.Version // of git
	Entries []gitconfig.Entry // all of git's configuration, in git's order

	// Program is the path of this program, and Command is how one types its
	// name.
	Program, Command string
	// Word writes one word of a command line, quoted where it must be.
	Word func(string) string
	// LookupEnv is os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	Now       func() time.Time
	// Root says that the user writes for everybody on this machine, and NoHome
	// that git finds no home folder to write to for this user alone.
	Root, NoHome bool

	// Flags reads the flags of a helper line.
	Flags func(args []string) (Wanted, error)
	// Given are the flags that were given to doctor; nil for none. They count
	// instead of those of the helper line.
	Given *Wanted
	// Mend returns the hints that say how to fix an error.
	Mend func(error) []cli.Hint
	// ReadOnly asks for no push.
	ReadOnly bool
}

// Wanted is what flags say: whose credentials are wanted, and for which hosts.
type Wanted struct {
	Args     []string // the flags, each value a word of its own
	Chain    func() (awsprofile.Chain, error)
	Options  session.Options
	Endpoint func(host string) (codecommit.Endpoint, bool)
}

// A Target is a repository to look at.
type Target struct {
	URL    string // https, as git uses it
	Remote string // the remote's name; "" when a URL was given
	Push   bool   // the remote only pushes there
	// Typed is the URL that was typed or configured, which url.BASE.insteadOf or
	// pushInsteadOf, the entry By, replaces with URL; "" if none does.
	Typed string
	By    gitconfig.Entry
	// Shown is the URL as a person knows it, which may be codecommit://…; ""
	// for URL itself. Such a URL is reached through git-remote-codecommit,
	// which says whose credentials are wanted.
	Shown  string
	Wanted *Wanted
	// Err is what keeps git-remote-codecommit from using Shown; nil for nothing.
	Err error
}

// examination is one in progress.
type examination struct {
	*Doctor
	target Target
	report Examination

	credential gitconfig.Credential // git's configuration for the URL
	line       helperLine           // the helper line of ours that counts
	wanted     Wanted
	endpoint   codecommit.Endpoint
	path       string                // of the URL, as git sends it; "" for the host alone
	repository codecommit.Repository // zero for the host alone
	chain      awsprofile.Chain
	skew       time.Duration
	unproven   bool // only who checks no certificate takes what answers for the service
	hops       []session.Hop
	result     session.Result
}

// Examine looks at all targets at the same time.
func (d *Doctor) Examine(ctx context.Context, targets []Target) Report {
	ended := make([]func() Examination, len(targets))
	for i, t := range targets {
		ended[i] = beside(func() Examination { return d.examine(ctx, t) })
	}
	examinations := make([]Examination, len(targets))
	for i, examination := range ended {
		examinations[i] = examination()
	}
	return NewReport(examinations)
}

// beside runs f beside its caller and returns what waits for the result. A panic
// of f becomes one of who waits: in a goroutine of its own nobody would recover
// it, and Go would print a stack trace.
func beside[T any](f func() T) (wait func() T) {
	ended := make(chan struct{})
	var result T
	var panicked any
	go func() {
		defer close(ended)
		defer func() { panicked = recover() }()
		result = f()
	}()
	return func() T {
		<-ended
		if panicked != nil {
			panic(panicked)
		}
		return result
	}
}

// examine looks at one repository.
func (d *Doctor) examine(ctx context.Context, target Target) Examination {
	x := &examination{Doctor: d, target: target}
	x.report = Examination{URL: target.URL, Remote: target.Remote, Checks: []Check{}, Identities: []Identity{}}
	if target.Shown != "" {
		x.report.URL = target.Shown
	}
	x.report.URL = cli.RedactURL(x.report.URL)
	x.run(ctx)
	x.report.OK = !slices.ContainsFunc(x.report.Checks, func(c Check) bool { return c.Status == Failed })
	return x.report
}

// run makes the checks in the order of the way that a git command takes: the
// first that fails is the cause of those that fail behind it.
func (x *examination) run(ctx context.Context) {
	x.credential = gitconfig.CredentialOf(x.Entries, x.target.URL, x.Version)
	if lines := x.linesFor(x.target.URL); len(lines) > 0 {
		x.line = lines[0]
	}
	x.checkGit()
	if !x.checkShown() || !x.checkFlags() || !x.checkURL() {
		return
	}
	if x.target.Shown == "" {
		x.checkHelpers(ctx)
	} else {
		x.checkRemoteHelper(ctx)
		x.checkLFS(ctx)
	}
	x.checkHeader()
	x.checkNetrc()
	if !x.checkProfile() {
		return
	}
	switch reached, walked := x.ask(ctx); {
	case !reached || !walked:
	case x.path == "":
		x.skip("the URL names no repository", CheckFetch, CheckPush)
	case x.unproven:
		x.skip("no credentials are sent to who cannot be seen to be AWS", CheckFetch, CheckPush)
	default:
		x.checkRepository(ctx)
		x.checkLsRemote(ctx)
	}
}

// ask asks the service and walks the chain, at the same time.
func (x *examination) ask(ctx context.Context) (reached, walked bool) {
	ctx, cancel := context.WithTimeout(ctx, chainTimeout)
	defer cancel()
	answer := beside(func() reply { return x.reach(ctx) })
	walk := x.walk(ctx)
	reached = x.checkService(answer())
	x.checkClock(walk)
	return reached, x.checkChain(walk)
}

// add adds a line to the report.
func (x *examination) add(c Check) {
	c.Summary = cli.RedactText(c.Summary)
	for _, lines := range [][]string{c.Run, c.Notes} {
		for i, line := range lines {
			lines[i] = cli.RedactText(line)
		}
	}
	x.report.Checks = append(x.report.Checks, c)
}

func (x *examination) ok(name, summary string) {
	x.add(Check{Name: name, Status: OK, Summary: summary})
}

// mend splits what fixes an error into commands and notes.
func (x *examination) mend(err error) (run, notes []string) {
	for _, hint := range x.Mend(err) {
		if hint.Unconditional() {
			run = append(run, hint.Command(x.Command))
		} else {
			notes = append(notes, hint.Text(x.Command))
		}
	}
	return run, notes
}
