package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/iampolicy"
	"git-credential-codecommit/internal/shell"
)

func newPolicy(p cli.Process) *cobra.Command {
	var f policyFlags
	cmd := &cobra.Command{
		Use:   "policy [flags] ARN...",
		Short: "print the IAM policies that both accounts need",
		Long: `Prints the IAM policies that give users, EC2 instances or CI jobs of one account
access to repositories of another, ready for the administrator of each account,
with the matching profile and setup command. An ARN can also be that of a
CodeConnections connection. policy makes no requests and changes nothing in AWS.

  ` + cli.Name + ` policy arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo \
    --role MyCrossAccountRepositoryContributorRole --trust-account 888888888888

--format json is for programs; --format commands prints a shell script that calls
the AWS CLI. cloudformation and terraform print one account at a time: use --only
or --output. --document prints a single document.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return policy(p, cmd, &f, args)
		},
	}
	f.define(cmd.Flags())
	for flag, values := range map[string][]string{"format": policyFormats, "only": policyParts, "document": policyDocuments} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.MarkFlagDirname("output")
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.InheritedFlags().VisitAll(func(flag *pflag.Flag) { flag.Hidden = true })
		cmd.Parent().HelpFunc()(cmd, args)
	})
	return cmd
}

// Output formats.
const (
	formatJSON           = "json"
	formatCommands       = "commands"
	formatCloudFormation = "cloudformation"
	formatTerraform      = "terraform"
)

var (
	policyFormats   = []string{formatJSON, formatCommands, formatCloudFormation, formatTerraform}
	policyParts     = []string{string(iampolicy.ForUserAccount), string(iampolicy.ForRepositoryAccount), string(iampolicy.ForUser)}
	policyDocuments = []string{
		string(iampolicy.TrustDocument), string(iampolicy.AccessDocument), string(iampolicy.AssumeRoleDocument),
		string(iampolicy.InstanceTrustDocument), string(iampolicy.WebIdentityTrustDocument), string(iampolicy.ProfileDocument),
	}
)

// policy prints the requested documents, or writes them to files.
func policy(p cli.Process, cmd *cobra.Command, f *policyFlags, args []string) error {
	access, err := f.access(cmd, args)
	if err != nil {
		return cli.UsageError(cmd.CommandPath(), err)
	}
	part := iampolicy.Part(f.only)
	if (part == iampolicy.ForUserAccount) && access.UserAccount == nil {
		return cli.UsageError(cmd.CommandPath(), errors.New("--only user-account has nothing to print: the CI jobs assume the role in the repository's account"))
	}
	var out []byte
	switch {
	case f.document != "":
		if out, err = access.Document(iampolicy.DocumentKind(f.document)); err != nil {
			return cli.UsageError(cmd.CommandPath(), fmt.Errorf("--document %s: %w", f.document, err))
		}
	case f.output != "":
		if out, err = writePolicy(access, f.output, f.format, part); err != nil {
			return err
		}
	case part == iampolicy.ForAll && f.oneAccountAtATime() && len(access.Accounts()) == 1:
		out = printPolicy(access, f.format, access.Accounts()[0])
	case part == iampolicy.ForAll && f.oneAccountAtATime():
		return &cli.Error{
			Err:  fmt.Errorf("--format %s describes one account at a time", f.format),
			Fix:  oneForEach(p.Args[1:], access.Accounts()),
			Exit: cli.ExitUsage,
		}
	default:
		out = printPolicy(access, f.format, part)
	}
	_, err = p.Stdout.Write(out)
	return err
}

// oneForEach returns the commands that print each part separately. Args are this
// process's arguments.
func oneForEach(args []string, parts []iampolicy.Part) []cli.Hint {
	var words []string
	for _, arg := range args {
		words = append(words, shell.Typed(arg))
	}
	var hints []cli.Hint
	for _, part := range parts {
		hints = append(hints, cli.RunThis(strings.Join(words, " ")+" --only "+string(part)))
	}
	return hints
}

// printPolicy returns a part in a format.
func printPolicy(access iampolicy.Access, format string, part iampolicy.Part) []byte {
	switch format {
	case formatCommands:
		return access.Commands(part)
	case formatCloudFormation:
		return access.Template(part)
	case formatTerraform:
		return access.Terraform(part)
	default:
		return access.JSON(part)
	}
}

// access checks the flags and arguments, and returns the access that they describe.
func (f *policyFlags) access(cmd *cobra.Command, args []string) (iampolicy.Access, error) {
	if err := f.check(cmd); err != nil {
		return iampolicy.Access{}, err
	}
	purpose, err := f.purpose(args)
	if err != nil {
		return iampolicy.Access{}, err
	}
	if !cmd.Flags().Changed("git-only") {
		purpose.GitOnly = purpose.Instance || purpose.Jobs != nil
	}
	return iampolicy.New(purpose)
}

// check returns an error for flags that are empty or contradict each other.
func (f *policyFlags) check(cmd *cobra.Command) error {
	var err error
	cmd.InheritedFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && err == nil {
			err = fmt.Errorf("--%s cannot be used with policy", flag.Name)
		}
	})
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Value.String() == "" && err == nil {
			err = fmt.Errorf("--%s requires a value", flag.Name)
		}
	})
	if err != nil {
		return err
	}
	if f.role == "" {
		return errors.New("--role is required: the name of the role to create in the repository's account")
	}
	for _, choice := range []struct {
		flag, value string
		values      []string
	}{{"format", f.format, policyFormats}, {"only", f.only, policyParts}, {"document", f.document, policyDocuments}} {
		if choice.value != "" && !slices.Contains(choice.values, choice.value) {
			return fmt.Errorf("--%s %s is not one of %s", choice.flag, cli.Quote(choice.value), strings.Join(choice.values, ", "))
		}
	}
	if f.document != "" {
		for _, other := range []string{"format", "only", "output"} {
			if cmd.Flags().Changed(other) {
				return fmt.Errorf("--document and --%s cannot be used together", other)
			}
		}
	}
	if f.output != "" && f.only == string(iampolicy.ForUser) {
		return errors.New("--output writes the accounts' files: it cannot be used with --only user")
	}
	return nil
}

// oneAccountAtATime reports whether the format can describe only one account,
// because a template is deployed, or a configuration applied, in one account.
func (f *policyFlags) oneAccountAtATime() bool {
	return f.format == formatCloudFormation || f.format == formatTerraform
}
