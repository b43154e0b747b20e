package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // for nfpm.Get
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // for nfpm.Get
)

// A family of systems that share a package format.
type family struct {
	format         string // as nfpm has it
	description    string
	zshCompletions string // folder
	depends        []string
	recommends     []string
}

// Git's core is all that is needed of git where it is a package of its own.
// Certificate authorities are needed unless AWS_CA_BUNDLE names others.
var families = []family{
	{
		format:         "deb",
		description:    summary + "\n" + description, // the first line is the summary
		zshCompletions: "/usr/share/zsh/vendor-completions",
		depends:        []string{"git"},
		recommends:     []string{"ca-certificates"},
	},
	{
		format:         "rpm",
		description:    description,
		zshCompletions: "/usr/share/zsh/site-functions",
		depends:        []string{"git-core"},
		recommends:     []string{"ca-certificates"},
	},
}

// packages makes a package of every family for every Linux target.
func (r *release) packages() error {
	for _, t := range r.targets {
		if t.nfpm == "" {
			continue
		}
		for _, f := range families {
			if err := r.pack(t, f); err != nil {
				return fmt.Errorf("%s for %s: %w", f.format, t, err)
			}
		}
	}
	return nil
}

func (r *release) pack(t target, f family) error {
	contents, err := r.contents(t, f)
	if err != nil {
		return err
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: helperName, Arch: t.nfpm, Platform: "linux",
		Version: r.version, Release: "1", MTime: r.time,
		Section: "vcs", Priority: "optional",
		Maintainer: r.maintainer, Homepage: r.homepage,
		Description: f.description,
		// Names are names: nothing here is a pattern.
		DisableGlobbing: true,
		Overridables: nfpm.Overridables{
			Depends: f.depends, Recommends: f.recommends, Contents: contents,
			// Else it would be this machine's name.
			RPM: nfpm.RPM{BuildHost: "localhost", Summary: summary},
		},
	})
	packager, err := nfpm.Get(f.format)
	if err != nil {
		return err
	}
	if err := nfpm.Validate(info); err != nil {
		return err
	}
	return r.write(packager.ConventionalFileName(info), func(w io.Writer) error { return packager.Package(info, w) })
}

// contents are the files of a package.
func (r *release) contents(t target, f family) (files.Contents, error) {
	dir := filepath.Join(r.work, "package", f.format, t.nfpm)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	info := func(mode fs.FileMode) *files.ContentFileInfo {
		return &files.ContentFileInfo{Owner: "root", Group: "root", Mode: mode, MTime: r.time}
	}
	contents := files.Contents{
		{Source: r.binary(t), Destination: "/usr/bin/" + helperName, FileInfo: info(0o755)},
		{Source: helperName, Destination: "/usr/bin/" + remoteName, Type: files.TypeSymlink, FileInfo: info(0o777)},
	}
	for _, extra := range r.extras {
		to, content := f.place(extra), extra.content
		if to == "" {
			continue
		}
		if path.Ext(to) == ".gz" {
			var err error
			if content, err = gzipped(content); err != nil {
				return nil, err
			}
		}
		from := filepath.Join(dir, path.Base(to)+"-"+extra.shell)
		if err := os.WriteFile(from, content, 0o644); err != nil {
			return nil, err
		}
		contents = append(contents, &files.Content{Source: from, Destination: to, FileInfo: info(extra.mode())})
	}
	return contents, nil
}

// place is where a package puts a file; "" for nowhere.
func (f family) place(extra file) string {
	switch extra.kind {
	case manPage:
		return "/usr/share/man/man1/" + extra.name + ".gz"
	case document:
		return "/usr/share/doc/" + helperName + "/" + extra.name
	case completion:
		switch extra.shell {
		case "bash":
			return "/usr/share/bash-completion/completions/" + helperName
		case "zsh":
			return f.zshCompletions + "/" + extra.name
		case "fish":
			return "/usr/share/fish/vendor_completions.d/" + extra.name
		}
	}
	return ""
}
