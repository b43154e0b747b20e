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

// help is the help text for people who run the program.
const help = `Lets git use AWS CodeCommit repositories through URLs of two forms:

  codecommit://[PROFILE@]REPOSITORY
  codecommit::REGION://[PROFILE@]REPOSITORY

Git runs this program for such URLs. There is no need to run it yourself:

  git clone codecommit://MyProfile@MyDemoRepo
  git clone codecommit::us-east-2://MyProfile@MyDemoRepo

PROFILE is an AWS profile. Without it, the credentials are those of AWS_PROFILE,
else those that git's configuration selects for the repository's https URL, else
those of the default chain. Without REGION, the region is AWS_DEFAULT_REGION, else
that of the profile, else AWS_REGION.

Settings in git's configuration (all except allowProfile can be set for one URL,
as in codecommit.https://git-codecommit.us-east-2.amazonaws.com.endpoint):

  codecommit.account       use only credentials of this account (12 digits)
  codecommit.endpoint      host name of a VPC endpoint
  codecommit.fips          if true, use FIPS endpoints
  codecommit.allowProfile  a profile that submodule URLs may name

To allow such URLs in submodules:

  git config --global protocol.codecommit.allow always
`

// Named reports whether the program was started as the remote helper. The remote
// helper also runs itself as the credential helper, under the same name, because it
// knows no other path of this program; the last argument is then an action instead
// of a URL.
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

// gitConfigTimeout is much longer than git needs to read its configuration.
const gitConfigTimeout = 30 * time.Second

// Run implements git-remote-codecommit REMOTE URL. On Unix, git's https transport
// replaces this process; elsewhere Run returns the transport's exit code.
// ParseFlags is used as Resolver.ParseFlags. The error has hints.
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
		return 0, fmt.Errorf("%s is not a valid remote name: it begins with a hyphen", cli.Quote(cli.RedactURL(name)))
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
	if p.Getenv("GIT_DIR") != "" { // set by git in a repository
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
