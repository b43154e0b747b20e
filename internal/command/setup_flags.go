package command

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// setupFlags say where to write, beside those flags that say whose credentials
// are wanted.
type setupFlags struct {
	*flags
	scope         string
	repository    string
	sourceProfile string
	dryRun        bool
	undo          bool
}

var setupScopes = []string{string(gitconfig.Global), string(gitconfig.System), string(gitconfig.Local)}

func (s *setupFlags) define(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringVar(&s.scope, "scope", setupScopes[0], "write for this user (`SCOPE` global), everybody on this machine (system), or the repository it stands in (local)")
	set.StringVar(&s.repository, "repo", "", "only for the repository at `URL`")
	set.StringVar(&s.sourceProfile, "source-profile", "", "add a new profile to the AWS config file, whose role the profile `NAME` assumes")
	set.BoolVar(&s.dryRun, "dry-run", false, "print the commands and lines instead of running and writing them")
	set.BoolVar(&s.undo, "undo", false, "take back what setup wrote, and nothing else")
}

// check refuses flags that contradict each other or cannot be right.
func (s *setupFlags) check(set *pflag.FlagSet) error {
	for _, name := range []string{"repo", "source-profile"} {
		if flag := set.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return fmt.Errorf("--%s needs a value", name)
		}
	}
	common := *s.flags
	if s.addsProfile() {
		common.profile = "" // it is the new one's name, and goes with a source
	}
	if err := common.check(set); err != nil {
		return err
	}
	switch {
	case !slices.Contains(setupScopes, s.scope):
		return fmt.Errorf("--scope %s is not one of %s", cli.Quote(s.scope), strings.Join(setupScopes, ", "))
	case s.sourceProfile != "" && s.credentialSource != "":
		return errors.New("--source-profile and --credential-source exclude each other")
	case s.sourceProfile != "" && s.roleARN == "":
		return errors.New("--source-profile goes with --role-arn")
	case s.sourceProfile != "" && s.profile == "":
		return errors.New("--source-profile goes with --profile, the new profile's name")
	case s.sourceProfile != "" && s.sourceProfile == s.profile:
		return errors.New("--source-profile is the new profile itself")
	}
	for _, word := range s.helperArgs() {
		if cli.OneLine(word) != word {
			return fmt.Errorf("%s holds a control character", cli.Quote(word))
		}
	}
	_, err := s.urls()
	return err
}

// addsProfile says whether the flags describe a new profile.
func (s *setupFlags) addsProfile() bool {
	return s.profile != "" && (s.sourceProfile != "" || s.credentialSource != "")
}

// newProfile is the profile that the flags describe.
func (s *setupFlags) newProfile() awsprofile.NewProfile {
	return awsprofile.NewProfile{
		Name:             s.profile,
		Role:             *s.query().Role,
		SourceProfile:    s.sourceProfile,
		CredentialSource: s.credentialSource,
		Region:           s.region,
	}
}

// urls are the patterns that git's configuration is written for: all hosts of
// CodeCommit and those that the user vouches for, or one repository.
func (s *setupFlags) urls() ([]string, error) {
	if s.repository != "" {
		url, err := s.repositoryURL()
		return []string{url}, err
	}
	var urls []string
	for _, host := range codecommit.HostPatterns() {
		urls = append(urls, "https://"+host)
	}
	for _, host := range s.allowHosts {
		urls = append(urls, "https://"+strings.ToLower(host))
	}
	return urls, nil
}

// repositoryURL is --repo as git's configuration wants it: without user name
// and port.
func (s *setupFlags) repositoryURL() (string, error) {
	u, err := url.Parse(s.repository)
	if err != nil || u.Scheme != "https" {
		return "", fmt.Errorf("--repo %s is not an https URL", cli.Quote(gitconfig.WithoutPassword(s.repository)))
	}
	ep, ours := s.endpoint(u.Host)
	repository, ok := codecommit.ParsePath(strings.Trim(u.Path, "/"))
	if !ours || !ok || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("--repo %s is not the URL of a CodeCommit repository, such as https://git-codecommit.us-east-2.amazonaws.com/v1/repos/NAME", cli.Quote(gitconfig.WithoutPassword(s.repository)))
	}
	if err := codecommit.CheckRepository(repository); err != nil {
		return "", fmt.Errorf("--repo: %w", err)
	}
	return "https://" + strings.ToLower(ep.Host) + "/" + strings.Trim(u.Path, "/"), nil
}

// forEverybody is the command with the same flags, and for everybody on the
// machine.
func (s *setupFlags) forEverybody() string {
	args := s.args()
	if s.sourceProfile != "" {
		args = append(args, "--source-profile", s.sourceProfile)
	}
	return s.typed(gitconfig.System, args)
}

// withProfile is the command with the profile as it is there, and not a new one.
func (s *setupFlags) withProfile() string {
	return s.typed(gitconfig.Scope(s.scope), s.helperArgs())
}

// typed is the command as one types it, with these flags that say whose
// credentials are wanted.
func (s *setupFlags) typed(scope gitconfig.Scope, args []string) string {
	line := cli.Name + " setup"
	if scope != gitconfig.Global {
		line += " --scope " + string(scope)
	}
	for _, arg := range args {
		line += " " + shell.Word(arg)
	}
	if s.repository != "" {
		url, _ := s.repositoryURL() // check has looked
		line += " --repo " + shell.Word(url)
	}
	if s.dryRun {
		line += " --dry-run"
	}
	if s.undo {
		line += " --undo"
	}
	return line
}
