package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session"
)

func newForget(p cli.Process, f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "forget [flags]",
		Short: "remove one stored role session",
		Long: `Removes the stored role session that the flags select; without flags, the one that
AWS_PROFILE or the default chain selects. The next git command then gets a new
session. The AWS CLI uses the same stored sessions.

Use this after an administrator has deleted and recreated the role, or has revoked
its sessions. "doctor" prints this command with the right flags.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(cmd.Flags()); err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			chain, err := awsprofile.Resolve(awsEnvironment(p), f.query())
			if err != nil {
				return err
			}
			whose := session.DescribeSource(chain.Source)
			if n := len(chain.Roles); n > 0 {
				whose = chain.Roles[n-1].ARN
			}
			removed, err := session.Forget(chain, sessionOptions(p, f, ""))
			switch {
			case err != nil:
				return err
			case removed:
				_, err = fmt.Fprintf(p.Stdout, "removed the stored session of %s\n", cli.OneLine(whose))
			default:
				_, err = fmt.Fprintf(p.Stdout, "no session of %s is stored\n", cli.OneLine(whose))
			}
			return err
		},
	}
}
