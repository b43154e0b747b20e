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

// Set by the linker in releases (.goreleaser.yaml): -X
// git-credential-codecommit/internal/command.version=1.2.3, and commit. Otherwise
// both come from the build information.
var version, commit string

// A build is the output of the version command.
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

// writeVersion prints the version as text.
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

// thisBuild describes the running program. Version and commit are the linked
// values; if they are empty, info provides them. Info may be nil.
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
