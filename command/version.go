package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set when a release is linked: -X git-credential-codecommit/command.version=1.2.3.
var version string

func newVersion(p Process) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print version, commit, Go version and platform",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			name, commit := version, "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				if name == "" {
					name = info.Main.Version
				}
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						commit = s.Value
					}
				}
			}
			if name == "" {
				name = "(devel)"
			}
			_, err := fmt.Fprintf(p.Stdout, "%s %s (commit %s, %s, %s/%s)\n",
				Name, name, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
