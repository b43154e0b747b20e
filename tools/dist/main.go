// Dist makes a release of git-credential-codecommit out of a checkout.
//
//	go -C tools run ./dist [flags]     or: make dist
//
// It puts into dist/ of the checkout, for every system: an archive; for Linux
// also .deb and .rpm packages; a Homebrew formula and a Scoop manifest; an SBOM;
// and SHA256SUMS of it all.
//
// The same source, version, commit, time and Go version give the same bytes,
// wherever and whenever it runs. The time is that of the commit, or
// SOURCE_DATE_EPOCH: https://reproducible-builds.org/specs/source-date-epoch/.
//
// It is a module of its own, so that what makes packages is no dependency of
// the program that is packaged.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		if err != flag.ErrHelp {
			fmt.Fprintln(os.Stderr, "dist: error:", err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	r := &release{environ: environ, stderr: stderr}
	var only string
	set := flag.NewFlagSet("dist", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&r.root, "source", "", "`folder` of the checkout (default: the one that the current folder is in)")
	set.StringVar(&r.out, "out", "", "`folder` to write to, which is replaced (default: dist in the checkout)")
	set.StringVar(&r.version, "version", "", "`version` of the release, such as 1.2.3 (default: git's tag, or a pseudo-version as Go's)")
	set.StringVar(&r.commit, "commit", "", "`commit` of the release (default: git's HEAD)")
	set.StringVar(&r.baseURL, "base-url", "https://downloads.invalid/VERSION", "`URL` of the folder that the files will be downloaded from; VERSION in it is replaced")
	set.StringVar(&r.homepage, "homepage", "https://homepage.invalid/", "`URL` of the project")
	set.StringVar(&r.maintainer, "maintainer", "Unknown <unknown@homepage.invalid>", "`name` and address that packages give as their maintainer's")
	set.StringVar(&only, "targets", "", "build for these `systems` alone, such as linux/amd64,windows/arm64")
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", set.Arg(0))
	}
	var err error
	if r.targets, err = chooseTargets(only); err != nil {
		return err
	}
	if err := r.findSource(ctx); err != nil {
		return err
	}
	r.baseURL = strings.TrimSuffix(strings.ReplaceAll(r.baseURL, "VERSION", r.version), "/")
	return r.make(ctx, stdout)
}
