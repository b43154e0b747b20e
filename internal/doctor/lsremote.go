package doctor

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// storeNothing returns settings with which git runs the helper without storing
// sessions, because doctor changes nothing. Stored sessions are used. Helper lines
// with shell code or variables run unchanged, and may store a session: variables
// may be secrets, which must not appear in arguments. Ok is false if git uses
// git-remote-codecommit, which has no such flag, and a session could be stored.
func (x *examination) storeNothing() (settings []string, ok bool) {
	if len(x.hops) > 0 && x.hops[len(x.hops)-1].Kept || x.selection.Options.NoStore {
		return nil, true
	}
	if x.target.CodeCommitURL != "" {
		return nil, false
	}
	if x.line.isCode || x.line.setsMore() {
		return nil, true
	}
	line := helper.Line{Program: x.Program, Env: x.line.Env, Args: append(slices.Clone(x.line.Args), noCacheFlag)}
	key := "credential." + x.hostURL() + ".helper="
	return []string{key, key + line.String()}, true
}

// runsProcess reports whether git would run a credential_process, which may prompt
// and which doctor has already run.
func (x *examination) runsProcess() bool {
	_, isProcess := x.chain.Source.(awsprofile.Process)
	return isProcess && !(len(x.hops) > 0 && x.hops[len(x.hops)-1].Kept)
}

// answer returns what the helper would answer, with doctor's credentials; ok is
// false if git cannot receive it.
func (x *examination) answer() (answer []byte, ok bool) {
	if runtime.GOOS == "windows" || x.target.CodeCommitURL != "" {
		return nil, false
	}
	name := codecommit.Username(x.result.AccessKeyID, x.result.SessionToken)
	password := codecommit.Sign(x.result.SecretAccessKey, x.endpoint, x.repository.Path, x.Now().Add(x.skew))
	return []byte("username=" + name + "\npassword=" + password + "\n"), true
}

const noCacheFlag = "--no-cache"

// checkLsRemote runs git ls-remote after all other checks have passed, to find
// problems that only git can find. It is skipped if doctor's own flags select the
// credentials, because git would use others.
func (x *examination) checkLsRemote(ctx context.Context) {
	failed := func(c Check) bool { return c.Status == Failed }
	if x.Given != nil || slices.ContainsFunc(x.report.Checks, failed) {
		return
	}
	repository := x.target.URL
	switch {
	case x.target.Remote != "" && !x.target.Push:
		repository = x.target.Remote
	case x.target.CodeCommitURL != "":
		repository = x.target.CodeCommitURL
	}
	extra, ok := x.storeNothing()
	var answer []byte
	if x.runsProcess() {
		answer, ok = x.answer()
	}
	if !ok {
		return
	}
	err := x.Git.LsRemote(ctx, repository, answer, extra...)
	var run *gitconfig.RunError
	switch {
	case err == nil:
		x.ok(CheckLsRemote, "git ls-remote works")
	case ctx.Err() != nil:
		x.add(Check{Name: CheckLsRemote, Status: Warning, Summary: "git ls-remote timed out"})
	case errors.As(err, &run) && run.Message != "":
		words := cmp.Or(x.shownMessage(run.Message), "its message may contain a secret and is not shown")
		x.add(Check{Name: CheckLsRemote, Status: Failed, Summary: "git ls-remote fails: " + words, Run: []Command{Shown(shell.With("git ls-remote "+x.Word(cli.RedactURL(repository)), "GIT_TRACE=1", "GIT_TRACE_CODECOMMIT=1"))}})
	default:
		x.add(Check{Name: CheckLsRemote, Status: Failed, Summary: err.Error()})
	}
}
