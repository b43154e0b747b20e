package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// TestRelease makes a release twice, from two folders, and compares.
func TestRelease(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds the program for two systems")
	}
	root, err := findRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	makeRelease(t, copySource(t, root, filepath.Join(dir, "one")), out)
	again := filepath.Join(dir, "again")
	makeRelease(t, copySource(t, root, filepath.Join(dir, "quite", "another place")), again)
	makeRelease(t, filepath.Join(dir, "one"), again) // in the place of a release

	files, others := readDir(t, out), readDir(t, again)
	for name, content := range files {
		if !bytes.Equal(content, others[name]) {
			t.Errorf("%s differs", name)
		}
	}
	if len(files) != len(others) {
		t.Errorf("one has %d files, another %d", len(files), len(others))
	}

	const folder = "git-credential-codecommit-1.2.3-rc.1-"
	linux, windows := folder+"linux-amd64", folder+"windows-amd64"
	rest := []string{
		"CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "doc/cross-account.md", "doc/performance.md",
		"completions/_git-credential-codecommit", "completions/git-credential-codecommit.bash",
		"completions/git-credential-codecommit.fish", "completions/git-credential-codecommit.ps1",
		"man/git-credential-codecommit.1", "man/git-remote-codecommit.1",
	}
	if _, err := os.Stat(filepath.Join(root, "LICENSE")); err == nil {
		rest = append(rest, "LICENSE")
	}
	wantList(t, listTar(t, files[linux+".tar.gz"]), linux, append([]string{
		"git-credential-codecommit", "git-remote-codecommit → git-credential-codecommit", "install.sh",
	}, rest...))
	wantList(t, listZip(t, files[windows+".zip"]), windows, append([]string{
		"git-credential-codecommit.exe", "git-remote-codecommit.exe",
	}, rest...))
	checkLinks(t, root, rest)
	checkSums(t, files)
	checkSBOM(t, files[folder[:len(folder)-1]+".cdx.json"])

	hash := func(name string) string {
		sum := sha256.Sum256(files[name])
		return hex.EncodeToString(sum[:])
	}
	wantIn(t, string(files["git-credential-codecommit.rb"]),
		`url "https://example.com/v/1.2.3-rc.1/`+linux+`.tar.gz"`, hash(linux+".tar.gz"), `homepage "https://example.com/"`)
	wantIn(t, string(files["git-credential-codecommit.json"]),
		`"url": "https://example.com/v/1.2.3-rc.1/`+windows+`.zip"`, hash(windows+".zip"), `"extract_dir": "`+windows+`"`)
	checkPackages(t, out)
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		checkArchive(t, filepath.Join(out, linux+".tar.gz"), linux)
	}
}

// checkLinks looks whether what the documents of an archive link to is there.
func checkLinks(t *testing.T, root string, names []string) {
	t.Helper()
	link := regexp.MustCompile(`\]\(([^)#]+)`)
	for _, name := range names {
		if path.Ext(name) != ".md" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if to := path.Join(path.Dir(name), m[1]); !strings.Contains(m[1], "://") && !slices.Contains(names, to) {
				t.Errorf("%s links to %s, which is not there", name, to)
			}
		}
	}
}

func makeRelease(t *testing.T, source, out string) {
	t.Helper()
	var said bytes.Buffer
	environ := append(os.Environ(), "SOURCE_DATE_EPOCH=1767225600", "GOAMD64=v3", "GOFLAGS=-buildvcs=true")
	err := run(t.Context(), []string{
		"-source", source, "-out", out, "-version", "v1.2.3-rc.1", "-commit", "0123456789abcdef",
		"-base-url", "https://example.com/v/VERSION/", "-homepage", "https://example.com/",
		"-targets", "linux/amd64,windows/amd64",
	}, environ, io.Discard, &said)
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
}

// copySource copies what a release is made from.
func copySource(t *testing.T, from, to string) string {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "dist", "test", "tools"}, name) {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func readDir(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func wantIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

func wantList(t *testing.T, got []string, folder string, want []string) {
	t.Helper()
	for i, name := range want {
		want[i] = folder + "/" + name
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", folder, got, want)
	}
}

func listTar(t *testing.T, content []byte) (names []string) {
	t.Helper()
	gz, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(gz)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		name := h.Name
		if h.Linkname != "" {
			name += " → " + h.Linkname
		}
		names = append(names, name)
	}
}

func listZip(t *testing.T, content []byte) (names []string) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		names = append(names, f.Name)
	}
	return names
}

// checkSums compares SHA256SUMS with every other file.
func checkSums(t *testing.T, files map[string][]byte) {
	t.Helper()
	var want strings.Builder
	for _, name := range sortedNames(files) {
		if name != sumsName {
			fmt.Fprintf(&want, "%x  %s\n", sha256.Sum256(files[name]), name)
		}
	}
	if got := string(files[sumsName]); got != want.String() {
		t.Errorf("%s is\n%swant\n%s", sumsName, got, want.String())
	}
}

func sortedNames(files map[string][]byte) (names []string) {
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// checkSBOM reads the SBOM back, and looks for what must be in it.
func checkSBOM(t *testing.T, content []byte) {
	t.Helper()
	var bom cdx.BOM
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&bom); err != nil {
		t.Fatal(err)
	}
	refs := map[string]bool{bom.Metadata.Component.BOMRef: true}
	modules := map[string]bool{}
	for _, c := range *bom.Components {
		if refs[c.BOMRef] {
			t.Errorf("two components are %q", c.BOMRef)
		}
		refs[c.BOMRef], modules[c.Name] = true, true
	}
	for _, name := range []string{"stdlib", "github.com/spf13/cobra", "github.com/aws/aws-sdk-go-v2/service/sts", "linux-amd64/git-credential-codecommit"} {
		if !modules[name] {
			t.Errorf("%s is missing", name)
		}
	}
	for _, dependency := range *bom.Dependencies {
		for _, ref := range append(*dependency.Dependencies, dependency.Ref) {
			if !refs[ref] {
				t.Errorf("%q is no component", ref)
			}
		}
	}
	if strings.Contains(string(content), os.TempDir()) {
		t.Error("a path of this machine is in it")
	}
}

// checkPackages has the tools that are here list the packages.
func checkPackages(t *testing.T, dir string) {
	t.Helper()
	want := []string{
		"/usr/bin/git-credential-codecommit", "/usr/bin/git-remote-codecommit",
		"/usr/share/man/man1/git-credential-codecommit.1.gz", "/usr/share/man/man1/git-remote-codecommit.1.gz",
		"/usr/share/bash-completion/completions/git-credential-codecommit",
		"/usr/share/fish/vendor_completions.d/git-credential-codecommit.fish",
		"_git-credential-codecommit", "/usr/share/doc/git-credential-codecommit/README.md",
		"/usr/share/doc/git-credential-codecommit/doc/cross-account.md",
	}
	for _, test := range []struct {
		name string
		list []string
	}{
		{"git-credential-codecommit_1.2.3~rc.1-1_amd64.deb", []string{"dpkg-deb", "--contents"}},
		{"git-credential-codecommit-1.2.3~rc.1-1.x86_64.rpm", []string{"rpm", "--query", "--list", "--package"}},
	} {
		path := filepath.Join(dir, test.name)
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
			continue
		}
		if _, err := exec.LookPath(test.list[0]); err != nil {
			continue
		}
		out, err := exec.Command(test.list[0], append(test.list[1:], path)...).Output()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		wantIn(t, string(out), want...)
	}
}

// checkArchive runs what an archive brings.
func checkArchive(t *testing.T, archive, folder string) {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xzf", archive, "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(filepath.Join(dir, folder, helperName), "version").Output()
	want := "git-credential-codecommit 1.2.3-rc.1 (commit 0123456789abcdef, " + runtime.Version() + ", linux/amd64)\n"
	if err != nil || string(out) != want {
		t.Errorf("version: %q, %v, want %q", out, err, want)
	}
	if out, err := exec.Command(filepath.Join(dir, folder, remoteName), "--help").Output(); err != nil || !strings.Contains(string(out), "codecommit://") {
		t.Errorf("%s --help: %q, %v", remoteName, out, err)
	}
}

func TestVersionOfCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module "+helperName+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE=1767225600 +0200", "GIT_COMMITTER_DATE=1767225600 +0200", "SOURCE_DATE_EPOCH=")
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	find := func(want string) {
		t.Helper()
		r := &release{environ: environ, root: dir}
		if err := r.findSource(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Replace(r.version, r.commit[:12], "COMMIT", 1); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if r.time.Unix() != 1767225600 {
			t.Errorf("the time is %s", r.time)
		}
	}
	git("init", "--quiet")
	git("add", ".")
	git("commit", "--quiet", "-m", "one")
	find("0.0.0-20260101000000-COMMIT")
	git("tag", "v1.2.3")
	find("1.2.3")
	git("commit", "--quiet", "--allow-empty", "-m", "two")
	find("1.2.4-0.20260101000000-COMMIT")
	if err := os.WriteFile(filepath.Join(dir, "new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	find("1.2.4-0.20260101000000-COMMIT+dirty")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "precious"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-targets", "plan9/amd64"}, `target "plan9/amd64" is not one of [darwin/amd64 `},
		{[]string{"-version", "1.2"}, `"1.2" is not a version`},
		{[]string{"-version", "1.2.3 "}, `is not a version`},
		{[]string{"-version", "1.2.3", "-commit", "$(date)"}, `"$(date)" is not a commit`},
		{[]string{"-version", "1.2.3", "-out", dir}, "is not a release"},
		{[]string{"-source", dir}, "not in a checkout"},
		{[]string{"word"}, `unknown argument "word"`},
	} {
		err := run(t.Context(), append([]string{"-commit", "abc"}, test.args...), append(os.Environ(), "SOURCE_DATE_EPOCH=1"), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.args, err, test.want)
		}
	}
}
