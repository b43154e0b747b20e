// Package doctor finds out why git cannot reach a CodeCommit repository. It checks
// each step of a git command, from git's configuration to the repository, and
// returns the commands that fix what is wrong. It changes nothing, with one
// exception: like the next git command, it renews a sign-in from login, aws sso
// login or aws login that is about to expire.
package doctor

import (
	"context"
	"slices"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/session"
)

// Timeouts for the parts of an examination that use the network. Together they stay
// below ten seconds.
const (
	chainTimeout      = 5 * time.Second // for the chain and, concurrently, the service
	repositoryTimeout = 4 * time.Second // for fetch and push, concurrently
)

// A Doctor describes the machine: everything that is the same for all repositories.
type Doctor struct {
	Git     gitconfig.Git
	Version gitconfig.Version // git's version
	Entries []gitconfig.Entry // git's effective configuration, in git's order

	// Configuration returns git's configuration, including what applies in other
	// folders.
	Configuration func() gitconfig.Configuration
	// FolderOf returns the folder of an include that setup --folder wrote; ok is
	// false for other includes.
	FolderOf func(gitconfig.ConditionalInclude) (folder string, ok bool)
	// Overlap reports whether git may read two includes in the same repository, as far
	// as the folders in their conditions show.
	Overlap func(x, y gitconfig.ConditionalInclude) bool

	// Program is the path of this program, and Command is how the user types its
	// name.
	Program, Command string
	// Word quotes a word for a shell if necessary.
	Word func(string) string
	// LookupEnv is os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	Now       func() time.Time
	// Root is true if the user configures git for all users of this machine. NoHome
	// is true if git has no home folder for the user's configuration.
	Root, NoHome bool

	// Writable returns the AWS files that other users can change.
	Writable func() []*awsprofile.WritableError
	// Select parses a helper line: its flags, and the variables (NAME=value) that
	// it sets.
	Select func(args, env []string) (Selection, error)
	// Given is the selection of doctor's own flags, which override the helper line;
	// nil without flags.
	Given *Selection
	// Hints returns how to fix an error.
	Hints func(error) []cli.Hint
	// ReadOnly skips the check of push access.
	ReadOnly bool

	walks walks
}

// A Selection is what the flags of a helper line select: credentials, and hosts to
// serve.
type Selection struct {
	Args     []string // the flags; values are separate words
	Chain    func() (awsprofile.Chain, error)
	Options  session.Options
	Endpoint func(host string) (codecommit.Endpoint, bool)
}

// A Target is a repository to examine.
type Target struct {
	URL    string // https, as git uses it
	Remote string // name of the remote; "" if a URL was given
	Push   bool   // the remote uses the URL only for pushing
	// Typed is the URL as typed or configured, if By, a url.BASE.insteadOf or
	// pushInsteadOf entry, rewrites it to URL; otherwise "".
	Typed string
	By    gitconfig.Entry
	// CodeCommitURL is the codecommit:// URL for which git-remote-codecommit uses
	// URL; "" if there is none. Selection holds the credentials that it selects.
	CodeCommitURL string
	Selection     *Selection
	// Err is why git-remote-codecommit cannot use CodeCommitURL; nil if it can.
	Err error
}

// An examination is the work on one repository.
type examination struct {
	*Doctor
	target Target
	report Examination

	credential gitconfig.Credential // git's credential configuration for the URL
	line       helperLine           // the first helper line that runs this program
	selection  Selection
	endpoint   codecommit.Endpoint
	path       string                // path of the URL, as git sends it; "" for just a host
	repository codecommit.Repository // zero for just a host
	chain      awsprofile.Chain
	skew       time.Duration
	unverified bool // the service's certificate is invalid, and git does not check it
	hops       []session.Hop
	result     session.Result
}

// Examine examines all targets concurrently and returns the report.
func (d *Doctor) Examine(ctx context.Context, targets []Target) Report {
	ended := make([]func() Examination, len(targets))
	for i, t := range targets {
		ended[i] = inBackground(func() Examination { return d.examine(ctx, t) })
	}
	examinations := make([]Examination, len(targets))
	for i, examination := range ended {
		examinations[i] = examination()
	}
	return NewReport(examinations)
}

// inBackground runs f in a goroutine and returns a function that waits for its
// result. If f panics, so does wait, in the caller's goroutine: there the panic is
// recovered before Go prints a stack trace.
func inBackground[T any](f func() T) (wait func() T) {
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

// examine examines one repository.
func (d *Doctor) examine(ctx context.Context, target Target) Examination {
	x := &examination{Doctor: d, target: target}
	x.report = Examination{URL: target.URL, Remote: cli.OneLine(target.Remote), Checks: []Check{}, Identities: []Identity{}}
	if target.CodeCommitURL != "" {
		x.report.URL = target.CodeCommitURL
	}
	x.report.URL = cli.OneLine(cli.RedactURL(x.report.URL))
	x.run(ctx)
	x.report.OK = !slices.ContainsFunc(x.report.Checks, func(c Check) bool { return c.Status == Failed })
	return x.report
}

// run makes the checks in the order in which git takes the steps, so that the first
// failure is the cause of later ones.
func (x *examination) run(ctx context.Context) {
	x.credential = gitconfig.CredentialOf(x.Entries, x.target.URL, x.Version)
	if lines := x.linesFor(x.target.URL); len(lines) > 0 {
		x.line = lines[0]
	}
	x.checkGit()
	if !x.checkCodeCommitURL() || !x.checkFlags() || !x.checkURL() {
		return
	}
	if x.target.CodeCommitURL == "" {
		x.checkHelpers(ctx)
	} else {
		x.checkRemoteHelper(ctx)
	}
	x.checkLFS(ctx)
	x.checkHeader()
	x.checkNetrc()
	if x.line.isCode && x.Given == nil && x.target.CodeCommitURL == "" {
		x.checkWithGit(ctx)
		return
	}
	if !x.checkProfile() {
		return
	}
	switch reached, identified := x.connect(ctx); {
	case !reached || !identified:
	case x.path == "":
		x.skip("the URL names no repository", CheckFetch, CheckPush)
	case x.unverified:
		x.skip("no credentials are sent to an unverified server", CheckFetch, CheckPush)
	default:
		x.checkRepository(ctx)
		x.checkLsRemote(ctx)
		x.checkClients(ctx)
	}
}

// checkWithGit makes the checks that do not need the credentials. It is used if
// shell code in the helper line selects them, so that only git can show whether it
// works.
func (x *examination) checkWithGit(ctx context.Context) {
	x.skip(isShellCode, CheckProfile, CheckIdentity)
	serviceCtx, cancel := context.WithTimeout(ctx, chainTimeout)
	defer cancel()
	reached := x.checkService(x.reach(serviceCtx))
	x.checkClock(walkResult{})
	if reached && x.path != "" && !x.unverified {
		x.checkLsRemote(ctx)
	}
}

// connect connects to the service and, concurrently, walks the chain.
func (x *examination) connect(ctx context.Context) (reached, identified bool) {
	ctx, cancel := context.WithTimeout(ctx, chainTimeout)
	defer cancel()
	answer := inBackground(func() reply { return x.reach(ctx) })
	walk := x.walk(ctx)
	reached = x.checkService(answer())
	x.checkClock(walk)
	return reached, x.checkChain(walk)
}

// add adds a check to the report.
func (x *examination) add(c Check) {
	shown := func(text string) string { return cli.OneLine(cli.RedactText(text)) } // --json may be printed to a terminal too
	c.Summary = shown(c.Summary)
	for i := range c.Run {
		c.Run[i].text = shown(c.Run[i].text)
		// The command may contain doctor's flags instead of those of the line that git
		// now uses.
		if x.Given != nil && x.replacesFlags() && c.Run[i].effect == configures && c.Run[i].runs(x.Program, x.Git.Path) {
			c.Run[i].effect = selectsAccount
		}
	}
	for i, note := range c.Notes {
		c.Notes[i] = shown(note)
	}
	x.report.Checks = append(x.report.Checks, c)
}

// replacesFlags reports whether doctor's flags differ from those of the line of this
// helper, or of the AWS CLI's helper if git runs that one instead.
func (x *examination) replacesFlags() bool {
	if x.line.entry.Name != "" && !slices.Equal(x.Given.Args, x.line.flags()) {
		return true
	}
	for _, e := range x.credential.Helpers {
		if _, isOurs := parseLine(e); isOurs {
			break
		}
		if helper.RunsAWSHelper(e.Value) {
			return !slices.Equal(x.Given.Args, awsHelperArgs(e))
		}
	}
	return false
}

func (x *examination) ok(name, summary string) {
	x.add(Check{Name: name, Status: OK, Summary: summary})
}

// fixesFor splits an error's hints into commands and notes.
func (x *examination) fixesFor(err error) (run []Command, notes []string) {
	for _, hint := range x.Hints(err) {
		if hint.Unconditional() {
			run = append(run, x.hinted(hint.Command(x.Command)))
		} else {
			notes = append(notes, hint.Text(x.Command))
		}
	}
	return run, notes
}
