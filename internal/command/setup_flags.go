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
	"git-credential-codecommit/internal/setup"
)

// setupFlags are the flags of setup: the credential flags, and what to write.
type setupFlags struct {
	*flags
	scope         string
	repository    string
	folder        string
	sourceProfile string
	allPartitions bool
	dryRun        bool
	undo          bool
}

var setupScopes = []string{string(gitconfig.Global), string(gitconfig.System), string(gitconfig.Local)}

func (s *setupFlags) define(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringVar(&s.scope, "scope", setupScopes[0], "write for this user (`SCOPE` global), all users of this machine (system), or the current repository (local)")
	set.StringVar(&s.repository, "repo", "", "only for the repository at `URL`")
	set.StringVar(&s.folder, "folder", "", "only for repositories below `DIR`")
	set.StringVar(&s.sourceProfile, "source-profile", "", "add a new profile to the AWS config file, whose role the profile `NAME` assumes")
	set.BoolVar(&s.allPartitions, "all-partitions", false, "for the hosts of all AWS partitions, not only that of the role or region")
	set.BoolVar(&s.dryRun, "dry-run", false, "print the changes as shell commands instead of making them")
	set.BoolVar(&s.undo, "undo", false, "remove what setup wrote, and nothing else")
}

// request checks the flags and returns what they ask for.
func (s *setupFlags) request(set *pflag.FlagSet) (setup.Request, error) {
	for _, name := range []string{"repo", "folder", "source-profile"} {
		if flag := set.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return setup.Request{}, fmt.Errorf("--%s requires a value", name)
		}
	}
	addsProfile := s.profile != "" && (s.sourceProfile != "" || s.credentialSource != "")
	common := *s.flags
	if addsProfile {
		common.profile = "" // it is the new profile's name, and goes with a source
	}
	if err := common.check(set); err != nil {
		return setup.Request{}, err
	}
	switch {
	case !slices.Contains(setupScopes, s.scope):
		return setup.Request{}, fmt.Errorf("--scope %s is not one of %s", cli.Quote(s.scope), strings.Join(setupScopes, ", "))
	case s.sourceProfile != "" && s.credentialSource != "":
		return setup.Request{}, errors.New("--source-profile and --credential-source cannot be used together")
	case s.sourceProfile != "" && s.roleARN == "":
		return setup.Request{}, errors.New("--source-profile requires --role-arn")
	case s.sourceProfile != "" && s.profile == "":
		return setup.Request{}, errors.New("--source-profile requires --profile, the new profile's name")
	case s.sourceProfile != "" && s.sourceProfile == s.profile:
		return setup.Request{}, errors.New("--source-profile is the new profile itself")
	case s.folder != "" && s.scope == string(gitconfig.Local):
		return setup.Request{}, errors.New("--folder and --scope local cannot be used together")
	case s.repository != "" && s.allPartitions:
		return setup.Request{}, errors.New("--repo and --all-partitions cannot be used together")
	}
	r := setup.Request{
		Scope: gitconfig.Scope(s.scope), Folder: s.folder, AllPartitions: s.allPartitions,
		Query: s.query(), Args: s.args(), Flags: s.args(), Region: s.region, AllowHosts: s.allowHosts,
		DryRun: s.dryRun, Undo: s.undo,
	}
	if s.sourceProfile != "" {
		r.Flags = append(r.Flags, "--source-profile", s.sourceProfile)
	}
	if addsProfile {
		r.NewProfile = &awsprofile.NewProfile{
			Name: s.profile, Role: *r.Query.Role, SourceProfile: s.sourceProfile, CredentialSource: s.credentialSource, Region: s.region,
		}
		r.Query = awsprofile.Query{Profile: s.profile}
		// The profile says the rest.
		line := flags{profile: s.profile, account: s.account, allowHosts: s.allowHosts, noCache: s.noCache}
		if len(s.allowHosts) > 0 {
			line.region = s.region
		}
		r.Args = line.args()
	}
	for _, word := range r.Args {
		if cli.OneLine(word) != word {
			return setup.Request{}, fmt.Errorf("%s contains a control character", cli.Quote(word))
		}
	}
	if s.repository != "" {
		var err error
		if r.Repository, err = s.repositoryURL(); err != nil {
			return setup.Request{}, err
		}
	}
	return r, nil
}

// repositoryURL is --repo as it is written to git's configuration: without user
// name and port.
func (s *setupFlags) repositoryURL() (string, error) {
	u, err := url.Parse(s.repository)
	if err != nil || u.Scheme != "https" {
		return "", fmt.Errorf("--repo %s is not an https URL", cli.Quote(cli.RedactURL(s.repository)))
	}
	ep, ours := s.endpoint(u.Host)
	repository, err := ep.ParsePath(strings.TrimPrefix(u.Path, "/"))
	extra := u.RawQuery != "" || u.Fragment != ""
	if ours && ep.Connections {
		if err != nil || extra {
			return "", fmt.Errorf("--repo %s is not the URL of a CodeConnections repository; the form is %s", cli.Quote(cli.RedactURL(s.repository)), ep.URLForm())
		}
		return "https://" + strings.ToLower(ep.Host) + "/" + strings.Trim(u.EscapedPath(), "/"), nil
	}
	if !ours || err != nil || extra {
		return "", fmt.Errorf("--repo %s is not the URL of a CodeCommit repository, such as https://git-codecommit.us-east-2.amazonaws.com/v1/repos/NAME", cli.Quote(cli.RedactURL(s.repository)))
	}
	if err := codecommit.CheckRepository(repository.Name); err != nil {
		return "", fmt.Errorf("--repo: %w", err)
	}
	return "https://" + strings.ToLower(ep.Host) + "/" + strings.Trim(u.Path, "/"), nil
}

// args writes the flags as one would type them, in the order of define.
func (f *flags) args() []string {
	var args []string
	for _, flag := range []struct{ name, value string }{
		{"--profile", f.profile},
		{"--role-arn", f.roleARN},
		{"--external-id", f.externalID},
		{"--mfa-serial", f.mfaSerial},
		{"--role-session-name", f.roleSessionName},
		{"--duration", f.duration.String()},
		{"--credential-source", f.credentialSource},
		{"--region", f.region},
		{"--account", f.account},
	} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	for _, host := range f.allowHosts {
		args = append(args, "--allow-host", host)
	}
	if f.noCache {
		args = append(args, "--no-cache")
	}
	return args
}
