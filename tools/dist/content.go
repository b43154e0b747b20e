package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
)

// A file is one of those that go with the program.
type file struct {
	kind    kind
	name    string // its own name; a document's with its folder in the source
	content []byte
	shell   string // for a completion
}

type kind int

const (
	manPage kind = iota
	completion
	document
	installer
)

// documents are the README and what it links to.
var documents = []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "doc/cross-account.md", "doc/performance.md"}

// collect gathers the files that go with the program. Completions are what the
// program itself prints.
func (r *release) collect(ctx context.Context) error {
	read := func(k kind, dir, name string) error {
		content, err := os.ReadFile(filepath.Join(r.root, dir, name))
		if err == nil {
			r.extras = append(r.extras, file{kind: k, name: name, content: content})
		}
		return err
	}
	for _, name := range []string{helperName + ".1", remoteName + ".1"} {
		if err := read(manPage, "doc", name); err != nil {
			return err
		}
	}
	for _, name := range documents {
		if err := read(document, "", name); err != nil {
			return err
		}
	}
	if err := read(document, "", "LICENSE"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := read(installer, "", "install.sh"); err != nil {
		return err
	}

	host := filepath.Join(r.work, "host", helperName)
	if runtime.GOOS == "windows" {
		host += ".exe"
	}
	if err := r.goBuild(ctx, host, "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH); err != nil {
		return err
	}
	for _, c := range []struct{ shell, name string }{
		{"bash", helperName + ".bash"},
		{"zsh", "_" + helperName},
		{"fish", helperName + ".fish"},
		{"powershell", helperName + ".ps1"},
	} {
		script, err := exec.CommandContext(ctx, host, "completion", c.shell).Output()
		if err != nil {
			return fmt.Errorf("completion for %s: %w", c.shell, err)
		}
		r.extras = append(r.extras, file{kind: completion, name: c.name, content: script, shell: c.shell})
	}
	return nil
}

// inArchive is where a file stands in an archive.
func (f file) inArchive() string {
	switch f.kind {
	case manPage:
		return path.Join("man", f.name)
	case completion:
		return path.Join("completions", f.name)
	default:
		return f.name
	}
}

// mode is the file's mode, in archives and in packages.
func (f file) mode() fs.FileMode {
	if f.kind == installer {
		return 0o755
	}
	return 0o644
}

// gzipped compresses what a packaged man page is compressed with: without a
// name and a time.
func gzipped(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}
