// Package doctor finds out why git cannot reach a CodeCommit repository: it checks
// each step that a git command takes, from git's configuration to the repository
// itself, and names the command that fixes what is wrong. It changes nothing, with
// one exception: a sign-in of login, aws sso login or aws login that is about to end is
// renewed, as git's next command would do.
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

// How long the parts of an examination that use the network may take. Together they
// stay below ten seconds.
const (
	chainTimeout      = 5 * time.Second // the chain, and at the same time the service
	repositoryTimeout = 4 * time.Second // fetch and push at the same time
)

// A Doctor knows the machine: what is the same for every repository.
type Doctor struct {
	Git     gitconfig.Git
	Version gitconfig.Version // of git
	Entries []gitconfig.Entry // all of git's configuration, in git's order

	// Configuration returns git's configuration with that of other folders.
	Configuration func() gitconfig.Configuration
	// FolderOf returns the folder of an include that setup --folder wrote; ok is
	// false for any other one.
	FolderOf func(gitconfig.ConditionalInclude) (folder string, ok bool)

	// Program is the path of this program, and Command is how a person types its
	// name.
	Program, Command string
	// Word writes one word of a command line, quoted where necessary.
	Word func(string) string
	// LookupEnv is os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	Now       func() time.Time
	// Root reports that the user writes for all users of this machine, and NoHome
	// that git finds no home folder to write to for this user alone.
	Root, NoHome bool

	// Writable returns the AWS files that other users can change.
	Writable func() []*awsprofile.WritableError
	// Select returns what a helper line selects: its flags, and the variables
	// (NAME=value) that it sets for this program.
	Select func(args, env []string) (Selection, error)
	// Given are the flags that were given to doctor, which override those of the
	// helper line; nil for none.
	Given *Selection
	// Hints returns how to fix an error.
	Hints func(error) []cli.Hint
	// ReadOnly leaves out the check whether the repository can be pushed to.
	ReadOnly bool

	walks walks
}

// A Selection is what the flags of a helper line select: the credentials, and the
// hosts to answer for.
type Selection struct {
	Args     []string // the flags, each value a word of its own
	Chain    func() (awsprofile.Chain, error)
	Options  session.Options
	Endpoint func(host string) (codecommit.Endpoint, bool)
}

// A Target is a repository to examine.
type Target struct {
	URL    string // https, as git uses it
	Remote string // the remote's name; "" when a URL was given
	Push   bool   // the remote only pushes there
	// Typed is the URL that was typed or configured, which url.BASE.insteadOf or
	// pushInsteadOf, the entry By, replaces with URL; "" if none does.
	Typed string
	By    gitconfig.Entry
	// CodeCommitURL is the codecommit:// URL that git-remote-codecommit replaces
	// with URL; "" for none. It selects the credentials, with Selection.
	CodeCommitURL string
	Selection     *Selection
	// Err is why git-remote-codecommit cannot use CodeCommitURL; nil if it can.
	Err error
}

// examination is one in progress.
type examination struct {
	*Doctor
	target Target
	report Examination

	credential gitconfig.Credential // git's configuration for the URL
	line       helperLine           // the first helper line of this program
	selection  Selection
	endpoint   codecommit.Endpoint
	path       string                // of the URL, as git sends it; "" for the host alone
	repository codecommit.Repository // zero for the host alone
	chain      awsprofile.Chain
	skew       time.Duration
	unverified bool // git does not check the service's certificate, and it is not valid
	hops       []session.Hop
	result     session.Result
}

// Examine examines all targets at the same time.
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

// inBackground runs f in a goroutine and returns the function that waits for its
// result. A panic of f becomes one of the caller of wait: in the goroutine nothing
// would recover it, and Go would print a stack trace.
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
	x.report = Examination{URL: target.URL, Remote: target.Remote, Checks: []Check{}, Identities: []Identity{}}
	if target.CodeCommitURL != "" {
		x.report.URL = target.CodeCommitURL
	}
	x.report.URL = cli.RedactURL(x.report.URL)
	x.run(ctx)
	x.report.OK = !slices.ContainsFunc(x.report.Checks, func(c Check) bool { return c.Status == Failed })
	return x.report
}

// run makes the checks in the order of the steps of a git command: the first one
// that fails is the cause of those that fail after it.
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

// checkWithGit checks what can be checked without knowing the credentials: a helper
// line of shell code selects them, and git itself shows whether it works.
func (x *examination) checkWithGit(ctx context.Context) {
	x.skip("the helper line is shell code, which doctor does not interpret: git itself shows whether it works", CheckProfile, CheckIdentity)
	serviceCtx, cancel := context.WithTimeout(ctx, chainTimeout)
	defer cancel()
	reached := x.checkService(x.reach(serviceCtx))
	x.checkClock(walkResult{})
	if reached && x.path != "" && !x.unverified {
		x.checkLsRemote(ctx)
	}
}

// connect connects to the service and walks the chain, at the same time.
func (x *examination) connect(ctx context.Context) (reached, identified bool) {
	ctx, cancel := context.WithTimeout(ctx, chainTimeout)
	defer cancel()
	answer := inBackground(func() reply { return x.reach(ctx) })
	walk := x.walk(ctx)
	reached = x.checkService(answer())
	x.checkClock(walk)
	return reached, x.checkChain(walk)
}

// add adds a line to the report.
func (x *examination) add(c Check) {
	c.Summary = cli.RedactText(c.Summary)
	for i := range c.Run {
		c.Run[i].text = cli.RedactText(c.Run[i].text)
	}
	for i, note := range c.Notes {
		c.Notes[i] = cli.RedactText(note)
	}
	x.report.Checks = append(x.report.Checks, c)
}

func (x *examination) ok(name, summary string) {
	x.add(Check{Name: name, Status: OK, Summary: summary})
}

// fixesFor splits the hints that fix an error into commands and notes.
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
