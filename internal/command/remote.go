package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/shell"
)

// remoteForms are the two forms of URL.
const remoteForms = "codecommit://[PROFILE@]REPOSITORY or codecommit::REGION://[PROFILE@]REPOSITORY"

// remoteHelp is what a person reads who types the program's name.
const remoteHelp = `Lets git use AWS CodeCommit repositories by URLs of two forms:

  codecommit://[PROFILE@]REPOSITORY
  codecommit::REGION://[PROFILE@]REPOSITORY

Git runs it for such URLs, nobody has to:

  git clone codecommit://MyProfile@MyDemoRepo
  git clone codecommit::us-east-2://MyProfile@MyDemoRepo

PROFILE is an AWS profile; without it, credentials are looked for as the AWS
CLI does. REGION is, where the URL has none, AWS_DEFAULT_REGION, else the
profile's, else AWS_REGION. Git configuration that counts, each also per URL
(codecommit.https://git-codecommit.us-east-2.amazonaws.com.endpoint):

  codecommit.account   use only credentials of this account (12 digits)
  codecommit.endpoint  host name of a VPC endpoint
  codecommit.fips      true: use FIPS endpoints

For submodules: git config --global protocol.codecommit.allow always
`

// isRemote says whether the program is run as the remote helper. Under that
// same name it is also run as the credential helper, by the remote helper,
// which knows no other path of this program than its own: but then the last
// argument is an action, which is no URL.
func isRemote(args []string) bool {
	if !(cli.Process{Args: args}).IsRemoteName() {
		return false
	}
	switch args[len(args)-1] {
	case "get", "store", "erase":
		return false
	}
	return true
}

// remote is git-remote-codecommit REMOTE URL: it lets git's own https transport
// take over, with this program as the only credential helper.
func remote(p cli.Process) (exit int) {
	args := p.Args[1:]
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "--help"):
		_, _ = io.WriteString(p.Stdout, remoteHelp)
		return cli.ExitOK
	case len(args) != 2 || p.StdinIsTerminal():
		_, _ = io.WriteString(p.Stderr, remoteHelp)
		return cli.ExitUsage
	}
	exit, err := runRemote(p, args[0], args[1])
	if err != nil {
		return p.Report(err)
	}
	return exit
}

// gitConfigTimeout is far above what git needs to read its configuration.
const gitConfigTimeout = 30 * time.Second

func runRemote(p cli.Process, name, url string) (exit int, err error) {
	if strings.HasPrefix(name, "-") {
		return 0, fmt.Errorf("%s cannot be the name of a remote: it begins with a hyphen", cli.Quote(name))
	}
	target, err := parseRemote(url)
	if err != nil {
		return 0, err
	}
	if target.Region, err = remoteRegion(p, target); err != nil {
		return 0, err
	}
	git, err := findGit(p)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), gitConfigTimeout)
	defer cancel()
	config, err := readRemoteConfig(ctx, git, httpsURL(codecommit.Host(target.Region, false), target))
	if err != nil {
		return 0, err
	}
	host, err := config.host(target.Region)
	if err != nil {
		return 0, err
	}
	line, err := helperLine(p, target.Profile, config.account)
	if err != nil {
		return 0, err
	}
	plain := httpsURL(host, target)
	environ, err := helper.AddConfig(p.Environ(), helper.RemoteConfig(plain, line))
	if err != nil {
		return 0, err
	}
	if p.Getenv("GIT_DIR") != "" { // git sets it in a repository
		r := lfsRemote{name: name, address: url, host: host, profile: target.Profile, repo: target.Repository, line: line}
		if err := configureLFS(ctx, git, r); err != nil {
			warnOfLFS(p, name, err)
		}
	}
	if trace := p.Trace(); trace != nil {
		trace("remote %s is %s", cli.Quote(name), plain)
	}
	exit, err = replace(p, git.Path, []string{"git", "remote-https", name, plain}, environ)
	if err != nil {
		return 0, fmt.Errorf("cannot run %s: %w", git.Path, err)
	}
	return exit, nil
}

// parseRemote parses the URL and checks that it can be a repository's.
func parseRemote(url string) (helper.RemoteURL, error) {
	if form, ok := pastedURL(url); ok {
		return helper.RemoteURL{}, &cli.Error{
			Err: errors.New("a whole URL stands behind codecommit:, where a repository's name belongs"),
			Fix: []cli.Hint{cli.Advice(form), cli.Advice("the two forms are " + remoteForms)},
		}
	}
	target, err := helper.ParseRemoteURL(url)
	switch {
	case err != nil:
	case target.Region != "" && !codecommit.ValidRegion(target.Region):
		err = fmt.Errorf("%s is not a region, such as us-east-2", cli.Quote(target.Region))
	default:
		err = codecommit.CheckRepository(target.Repository)
	}
	if err != nil {
		return helper.RemoteURL{}, &cli.Error{
			Err: fmt.Errorf("malformed URL: %w", err),
			Fix: []cli.Hint{cli.Advice("the two forms are " + remoteForms)},
		}
	}
	target.Region = strings.ToLower(target.Region)
	return target, nil
}

// pastedURL says whether a whole URL was put behind "codecommit:", and what
// should stand there instead. The URL itself is not shown: it may hold a
// password.
func pastedURL(url string) (hint string, ok bool) {
	scheme, rest, _ := strings.Cut(url, "://")
	_, behind, nested := strings.Cut(rest, "://")
	if nested {
		rest = behind
	}
	authority, path, _ := strings.Cut(rest, "/")
	ep, ours := codecommit.ParseEndpoint(authority[strings.LastIndexByte(authority, '@')+1:])
	if !nested && !ours && scheme != "https" && scheme != "http" && scheme != "ssh" {
		return "", false
	}
	if repository, ok := codecommit.ParsePath(strings.TrimSuffix(path, "/")); ours && ok {
		return "write codecommit::" + ep.Region + "://" + strings.TrimSuffix(repository, codecommit.DotGit) + ", or the URL alone", true
	}
	return "write the URL alone, without codecommit: before it", true
}

// remoteRegion is the region of the URL, else AWS_DEFAULT_REGION, else that of the
// profile, as in AWS's git-remote-codecommit, else AWS_REGION. Whatever the URL
// says, the profile must be one that can be used: git would ask the credential
// helper later, and tell of the failure at length.
func remoteRegion(p cli.Process, target helper.RemoteURL) (string, error) {
	chain, err := awsprofile.Resolve(awsEnvironment(p), awsprofile.Query{Profile: target.Profile})
	var notFound *awsprofile.ProfileNotFoundError
	if errors.As(err, &notFound) {
		if user, _, password := strings.Cut(target.Profile, ":"); password {
			err = fmt.Errorf("the URL holds a password behind %s, and codecommit:// URLs have none", cli.Quote(user))
			return "", &cli.Error{Err: err, Fix: []cli.Hint{cli.Advice("the two forms are " + remoteForms)}}
		}
		hints := notFound.Hints()
		if notFound.Similar != "" {
			target.Profile = notFound.Similar
			hints = []cli.Hint{cli.Advice("there is a profile " + cli.Quote(notFound.Similar) + ": use " + shell.Word(remoteURL(target)))}
		} else if list := notFound.ProfileList(); list != "" {
			hints = []cli.Hint{cli.Advice("use one of the profiles " + list)}
		}
		return "", &cli.Error{Err: err, Fix: append(hints, cli.Advice("the two forms are "+remoteForms))}
	}
	if err != nil {
		return "", err
	}
	region := strings.ToLower(cmp.Or(target.Region, p.Getenv("AWS_DEFAULT_REGION"), chain.Settings.ProfileRegion, chain.Settings.Region))
	switch {
	case region == "":
		target.Region = "us-east-2"
		return "", &cli.Error{
			Err: errors.New("no region: neither the URL nor the profile names one, and neither AWS_REGION nor AWS_DEFAULT_REGION is set"),
			Fix: []cli.Hint{
				cli.Advice("write it in the URL, such as " + shell.Word(remoteURL(target)) + ", or run: " + setRegion(target.Profile)),
				cli.Advice("the two forms are " + remoteForms),
			},
		}
	case !codecommit.ValidRegion(region):
		return "", &cli.Error{
			Err: fmt.Errorf("the region %s, of the profile or the environment, is not a region such as us-east-2", cli.Quote(region)),
			Fix: []cli.Hint{cli.Run(setRegion(target.Profile)), cli.Advice("the two forms are " + remoteForms)},
		}
	}
	return region, nil
}

// setRegion is the command that writes a region into a profile.
func setRegion(profile string) string {
	line := "aws configure set region us-east-2"
	if profile != "" {
		line += " --profile " + shell.Word(profile)
	}
	return line
}

// remoteURL writes a URL as a person would type it.
func remoteURL(target helper.RemoteURL) string {
	url := "codecommit://"
	if target.Region != "" {
		url = "codecommit::" + target.Region + "://"
	}
	if target.Profile != "" {
		url += target.Profile + "@"
	}
	return url + target.Repository
}

func httpsURL(host string, target helper.RemoteURL) string {
	return "https://" + host + "/v1/repos/" + target.Repository
}

// helperLine is the value of credential.helper that makes git run this program.
func helperLine(p cli.Process, profile, account string) (string, error) {
	program, err := p.Executable()
	if err != nil {
		return "", errors.New("cannot determine the path of this program")
	}
	line := helper.Line{Program: program}
	if profile != "" {
		line.Args = append(line.Args, "--profile="+profile)
	}
	if account != "" {
		line.Args = append(line.Args, "--account="+account)
	}
	return line.String(), nil
}
