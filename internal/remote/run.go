package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// help is printed for a person who runs the program.
const help = `Lets git use AWS CodeCommit repositories by URLs of two forms:

  codecommit://[PROFILE@]REPOSITORY
  codecommit::REGION://[PROFILE@]REPOSITORY

Git runs this program for such URLs; there is no need to run it yourself:

  git clone codecommit://MyProfile@MyDemoRepo
  git clone codecommit::us-east-2://MyProfile@MyDemoRepo

PROFILE is an AWS profile. Without it, AWS_PROFILE applies, then the helper that
git's configuration names for the repository's https URL, then the AWS CLI's
default credentials. If the URL has no REGION, it is AWS_DEFAULT_REGION, else the
profile's, else AWS_REGION. Git configuration, also per URL
(codecommit.https://git-codecommit.us-east-2.amazonaws.com.endpoint):

  codecommit.account       use only credentials of this account (12 digits)
  codecommit.endpoint      host name of a VPC endpoint
  codecommit.fips          true: use FIPS endpoints
  codecommit.allowProfile  a profile that submodule URLs may name

For submodules: git config --global protocol.codecommit.allow always
`

// Named reports whether the program runs as the remote helper. Under the same
// name, the remote helper runs it as the credential helper, since it knows no
// other path of this program than its own: then the last argument is an action,
// which is no URL.
func Named(p cli.Process) bool {
	if !p.IsRemoteName() {
		return false
	}
	switch p.Args[len(p.Args)-1] {
	case "get", "store", "erase":
		return false
	}
	return true
}

// gitConfigTimeout is far above what git needs to read its configuration.
const gitConfigTimeout = 30 * time.Second

// Run is git-remote-codecommit REMOTE URL. It returns an error, or the exit code of
// git's https transport, which replaces this process where the system allows it.
// ParseFlags is that of Resolver.
func Run(p cli.Process, parseFlags func(args []string) (awsprofile.Query, error)) (exit int, err error) {
	args := p.Args[1:]
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "--help"):
		_, err := io.WriteString(p.Stdout, help)
		return cli.ExitOK, err
	case len(args) != 2 || p.StdinIsTerminal():
		_, _ = io.WriteString(p.Stderr, help)
		return cli.ExitUsage, nil
	}
	name := args[0]
	if strings.HasPrefix(name, "-") {
		return 0, fmt.Errorf("%s cannot be the name of a remote: it begins with a hyphen", cli.Quote(cli.RedactURL(name)))
	}
	u, err := Parse(args[1])
	if err != nil {
		return 0, err
	}
	git, err := gitconfig.FindFor(p)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), gitConfigTimeout)
	defer cancel()
	target, err := Resolver{Process: p, Git: git, ParseFlags: parseFlags}.Resolve(ctx, u)
	if err != nil {
		return 0, err
	}
	program, err := p.Executable()
	if err != nil {
		return 0, errors.New("cannot determine the path of this program")
	}
	line := helper.Line{Program: program, Args: target.Args}.String()
	environ := addSettings(p.Environ(), settingsFor(target.HTTPS, line))
	if p.Getenv("GIT_DIR") != "" { // git sets it in a repository
		r := lfsRemote{name: name, address: args[1], host: target.host, profile: u.Profile, repo: u.Repository, line: line}
		if err := configureLFS(ctx, git, target.entries, r); err != nil {
			p.Warn(fmt.Errorf("git-lfs is not configured for remote %s: %w", cli.Quote(cli.RedactURL(name)), err))
		}
	}
	if trace := p.Trace(); trace != nil {
		trace("remote %s is %s", cli.Quote(cli.RedactURL(name)), target.HTTPS)
	}
	exit, err = replace(p, git.Path, []string{"git", "remote-https", name, target.HTTPS}, environ)
	if err != nil {
		return 0, fmt.Errorf("cannot run %s: %w", git.Path, err)
	}
	return exit, nil
}
