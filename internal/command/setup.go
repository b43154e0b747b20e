package command

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/setup"
)

// setupTimeout is much longer than setup's git processes and locks take.
const setupTimeout = time.Minute

func newSetup(p cli.Process, f *flags) *cobra.Command {
	s := setupFlags{flags: f}
	cmd := &cobra.Command{
		Use:   "setup [flags]",
		Short: "configure git to use only this helper for CodeCommit",
		Long: `Configures git to use only this helper for CodeCommit. All other configuration is
unchanged. If a conditional include of yours configures a helper for CodeCommit,
that helper keeps precedence in its folders. If the profile does not exist yet,
setup only warns.

  ` + cli.Name + ` setup --profile NAME
  ` + cli.Name + ` setup --profile OTHER --folder ~/other
  ` + cli.Name + ` setup --scope system --role-arn ARN --credential-source Ec2InstanceMetadata

Credential flags become part of the helper line in git's configuration. With
--source-profile or --credential-source, setup adds a new profile to the AWS
config file:

  ` + cli.Name + ` setup --profile NAME --role-arn ARN --source-profile default

--sso-start-url adds a profile for IAM Identity Center in the same way:

  ` + cli.Name + ` setup --profile NAME --sso-start-url URL --sso-region REGION`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			debug.SetMemoryLimit(maxMemory)
			request, err := s.request(cmd.Flags())
			if err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			git, err := gitconfig.FindFor(p)
			if err != nil {
				return err
			}
			files := awsprofile.Open(awsEnvironment(p))
			if request.NewProfile != nil && request.NewProfile.SSO != nil {
				if err := s.chooseRole(cmd.Context(), p, files, &request); err != nil {
					return err
				}
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), setupTimeout)
			defer cancel()
			return setup.Run(ctx, setup.Setup{
				Request: request,
				Process: p,
				Git:     git,
				AWS:     files,
				Hints:   cli.HintsOf,
			})
		},
	}
	s.define(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(setupScopes, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.MarkFlagDirname("folder")
	return cmd
}
