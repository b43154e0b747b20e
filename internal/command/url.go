package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/remote"
)

func newURL(p cli.Process) *cobra.Command {
	return &cobra.Command{
		Use:   "url CODECOMMIT-URL",
		Short: "print the https URL for a codecommit:// URL",
		Long: `Prints the https URL for a codecommit:// URL, for programs that support only https
URLs, such as npm and cargo. The https URL contains no profile: select one with
setup.

  ` + cli.Name + ` url codecommit::us-east-2://MyDemoRepo`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.UsageError(cmd.CommandPath(), fmt.Errorf("url takes one URL"))
			}
			u, err := remote.Parse(args[0])
			if err != nil {
				return err
			}
			git, err := gitconfig.FindFor(p)
			if err != nil {
				return err
			}
			target, err := remote.Resolver{Process: p, Git: git, ParseFlags: parseQuery}.Resolve(cmd.Context(), u)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.Stdout, target.HTTPS)
			return err
		},
	}
}
