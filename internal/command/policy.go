package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/iampolicy"
)

// policyFlags say who shall use which repositories, and how that is printed.
type policyFlags struct {
	repositories []string
	region       string
	account      string
	role         string
	maxSession   maxSession

	trustAccount string
	trustRole    string
	trustUser    string
	ec2Role      string
	externalID   string
	requireMFA   bool

	readOnly bool
	gitOnly  bool

	profile string
	format  string
	only    string
}

func newPolicy(p cli.Process) *cobra.Command {
	var f policyFlags
	cmd := &cobra.Command{
		Use:   "policy [flags] ARN...",
		Short: "print the IAM policies that both accounts need",
		Long: `Prints the IAM policies with which users or instances of one account reach
repositories of another one, filled in for the administrator of each account,
and the profile and the setup command that go with them. It asks AWS nothing
and changes nothing.

  ` + cli.Name + ` policy arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo \
    --role MyCrossAccountRepositoryContributorRole --trust-account 888888888888

What is printed as JSON can be read by programs; --format commands runs in a
shell, and --format cloudformation has a template for each account.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := policy(cmd, &f, args)
			if err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			_, err = p.Stdout.Write(out)
			return err
		},
	}
	f.define(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(policyFormats, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("only", cobra.FixedCompletions(policyParts, cobra.ShellCompDirectiveNoFileComp))
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.InheritedFlags().VisitAll(func(flag *pflag.Flag) { flag.Hidden = true })
		cmd.Parent().HelpFunc()(cmd, args)
	})
	return cmd
}

var (
	policyFormats = []string{"json", "commands", "cloudformation"}
	policyParts   = []string{string(iampolicy.ForUserAccount), string(iampolicy.ForRepositoryAccount), string(iampolicy.ForUser)}
)

// define defines the flags. Those that the root command has too mean here what
// they say here.
func (f *policyFlags) define(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringArrayVar(&f.repositories, "repository", nil, "`NAME` of a repository, instead of its ARN (repeatable; needs --region and --account)")
	set.StringVar(&f.region, "region", "", "`REGION` of the --repository")
	set.StringVar(&f.account, "account", "", "account `ID` of the --repository")
	set.StringVar(&f.role, "role", "", "`NAME` of the role to make in the repository's account, with its path if it has one")
	set.Var(&f.maxSession, "max-session", "how `LONG` a session of the role may last: 3600 (seconds) or 1h, the default; up to 12h")
	set.StringVar(&f.trustAccount, "trust-account", "", "trust the account `ID`: its administrator says who of it may use the role")
	set.StringVar(&f.trustRole, "trust-role", "", "trust one role alone: its `ARN`, or its name in the --trust-account")
	set.StringVar(&f.trustUser, "trust-user", "", "trust one IAM user alone: its `ARN`, or its name in the --trust-account")
	set.StringVar(&f.ec2Role, "ec2-role", "", "trust EC2 instances alone, by the role `NAME` and an instance profile to make in the --trust-account")
	set.StringVar(&f.externalID, "external-id", "", "trust only who shows the external `ID`")
	set.BoolVar(&f.requireMFA, "require-mfa", false, "trust only who has shown a second factor")
	set.BoolVar(&f.readOnly, "read-only", false, "allow no change")
	set.BoolVar(&f.gitOnly, "git-only", false, "allow what git does and nothing of the console and the API (the default with --ec2-role)")
	set.StringVar(&f.profile, "profile", "", "`NAME` of the profile in the user's AWS config file (default: the role's name)")
	set.StringVar(&f.format, "format", policyFormats[0], "print as `FORMAT`: "+strings.Join(policyFormats, ", "))
	set.StringVar(&f.only, "only", "", "print one `PART` alone: "+strings.Join(policyParts, ", "))
}

// policy is what the command prints.
func policy(cmd *cobra.Command, f *policyFlags, args []string) ([]byte, error) {
	if err := f.check(cmd); err != nil {
		return nil, err
	}
	purpose, err := f.purpose(args)
	if err != nil {
		return nil, err
	}
	if !cmd.Flags().Changed("git-only") {
		purpose.GitOnly = purpose.Instance
	}
	access, err := iampolicy.New(purpose)
	if err != nil {
		return nil, err
	}
	part := iampolicy.Part(f.only)
	switch f.format {
	case "commands":
		return access.Commands(part), nil
	case "cloudformation":
		return access.Templates(part), nil
	default:
		return access.JSON(part), nil
	}
}

// check refuses flags that contradict each other or say nothing.
func (f *policyFlags) check(cmd *cobra.Command) error {
	var err error
	cmd.InheritedFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && err == nil {
			err = fmt.Errorf("--%s does not go with policy", flag.Name)
		}
	})
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Value.String() == "" && err == nil {
			err = fmt.Errorf("--%s needs a value", flag.Name)
		}
	})
	switch {
	case err != nil:
		return err
	case f.role == "":
		return errors.New("--role is needed: the name of the role to make in the repository's account")
	case !slices.Contains(policyFormats, f.format):
		return fmt.Errorf("--format %s is not one of %s", cli.Quote(f.format), strings.Join(policyFormats, ", "))
	case f.only != "" && !slices.Contains(policyParts, f.only):
		return fmt.Errorf("--only %s is not one of %s", cli.Quote(f.only), strings.Join(policyParts, ", "))
	}
	return nil
}

// purpose is what the flags and arguments ask for.
func (f *policyFlags) purpose(args []string) (iampolicy.Purpose, error) {
	repositories, err := f.parseRepositories(args)
	if err != nil {
		return iampolicy.Purpose{}, err
	}
	partition, account := repositories[0].Partition, repositories[0].Account
	role, err := iampolicy.ParseEntity(iampolicy.Role, partition, account, f.role)
	if err != nil {
		return iampolicy.Purpose{}, fmt.Errorf("--role: %w", err)
	}
	trusted, err := f.trusted(partition)
	return iampolicy.Purpose{
		Repositories: repositories,
		Role:         role,
		Trusted:      trusted,
		Instance:     f.ec2Role != "",
		ExternalID:   f.externalID,
		RequireMFA:   f.requireMFA,
		ReadOnly:     f.readOnly,
		GitOnly:      f.gitOnly,
		MaxSession:   time.Duration(f.maxSession.duration),
		Profile:      f.profile,
	}, err
}

// parseRepositories reads the repositories: ARNs, or names of one region and
// account.
func (f *policyFlags) parseRepositories(args []string) ([]iampolicy.Repository, error) {
	parse, names := iampolicy.ParseRepository, args
	switch {
	case len(args) == 0 && len(f.repositories) == 0:
		return nil, errors.New("no repository given: name its ARN, or --repository with --region and --account")
	case len(args) > 0 && (len(f.repositories) > 0 || f.region != "" || f.account != ""):
		return nil, errors.New("an ARN says it all: --repository, --region and --account do not go with it")
	case len(args) == 0 && (f.region == "" || f.account == ""):
		return nil, errors.New("--repository needs --region and --account")
	case len(args) == 0:
		names = f.repositories
		parse = func(name string) (iampolicy.Repository, error) {
			return iampolicy.NewRepository(f.region, f.account, name)
		}
	}
	var repositories []iampolicy.Repository
	for _, name := range names {
		r, err := parse(name)
		if err != nil {
			return nil, err
		}
		repositories = append(repositories, r)
	}
	return repositories, nil
}

// trusted is who may assume the role: one role or user, or else the account.
func (f *policyFlags) trusted(partition string) (iampolicy.Entity, error) {
	ones := []struct {
		flag  string
		kind  iampolicy.Kind
		value string
	}{
		{"trust-role", iampolicy.Role, f.trustRole},
		{"trust-user", iampolicy.User, f.trustUser},
		{"ec2-role", iampolicy.Role, f.ec2Role},
	}
	one := ones[0]
	for _, other := range ones[1:] {
		if one.value != "" && other.value != "" {
			return iampolicy.Entity{}, fmt.Errorf("--%s and --%s exclude each other", one.flag, other.flag)
		}
		if other.value != "" {
			one = other
		}
	}
	switch {
	case one.value == "" && f.trustAccount == "":
		return iampolicy.Entity{}, errors.New("nobody is trusted: name --trust-account, --trust-role, --trust-user or --ec2-role")
	case one.value == "":
		trusted, err := iampolicy.AccountRoot(partition, f.trustAccount)
		if err != nil {
			err = fmt.Errorf("--trust-account: %w", err)
		}
		return trusted, err
	case f.trustAccount == "" && !strings.HasPrefix(one.value, "arn:"):
		return iampolicy.Entity{}, fmt.Errorf("--%s %s needs --trust-account, or the whole ARN", one.flag, cli.Quote(one.value))
	}
	trusted, err := iampolicy.ParseEntity(one.kind, partition, f.trustAccount, one.value)
	if err != nil {
		err = fmt.Errorf("--%s: %w", one.flag, err)
	}
	return trusted, err
}

// maxSession is a duration with the bounds of a role's setting.
type maxSession struct{ duration }

func (m *maxSession) Set(s string) error {
	if err := m.duration.Set(s); err != nil || time.Duration(m.duration) < time.Hour {
		return errors.New("not between 3600 (1h) and 43200 (12h) seconds")
	}
	return nil
}
