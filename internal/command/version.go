package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// Set when a release is linked, with -X git-credential-codecommit/command.version=1.2.3
// and the same of commit. Else the build information tells both.
var version, commit string

func newVersion(p Process) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print version, commit, Go version and platform",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			version, commit := versionOf(version, commit, info)
			_, err := fmt.Fprintf(p.Stdout, "%s %s (commit %s, %s, %s/%s)\n",
				Name, version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// versionOf is the version and the commit that were linked, or else what the
// build information knows; nil for no build information.
func versionOf(version, commit string, info *debug.BuildInfo) (string, string) {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	if version == "" {
		version = strings.TrimPrefix(info.Main.Version, "v")
	}
	if version == "" {
		version = "(devel)"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && commit == "" {
			commit = s.Value
		}
	}
	if commit == "" {
		commit = "unknown"
	}
	return version, commit
}
