package command

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/setup"
)

// setupFlags are the flags of setup: credential flags, and what to write.
type setupFlags struct {
	*flags
	scope         string
	repository    string
	folder        string
	sourceProfile string
	ssoStartURL   string
	ssoRegion     string
	ssoAccount    string
	ssoRole       string
	allPartitions bool
	dryRun        bool
	undo          bool
}

var setupScopes = []string{string(gitconfig.Global), string(gitconfig.System), string(gitconfig.Local)}

func (s *setupFlags) define(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringVar(&s.scope, "scope", setupScopes[0], "configure git in `SCOPE`: global (this user), system (all users of this machine) or local (the current repository)")
	set.StringVar(&s.repository, "repo", "", "configure only the repository at `URL`")
	set.StringVar(&s.folder, "folder", "", "configure only repositories below `DIR`")
	set.StringVar(&s.sourceProfile, "source-profile", "", "add a profile to the AWS config file that assumes the role with credentials of the profile `NAME`")
	set.StringVar(&s.ssoStartURL, "sso-start-url", "", "add a profile to the AWS config file that signs in to the IAM Identity Center at `URL`")
	set.StringVar(&s.ssoRegion, "sso-region", "", "`REGION` of that IAM Identity Center")
	set.StringVar(&s.ssoAccount, "sso-account", "", "account `ID` (12 digits) of the new profile (default: choose in the terminal)")
	set.StringVar(&s.ssoRole, "sso-role", "", "`NAME` of your role in that account (default: choose in the terminal)")
	set.BoolVar(&s.allPartitions, "all-partitions", false, "configure the hosts of all AWS partitions, not only the partition of the role or region")
	set.BoolVar(&s.dryRun, "dry-run", false, "print the changes as shell commands instead of making them")
	set.BoolVar(&s.undo, "undo", false, "remove what setup wrote, and nothing else")
}

// request checks the flags and returns the request that they describe.
func (s *setupFlags) request(set *pflag.FlagSet) (setup.Request, error) {
	for _, name := range []string{"repo", "folder", "source-profile", "sso-start-url", "sso-region", "sso-account", "sso-role"} {
		if flag := set.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return setup.Request{}, fmt.Errorf("--%s requires a value", name)
		}
	}
	addsProfile := s.profile != "" && (s.sourceProfile != "" || s.credentialSource != "" || s.ssoStartURL != "")
	if err := s.checkSSO(); err != nil {
		return setup.Request{}, err
	}
	common := *s.flags
	if addsProfile {
		common.profile = "" // it names the new profile, so it can be combined with a source
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
			Name: s.profile, SourceProfile: s.sourceProfile, CredentialSource: s.credentialSource, Region: s.region,
		}
		if s.ssoStartURL != "" {
			r.Flags = append(r.Flags, s.ssoArgs()...)
			r.Region = cmp.Or(r.Region, s.ssoRegion) // determines the partition
			r.NewProfile.SSO = &awsprofile.SSO{StartURL: s.ssoStartURL, Region: s.ssoRegion, AccountID: s.ssoAccount, RoleName: s.ssoRole}
		} else {
			r.NewProfile.Role = *r.Query.Role
		}
		r.Query = awsprofile.Query{Profile: s.profile}
		// The profile in the AWS file has the other settings.
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

// checkSSO checks the flags for an IAM Identity Center profile.
func (s *setupFlags) checkSSO() error {
	if s.ssoStartURL == "" {
		for _, flag := range []struct{ name, value string }{{"sso-region", s.ssoRegion}, {"sso-account", s.ssoAccount}, {"sso-role", s.ssoRole}} {
			if flag.value != "" {
				return fmt.Errorf("--%s requires --sso-start-url", flag.name)
			}
		}
		return nil
	}
	if err := identitycenter.CheckStartURL(s.ssoStartURL); err != nil {
		return fmt.Errorf("--sso-start-url: %w", err)
	}
	switch {
	case s.profile == "":
		return errors.New("--sso-start-url requires --profile, the new profile's name")
	case s.ssoRegion == "":
		return errors.New("--sso-start-url requires --sso-region")
	case !codecommit.ValidRegion(s.ssoRegion):
		return fmt.Errorf("--sso-region %s is not a region, such as us-east-2", cli.Quote(s.ssoRegion))
	case s.ssoAccount != "" && !arn.ValidAccount(s.ssoAccount):
		return fmt.Errorf("--sso-account %s is not an account ID of 12 digits", cli.Quote(s.ssoAccount))
	case s.ssoRole != "" && s.ssoAccount == "":
		return errors.New("--sso-role requires --sso-account")
	case s.roleARN != "" || s.sourceProfile != "" || s.credentialSource != "":
		return errors.New("--sso-start-url cannot be used with --role-arn, --source-profile or --credential-source")
	}
	return nil
}

// ssoArgs returns the flags for an IAM Identity Center profile, in the order of
// define.
func (s *setupFlags) ssoArgs() (args []string) {
	for _, flag := range []struct{ name, value string }{
		{"--sso-start-url", s.ssoStartURL}, {"--sso-region", s.ssoRegion}, {"--sso-account", s.ssoAccount}, {"--sso-role", s.ssoRole},
	} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	return args
}

// repositoryURL returns --repo in the form for git's configuration: without
// username and port.
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

// args returns the flags that are set, in the order of define.
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
