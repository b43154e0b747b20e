package command

import (
	"github.com/spf13/cobra"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
)

func newCapability(p cli.Process) *cobra.Command {
	return &cobra.Command{
		Use:   "capability",
		Short: "tell git which parts of the credential protocol this helper speaks",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return helper.WriteCapabilities(p.Stdout) },
	}
}
