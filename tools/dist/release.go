package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// The program's two names, and what packages say of it.
const (
	helperName  = "git-credential-codecommit"
	remoteName  = "git-remote-codecommit"
	summary     = "git credential helper for AWS CodeCommit"
	description = `Gives git access to AWS CodeCommit over HTTPS, with the profiles and roles of
the AWS configuration files, EC2 instances and containers. It comes with
git-remote-codecommit for codecommit:// URLs. Neither Python nor the AWS CLI
is needed.`
)

// sumsName is the file that holds the checksums of all others.
const sumsName = "SHA256SUMS"

// A release is one version of the program for all systems.
type release struct {
	environ []string
	stderr  io.Writer

	root    string // of the checkout
	out     string
	version string // without a leading v
	commit  string
	time    time.Time // of every file

	baseURL    string // where the files will be
	homepage   string
	maintainer string

	targets []target

	work   string            // scratch folder
	new    string            // what becomes out
	sums   map[string]string // file in out → SHA-256 in hex
	extras []file            // man pages, completions and documents
}

// make makes everything and puts it into place.
func (r *release) make(ctx context.Context, stdout io.Writer) (err error) {
	if err := r.mayReplace(); err != nil {
		return err
	}
	if r.work, err = os.MkdirTemp("", "dist-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.work)
	if err := os.MkdirAll(filepath.Dir(r.out), 0o755); err != nil {
		return err
	}
	// In the folder of out, so that it can be renamed.
	if r.new, err = os.MkdirTemp(filepath.Dir(r.out), ".dist-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.new)
	if err := os.Chmod(r.new, 0o755); err != nil {
		return err
	}

	r.sums = map[string]string{}
	if err := r.build(ctx); err != nil {
		return err
	}
	if err := r.collect(ctx); err != nil {
		return err
	}
	for _, step := range []func() error{r.archives, r.packages, r.sbom, r.formula, r.manifest, r.writeSums} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.Rename(r.new, r.out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s %s (commit %s): %d files in %s\n", helperName, r.version, r.commit, len(r.sums)+1, r.out)
	return err
}

// mayReplace refuses to remove a folder that holds anything but a release.
func (r *release) mayReplace() error {
	entries, err := os.ReadDir(r.out)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(r.out, sumsName)); err != nil {
		return fmt.Errorf("%s is there and is not a release", r.out)
	}
	return nil
}

// write makes a file of the release.
func (r *release) write(name string, content func(io.Writer) error) error {
	f, err := os.OpenFile(filepath.Join(r.new, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if err := content(io.MultiWriter(f, sum)); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	r.sums[name] = hex.EncodeToString(sum.Sum(nil))
	return os.Chtimes(filepath.Join(r.new, name), r.time, r.time)
}

// writeSums writes what sha256sum --check reads.
func (r *release) writeSums() error {
	sums := maps.Clone(r.sums)
	err := r.write(sumsName, func(w io.Writer) error {
		for _, name := range slices.Sorted(maps.Keys(sums)) {
			if _, err := fmt.Fprintf(w, "%s  %s\n", sums[name], name); err != nil {
				return err
			}
		}
		return nil
	})
	delete(r.sums, sumsName)
	return err
}
