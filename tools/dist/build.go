package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A target is a system to build for.
type target struct {
	os, arch string // GOOS and GOARCH
	archive  string // the name of the architecture in archives
	nfpm     string // and of packages, as nfpm has it; "" for no package
}

// allTargets are the systems of a release. ARMv6 with hardware floating point
// runs on every Raspberry Pi and on ARMv7.
var allTargets = []target{
	{os: "darwin", arch: "amd64", archive: "amd64"},
	{os: "darwin", arch: "arm64", archive: "arm64"},
	{os: "linux", arch: "386", archive: "386", nfpm: "386"},
	{os: "linux", arch: "amd64", archive: "amd64", nfpm: "amd64"},
	{os: "linux", arch: "arm", archive: "armv6", nfpm: "arm6"},
	{os: "linux", arch: "arm64", archive: "arm64", nfpm: "arm64"},
	{os: "windows", arch: "amd64", archive: "amd64"},
	{os: "windows", arch: "arm64", archive: "arm64"},
}

// features are the settings that choose among the generations of an
// architecture: the oldest, but for ARM, and the same whatever the environment
// says.
var features = []string{"GOARM=6", "GO386=sse2", "GOAMD64=v1", "GOARM64=v8.0"}

func (t target) String() string { return t.os + "/" + t.arch }

// exe is what the names of programs end in.
func (t target) exe() string {
	if t.os == "windows" {
		return ".exe"
	}
	return ""
}

// chooseTargets picks from allTargets; "" for all.
func chooseTargets(list string) ([]target, error) {
	if list == "" {
		return allTargets, nil
	}
	var chosen []target
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(allTargets, func(t target) bool { return t.String() == name })
		if i < 0 {
			return nil, fmt.Errorf("target %q is not one of %v", name, allTargets)
		}
		if !slices.Contains(chosen, allTargets[i]) {
			chosen = append(chosen, allTargets[i])
		}
	}
	return chosen, nil
}

// binary is where the program for a target is built.
func (r *release) binary(t target) string {
	return filepath.Join(r.work, t.os+"-"+t.archive, helperName+t.exe())
}

// build builds the program for every target.
func (r *release) build(ctx context.Context) error {
	for _, t := range r.targets {
		fmt.Fprintf(r.stderr, "building for %s\n", t)
		if err := r.goBuild(ctx, r.binary(t), "GOOS="+t.os, "GOARCH="+t.arch); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return nil
}

// goBuild builds the program as it is released: static, without paths of this
// machine, and with nothing in it that the source, the version, the commit and
// Go do not determine.
func (r *release) goBuild(ctx context.Context, to string, env ...string) error {
	variables := helperName + "/command."
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X "+variables+"version="+r.version+" -X "+variables+"commit="+r.commit,
		"-o", to, ".")
	cmd.Dir = r.root
	// Of two values for a variable the last one counts.
	cmd.Env = slices.Concat(r.environ, []string{
		"CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOEXPERIMENT=", "GOFIPS140=off", "PWD=" + r.root,
	}, features, env)
	cmd.Stdout, cmd.Stderr = r.stderr, r.stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return os.Chmod(to, 0o755)
}
