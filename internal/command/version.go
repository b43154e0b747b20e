package command

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"git-credential-codecommit/internal/cli"
)

// Set when a release is linked (.goreleaser.yaml):
// -X git-credential-codecommit/internal/command.version=1.2.3, likewise commit.
// Otherwise both come from the build information.
var version, commit string

// A build is what the version command prints.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func newVersion(p cli.Process) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "print version, commit, Go version and platform",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return json.NewEncoder(p.Stdout).Encode(currentBuild())
			}
			return writeVersion(p)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return cmd
}

// writeVersion prints the version for people.
func writeVersion(p cli.Process) error {
	b := currentBuild()
	_, err := fmt.Fprintf(p.Stdout, "%s %s (commit %s, %s, %s/%s)\n", cli.Name, b.Version, b.Commit, b.Go, b.OS, b.Arch)
	return err
}

// currentBuild describes the running program.
func currentBuild() build {
	info, _ := debug.ReadBuildInfo()
	return thisBuild(version, commit, info)
}

// thisBuild describes the running program: with the version and commit that
// were linked, or else those of the build information, which may be nil.
func thisBuild(version, commit string, info *debug.BuildInfo) build {
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
	return build{Version: version, Commit: commit, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
}
