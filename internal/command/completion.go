package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
)

// completionShells are the shells with a completion script.
var completionShells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(p cli.Process) *cobra.Command {
	return &cobra.Command{
		Use:   "completion " + strings.Join(completionShells, "|"),
		Short: "print the completion script for a shell",
		Long: `Prints a script that makes a shell complete this program's commands, flags and
profiles. Packages install it. To install it yourself, run:

  bash
    mkdir -p ~/.local/share/bash-completion/completions
    ` + cli.Name + ` completion bash >~/.local/share/bash-completion/completions/` + cli.Name + `
  zsh, with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc
    mkdir -p ~/.zfunc
    ` + cli.Name + ` completion zsh >~/.zfunc/_` + cli.Name + `
  fish
    mkdir -p ~/.config/fish/completions
    ` + cli.Name + ` completion fish >~/.config/fish/completions/` + cli.Name + `.fish
  PowerShell, in $PROFILE
    ` + cli.Name + ` completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: completionShells,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(completionShells, args[0]) {
				return cli.UsageError(cmd.CommandPath(), fmt.Errorf("completion takes one of %s", strings.Join(completionShells, ", ")))
			}
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(p.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(p.Stdout)
			case "fish":
				return root.GenFishCompletion(p.Stdout, true)
			default:
				return root.GenPowerShellCompletionWithDesc(p.Stdout)
			}
		},
	}
}

// addCompletions registers the completions of flag values and arguments for all
// commands. No value is a file name, so nothing falls back to file names.
func addCompletions(p cli.Process, root *cobra.Command) {
	profiles := func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return profileNames(p), cobra.ShellCompDirectiveNoFileComp
	}
	known := map[string]cobra.CompletionFunc{
		"profile":           profiles,
		"source-profile":    profiles,
		"credential-source": cobra.FixedCompletions(credentialSources, cobra.ShellCompDirectiveNoFileComp),
		"duration":          cobra.FixedCompletions([]string{"15m", "1h", "12h"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder),
	}
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		if cmd.ValidArgsFunction == nil && cmd.ValidArgs == nil {
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		define := func(flag *pflag.Flag) {
			if len(p.Args) > 1 && p.Args[1] == cobra.ShellCompRequestCmd {
				// The backquotes mark the value's name for --help; a shell would
				// show them.
				flag.Usage = strings.ReplaceAll(flag.Usage, "`", "")
			}
			if _, done := cmd.GetFlagCompletionFunc(flag.Name); done || flag.NoOptDefVal != "" {
				return
			}
			complete := known[flag.Name]
			if complete == nil {
				complete = cobra.NoFileCompletions
			}
			_ = cmd.RegisterFlagCompletionFunc(flag.Name, complete) // fails only for unknown flags and repeated calls
		}
		cmd.PersistentFlags().VisitAll(define)
		cmd.Flags().VisitAll(define)
		for _, sub := range cmd.Commands() {
			add(sub)
		}
	}
	add(root)
}

// credentialSources are the values that --credential-source accepts.
var credentialSources = []string{"Ec2InstanceMetadata", "EcsContainer", "Environment"}

// profileNames returns the profiles in the AWS files. It omits names that would
// break the line-based output, and names with characters that make a shell run a
// command, because cobra's bash script evaluates completed words. It ignores
// errors, which completion cannot report.
func profileNames(p cli.Process) []string {
	const evaluated = "$`;&|<>()\\\"'"
	names, _ := awsprofile.Profiles(awsEnvironment(p))
	return slices.DeleteFunc(names, func(name string) bool {
		return name == "" || cli.OneLine(name) != name || strings.ContainsAny(name, evaluated)
	})
}
