package install

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// installTools are all programs that install.sh runs; the tests' PATH contains
// nothing else.
var installTools = []string{
	"awk", "cat", "chmod", "cp", "dirname", "git", "go", "grep", "gzip", "id", "ln", "ls", "mkdir", "mktemp",
	"mv", "readlink", "rm", "rmdir", "sed", "sha256sum", "shasum", "tail", "tar", "tr", "uname",
}

// installSums are those of installTools that compute checksums.
var installSums = []string{"sha256sum", "shasum"}

// installMachine is what install.sh sees: a HOME, a PATH, and a prefix whose name
// needs quoting.
type installMachine struct {
	shell  []string // what runs install.sh
	home   string
	prefix string
	tools  string // the folder on PATH that a test may put stand-ins into
	env    map[string]string
}

func newInstallMachine(t *testing.T, shell ...string) *installMachine {
	t.Helper()
	dir := t.TempDir()
	m := &installMachine{
		shell:  shell,
		home:   filepath.Join(dir, "home"),
		prefix: filepath.Join(dir, "home", "it's $HOME & more"),
		tools:  filepath.Join(dir, "tools"),
	}
	for _, folder := range []string{m.home, m.tools} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, tool := range installTools {
		if path, err := exec.LookPath(tool); err == nil {
			m.link(t, path, tool)
		}
	}
	m.env = map[string]string{
		"HOME":       m.home,
		"PATH":       m.tools,
		"SHELL":      "/bin/sh",
		"TMPDIR":     dir,
		"GOFLAGS":    "-buildvcs=false",
		"GOCACHE":    goEnv(t, "GOCACHE"),
		"GOMODCACHE": goEnv(t, "GOMODCACHE"),
	}
	return m
}

// checkout is the folder of install.sh.
func checkout(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(here))
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// link makes tool on the machine's PATH a link to path.
func (m *installMachine) link(t *testing.T, path, tool string) {
	t.Helper()
	_ = os.Remove(filepath.Join(m.tools, tool))
	if err := os.Symlink(path, filepath.Join(m.tools, tool)); err != nil {
		t.Fatal(err)
	}
}

// script creates a script at path.
func script(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(path) // it may be a link to the real one
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// standIn makes tool on the machine's PATH a shell script.
func (m *installMachine) standIn(t *testing.T, tool, text string) {
	t.Helper()
	script(t, filepath.Join(m.tools, tool), "#!/bin/sh\n"+text+"\n")
}

// goStandIn makes go a script that "builds" by copying an already built program.
func (m *installMachine) goStandIn(t *testing.T, built string) {
	t.Helper()
	m.env["BUILT"] = built
	m.standIn(t, "go", `case $1 in
env) echo go1.99.1 ;;
build)
  while [ "$1" != -o ]; do shift; done
  cp "$BUILT" "$2"
  ;;
esac`)
}

// run runs install.sh in the folder above the checkout, and fails the test if its
// exit code differs.
func (m *installMachine) run(t *testing.T, exit int, args ...string) (stdout, stderr string) {
	t.Helper()
	root := checkout(t)
	command := slices.Concat(m.shell, []string{filepath.Join(filepath.Base(root), "install.sh")}, args)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = filepath.Dir(root)
	cmd.Env = []string{}
	for _, name := range slices.Sorted(maps.Keys(m.env)) {
		cmd.Env = append(cmd.Env, name+"="+m.env[name])
	}
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != exit {
		t.Fatalf("install.sh %q: exit %d, want %d\n%s%s", args, got, exit, out.String(), errs.String())
	}
	for line := range strings.Lines(errs.String()) {
		if !regexp.MustCompile(`^install\.sh: (error|warning|hint): [^A-Z].*[^.]\n$`).MatchString(line) {
			t.Errorf("install.sh %q: not a line of install.sh on standard error: %q", args, line)
		}
	}
	return out.String(), errs.String()
}

func (m *installMachine) helper() string {
	return filepath.Join(m.prefix, "bin", "git-credential-codecommit")
}

func (m *installMachine) remote() string {
	return filepath.Join(m.prefix, "bin", "git-remote-codecommit")
}

// page returns the path of the man page of git-credential-codecommit or
// git-remote-codecommit.
func (m *installMachine) page(of string) string {
	return filepath.Join(m.prefix, "share", "man", "man1", "git-"+of+"-codecommit.1")
}

// tree lists every path below the prefix with its mode, size and link target.
func (m *installMachine) tree(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(m.prefix, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(m.prefix, path)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			files[name] = "→ " + target
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		files[name] = info.Mode().String() + " " + string(content)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("install.sh is not for Windows")
	}
	if testing.Short() {
		t.Skip("install.sh builds the program, which takes too long for -short")
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run install.sh with")
	}

	// The only real build; the others copy its result.
	m := newInstallMachine(t, sh)
	stdout, _ := m.run(t, 0, "--prefix", m.prefix)
	wantContains(t, stdout, "installed "+m.helper()+"\n", "installed "+m.remote()+"\n", "\ngit-credential-codecommit ",
		"\nnext: git-credential-codecommit setup --profile NAME\n")
	built := m.helper()
	out, err := exec.Command(built, "capability").Output()
	if err != nil || string(out) != "version 0\ncapability authtype\n" {
		t.Errorf("%s capability: %q, %v", built, out, err)
	}

	shells := map[string][]string{"sh": {sh}}
	for _, name := range []string{"dash", "bash", "busybox", "zsh"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		switch name {
		case "busybox":
			shells[name] = []string{path, "sh"}
		case "zsh":
			shells[name] = []string{path, "--emulate", "sh"}
		default:
			shells[name] = []string{path}
		}
	}
	for name, shell := range shells {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newInstallMachine(t, shell...)
			if name == "busybox" {
				for _, tool := range installTools {
					if tool != "git" && tool != "go" {
						m.link(t, shell[0], tool)
					}
				}
			}
			m.goStandIn(t, built)
			testInstallTwice(t, m)
		})
	}
	for name, test := range map[string]func(*testing.T, *installMachine){
		"default prefix":      testInstallDefaultPrefix,
		"build fails":         testInstallBuildFails,
		"does not run":        testInstallDoesNotRun,
		"no go":               testInstallNoGo,
		"old go":              testInstallOldGo,
		"no HOME":             testInstallNoHome,
		"system":              testInstallSystem,
		"taken back":          testUninstallRevertsSetup,
		"no symbolic links":   testInstallNoLinks,
		"foreign remote":      testInstallForeign,
		"foreign page":        testInstallForeignPage,
		"on PATH":             testInstallOnPath,
		"leaves nothing":      testInstallLeavesNothing,
		"another's lines":     testUninstallKeepsOtherInstallations,
		"signature":           testInstallSignature,
		"archive exchanged":   testInstallArchiveReplaced,
		"record":              testInstallRecord,
		"root's caches":       testInstallAsRootLeavesNoCaches,
		"archive":             testInstallArchive,
		"archive refused":     testInstallArchiveRefused,
		"unpacked release":    testInstallUnpacked,
		"line for PATH":       testInstallPathLine,
		"usage":               testInstallUsage,
		"folder not writable": testInstallNotWritable,
		"folder replaced":     testInstallFolderReplaced,
		"folder of others":    testInstallFolderOfOthers,
		"umask":               testInstallUmask,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newInstallMachine(t, sh)
			m.goStandIn(t, built)
			test(t, m)
		})
	}
}

// testInstallTwice installs twice and uninstalls twice, next to another
// program's file.
func testInstallTwice(t *testing.T, m *installMachine) {
	other := filepath.Join(m.prefix, "bin", "git-other")
	script(t, other, "#!/bin/sh\n")
	before := m.tree(t)

	m.env["PATH"] = filepath.Join(m.prefix, "bin") + ":" + m.env["PATH"]
	stdout1, stderr := m.run(t, 0, "--prefix", m.prefix)
	if stderr != "" {
		t.Errorf("on PATH, but printed:\n%s", stderr)
	}
	installed := m.tree(t)
	want := []string{
		"bin/git-credential-codecommit", "bin/git-other", "bin/git-remote-codecommit",
		"share/git-credential-codecommit/created",
		"share/man/man1/git-credential-codecommit.1", "share/man/man1/git-remote-codecommit.1",
	}
	if got := slices.Sorted(maps.Keys(installed)); !slices.Equal(got, want) {
		t.Errorf("installed %q, want %q", got, want)
	}
	if got := installed["bin/git-remote-codecommit"]; got != "→ git-credential-codecommit" {
		t.Errorf("git-remote-codecommit: %.40q", got)
	}
	if got := installed["bin/git-credential-codecommit"]; !strings.HasPrefix(got, "-rwxr-xr-x ") {
		t.Errorf("git-credential-codecommit: mode %.10q", got)
	}

	stdout2, _ := m.run(t, 0, "--prefix="+m.prefix+"//")
	if stdout1 != stdout2 || !maps.Equal(installed, m.tree(t)) {
		t.Errorf("the second run printed something else:\n%s%s", stdout1, stdout2)
	}

	stdout, _ := m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	if want := "removed " + strings.Join([]string{m.helper(), m.page("credential"), m.remote(), m.page("remote")}, "\nremoved ") + "\n"; stdout != want {
		t.Errorf("uninstall printed:\n%swant:\n%s", stdout, want)
	}
	if !maps.Equal(before, m.tree(t)) {
		t.Errorf("after uninstall: %q", slices.Sorted(maps.Keys(m.tree(t))))
	}
	stdout, stderr = m.run(t, 0, "--uninstall", "--prefix", m.prefix)
	if want := "nothing to remove in " + filepath.Join(m.prefix, "bin") + "\n"; stdout != want || stderr != "" {
		t.Errorf("uninstalling again printed %q, %q", stdout, stderr)
	}
}

func testInstallDefaultPrefix(t *testing.T, m *installMachine) {
	m.standIn(t, "id", `echo 1000`)
	m.prefix = filepath.Join(m.home, ".local")
	m.run(t, 0)
	if _, err := os.Stat(m.helper()); err != nil {
		t.Error(err)
	}
	m.run(t, 0, "--uninstall")
	if files := m.tree(t); len(files) > 0 {
		t.Errorf("left %q", slices.Sorted(maps.Keys(files)))
	}

	m.standIn(t, "id", `echo 0`)
	m.standIn(t, "mkdir", `exit 1`)
	m.standIn(t, "mktemp", `case $* in */usr/local/*) exit 1 ;; esac; exec `+realTool(t, "mktemp")+` "$@"`)
	_, stderr := m.run(t, 1)
	wantContains(t, stderr, "error: cannot write to /usr/local/bin\n")
}

func testInstallBuildFails(t *testing.T, m *installMachine) {
	m.run(t, 0, "--prefix", m.prefix)
	before := m.tree(t)
	m.standIn(t, "go", `[ "$1" = env ] && { echo go1.99.1; exit; }
while [ "$1" != -o ]; do shift; done
echo half >"$2"
exit 1`)
	fresh := filepath.Join(m.home, "a", "new")
	m.run(t, 1, "--prefix", fresh)
	if _, err := os.Lstat(filepath.Dir(fresh)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed build left new folders: %v", err)
	}
	_, stderr := m.run(t, 1, "--prefix", m.prefix)
	wantContains(t, stderr, "install.sh: error: the build failed; nothing was changed\n")
	if !maps.Equal(before, m.tree(t)) {
		t.Errorf("a failed build left %q", slices.Sorted(maps.Keys(m.tree(t))))
	}
}

func testInstallDoesNotRun(t *testing.T, m *installMachine) {
	m.run(t, 0, "--prefix", m.prefix)
	before := m.tree(t)
	script(t, filepath.Join(m.home, "broken"), "#!/bin/sh\nexit 1\n")
	m.env["BUILT"] = filepath.Join(m.home, "broken")
	_, stderr := m.run(t, 1, "--prefix", m.prefix)
	wantContains(t, stderr, "does not run")
	if !maps.Equal(before, m.tree(t)) {
		t.Errorf("a broken build left %q", slices.Sorted(maps.Keys(m.tree(t))))
	}
}

func testInstallNoGo(t *testing.T, m *installMachine) {
	if err := os.Remove(filepath.Join(m.tools, "go")); err != nil {
		t.Fatal(err)
	}
	_, stderr := m.run(t, 1, "--prefix", m.prefix)
	wantContains(t, stderr, "install.sh: error: go is not on PATH: it is required to build git-credential-codecommit\n", "hint: ")

	// sudo replaces PATH: the hint works for the user whose PATH contains go, and
	// does not lead to the hint to run install.sh as root.
	m.env["SUDO_USER"] = "alice"
	_, stderr = m.run(t, 1, "--prefix", m.prefix)
	wantContains(t, stderr, `hint: if you have go, run: sudo env "PATH=$PATH:/usr/local/go/bin" `+filepath.Join(checkout(t), "install.sh")+" --prefix ")
	if _, err := os.Stat(m.prefix); err == nil {
		t.Error("the prefix was created")
	}
}

func testInstallOldGo(t *testing.T, m *installMachine) {
	for _, version := range []string{"go1.9.7", "go1.20", "go1.21.13"} {
		m.standIn(t, "go", "echo "+version)
		_, stderr := m.run(t, 1, "--prefix", m.prefix)
		wantContains(t, stderr, "install.sh: error: go on PATH is version "+strings.TrimPrefix(version, "go")+", but git-credential-codecommit requires 1.", "https://go.dev/dl")
	}
	if _, err := os.Stat(m.prefix); err == nil {
		t.Error("the prefix was created")
	}
}

// testInstallNoHome runs install.sh like a boot script: go needs a HOME, which
// install.sh determines.
func testInstallNoHome(t *testing.T, m *installMachine) {
	delete(m.env, "HOME")
	m.standIn(t, "cp", `echo "HOME=$HOME"; exec `+realTool(t, "cp")+` "$@"`)
	stdout, _ := m.run(t, 0, "--prefix", m.prefix)
	if !regexp.MustCompile(`(?m)^HOME=/`).MatchString(stdout) {
		t.Errorf("go had no HOME:\n%s", stdout)
	}
}

// A boot script installs and configures git in one line, without HOME.
func testInstallSystem(t *testing.T, m *installMachine) {
	delete(m.env, "HOME")
	system := filepath.Join(m.home, "etc-gitconfig")
	m.env["GIT_CONFIG_SYSTEM"] = system
	stdout, _ := m.run(t, 0, "--prefix", m.prefix, "--system", "--",
		"--role-arn", "arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole", "--credential-source", "Ec2InstanceMetadata")
	wantContains(t, stdout, "installed "+m.helper()+"\n", "git now uses this helper for CodeCommit")
	written, err := os.ReadFile(system)
	if err != nil {
		t.Fatal(err)
	}
	wantContains(t, string(written), "git-codecommit.*.amazonaws.com", "--role-arn arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole --credential-source Ec2InstanceMetadata")

	// Without the program, git's configuration would refer to one that no longer
	// exists.
	stdout, stderr := m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	wantContains(t, stdout, "removed what setup wrote to git's system configuration\nremoved "+m.helper()+"\n")
	if written, err := os.ReadFile(system); !errors.Is(err, fs.ErrNotExist) || stderr != "" {
		t.Errorf("%v, printed %q, and left:\n%s", err, stderr, written)
	}

	// Flags of setup without --system are a mistake, not a user's setup.
	_, stderr = m.run(t, 2, "--prefix", m.prefix, "--", "--profile", "x")
	wantContains(t, stderr, "flags after -- require --system")
	_, stderr = m.run(t, 2, "--prefix", m.prefix, "--system", "--uninstall")
	wantContains(t, stderr, "--uninstall and --system cannot be used together")
}

// testUninstallRevertsSetup checks that uninstalling reverts the user's setup, and
// reports lines that setup cannot distinguish from the user's.
func testUninstallRevertsSetup(t *testing.T, m *installMachine) {
	config := filepath.Join(m.home, ".gitconfig")
	const theirs = "[user]\n\tname = Alice\n"
	script(t, config, theirs)
	other := filepath.Join(filepath.Dir(m.prefix), "other")
	for _, prefix := range []string{other, m.prefix} {
		m.run(t, 0, "--prefix", prefix)
	}
	setup := exec.Command(m.helper(), "setup")
	setup.Env = []string{"HOME=" + m.home, "PATH=" + m.tools}
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	written, _ := os.ReadFile(config)

	// Git does not run the program of the other folder.
	stdout, _ := m.run(t, 0, "--prefix", other, "--uninstall")
	if now, err := os.ReadFile(config); err != nil || string(now) != string(written) || strings.Contains(stdout, "removed what setup") {
		t.Errorf("%v, printed %q, and left:\n%s", err, stdout, now)
	}
	stdout, stderr := m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	wantContains(t, stdout, "removed what setup wrote to git's global configuration\nremoved "+m.helper()+"\n")
	if now, err := os.ReadFile(config); err != nil || string(now) != theirs || stderr != "" {
		t.Errorf("%v, printed %q, and left:\n%s", err, stderr, now)
	}

	byHand := theirs + "[credential]\n\thelper = " + other + "/bin/git-credential-codecommit --profile x\n"
	script(t, config, byHand)
	m.run(t, 0, "--prefix", other)
	stdout, stderr = m.run(t, 0, "--prefix", other, "--uninstall")
	wantContains(t, stdout, "removed "+other+"/bin/git-credential-codecommit\n")
	wantContains(t, stderr, "install.sh: warning: git's global configuration still names "+other+"/bin/git-credential-codecommit, which is being removed\n",
		"install.sh: hint: to remove its lines, run: git config --global --edit\n")
	if now, err := os.ReadFile(config); err != nil || string(now) != byHand {
		t.Errorf("%v, and left:\n%s", err, now)
	}
}

func realTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func testInstallNoLinks(t *testing.T, m *installMachine) {
	m.standIn(t, "ln", `exit 1`)
	for range 2 {
		m.run(t, 0, "--prefix", m.prefix)
		files := m.tree(t)
		if len(files) != 5 || files["bin/git-remote-codecommit"] != files["bin/git-credential-codecommit"] {
			t.Errorf("git-remote-codecommit is not a copy: %q", slices.Sorted(maps.Keys(files)))
		}
	}
	m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	if files := m.tree(t); len(files) > 0 {
		t.Errorf("left %q", slices.Sorted(maps.Keys(files)))
	}
}

// testInstallForeign installs where other programs have our names.
func testInstallForeign(t *testing.T, m *installMachine) {
	elsewhere := filepath.Join(m.home, "pipx", "git-remote-codecommit")
	script(t, elsewhere, "#!/usr/bin/env python3\n")
	for name, test := range map[string]struct {
		file string
		make func(path string)
		hint string
	}{
		"python's": {
			m.remote(),
			func(path string) { script(t, path, "#!/usr/bin/python3\n") },
			"pip uninstall or pipx uninstall",
		},
		"pip's in a folder with spaces": {
			m.remote(),
			func(path string) { script(t, path, "#!/bin/sh\n'''exec' \"/a b/python3\" \"$0\" \"$@\"\n' '''\n") },
			"pip uninstall or pipx uninstall",
		},
		"pipx's": {
			m.remote(),
			func(path string) {
				if err := os.Symlink(elsewhere, path); err != nil {
					t.Fatal(err)
				}
			},
			"pip uninstall or pipx uninstall",
		},
		"a script": {
			m.helper(),
			func(path string) { script(t, path, "#!/bin/sh\n# git-credential-codecommit\n") },
			", or run: rm '",
		},
		"a link to nothing": {
			m.helper(),
			func(path string) {
				if err := os.Symlink("nowhere", path); err != nil {
					t.Fatal(err)
				}
			},
			", or run: rm '",
		},
		"a folder": {
			m.remote(),
			func(path string) { script(t, filepath.Join(path, "file"), "") },
			"choose another folder: ",
		},
	} {
		// All in one prefix, which each of them leaves empty again.
		script(t, filepath.Join(m.prefix, "bin", "git-other"), "")
		test.make(test.file)
		before := m.tree(t)
		_, stderr := m.run(t, 1, "--prefix", m.prefix)
		wantContains(t, stderr, "install.sh: error: "+test.file+" is ", test.hint)
		stdout, _ := m.run(t, 0, "--prefix", m.prefix, "--uninstall")
		wantContains(t, stdout, "kept "+test.file+": not installed by this script\n")
		if !maps.Equal(before, m.tree(t)) {
			t.Errorf("%s: changed to %q", name, slices.Sorted(maps.Keys(m.tree(t))))
		}
		if err := os.RemoveAll(m.prefix); err != nil {
			t.Fatal(err)
		}
	}
}

// testInstallOnPath has the folder on PATH under another name.
func testInstallOnPath(t *testing.T, m *installMachine) {
	if err := os.Symlink(m.prefix, filepath.Join(m.home, "link")); err != nil {
		t.Fatal(err)
	}
	m.env["PATH"] = filepath.Join(m.home, "link", "bin") + "/:" + m.tools
	if _, stderr := m.run(t, 0, "--prefix", m.prefix); stderr != "" {
		t.Errorf("printed:\n%s", stderr)
	}
}

// testInstallLeavesNothing checks that uninstalling removes the folders and
// ~/.gitconfig that installing created, and keeps folders that existed before.
func testInstallLeavesNothing(t *testing.T, m *installMachine) {
	kept := filepath.Join(m.prefix, "share")
	config := filepath.Join(m.home, ".gitconfig")
	for _, before := range []bool{false, true} {
		if before { // an empty folder and file of the user
			if err := os.MkdirAll(kept, 0o755); err != nil {
				t.Fatal(err)
			}
			script(t, config, "")
		}
		want := names(t, m.home)
		for range 2 { // an update forgets nothing
			m.run(t, 0, "--prefix", m.prefix)
		}
		setup := exec.Command(m.helper(), "setup")
		setup.Env = []string{"HOME=" + m.home, "PATH=" + m.tools}
		if out, err := setup.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if _, err := os.Stat(config); err != nil {
			t.Fatal(err)
		}
		m.run(t, 0, "--prefix", m.prefix, "--uninstall")
		if got := names(t, m.home); !slices.Equal(got, want) {
			t.Errorf("before: %q, after: %q", want, got)
		}
	}

	// What the user added there is kept.
	m.run(t, 0, "--prefix", m.prefix)
	script(t, config, "[user]\n")
	script(t, filepath.Join(m.prefix, "bin", "other"), "")
	m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	for _, path := range []string{config, filepath.Join(m.prefix, "bin", "other")} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// names lists everything below a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// testInstallPathLine runs the line that install.sh prints.
func testInstallPathLine(t *testing.T, m *installMachine) {
	for shell, file := range map[string]string{"": "~/.profile", "/bin/bash": "~/.bash", "/usr/bin/zsh": "~/.zshrc", "/usr/bin/fish": "~/.config/fish/config.fish"} {
		m.env["SHELL"] = shell
		_, stderr := m.run(t, 0, "--prefix", m.prefix)
		wantContains(t, stderr, "install.sh: warning: "+filepath.Join(m.prefix, "bin")+" is not on PATH", "hint: add this line to "+file, `"$HOME/it's \$HOME & more/bin`)
		_, line, ok := strings.Cut(stderr, "open a new terminal: ")
		if !ok || strings.HasSuffix(file, "fish") {
			continue
		}
		cmd := exec.Command(m.shell[0], "-c", line+"command -v git-remote-codecommit")
		cmd.Env = []string{"HOME=" + m.home, "PATH=" + m.tools}
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != m.remote()+"\n" {
			t.Errorf("%sthen git-remote-codecommit: %q, %v", line, out, err)
		}
	}
}

func testInstallUsage(t *testing.T, m *installMachine) {
	stdout, stderr := m.run(t, 0, "--help")
	wantContains(t, stdout, "usage: install.sh", "--prefix DIR", "--uninstall")
	if stderr != "" {
		t.Errorf("printed %q", stderr)
	}
	for _, args := range [][]string{{"--prefix"}, {"--prefix", ""}, {"--prefix="}, {"--wrong"}, {"word"}, {"--prefix", "/a:b"}, {"--prefix", "/a\nb"}, {"--archive"}, {"--archive="}, {"--sha256", ""}, {"--sha256", "00"}} {
		stdout, stderr := m.run(t, 2, args...)
		wantContains(t, stderr, "install.sh: error: ", "install.sh --help\n")
		if stdout != "" {
			t.Errorf("%q printed %q", args, stdout)
		}
	}
}

func testInstallNotWritable(t *testing.T, m *installMachine) {
	script(t, m.prefix, "") // a file where a folder should be: root cannot write there either
	_, stderr := m.run(t, 1, "--prefix", m.prefix)
	wantContains(t, stderr, "install.sh: error: cannot write to "+m.prefix+"/bin: Not a directory\n", `hint: or run it as root: sudo env "PATH=$PATH" `)
}

// testInstallForeignPage installs where another program's man page has our name.
func testInstallForeignPage(t *testing.T, m *installMachine) {
	script(t, m.page("remote"), ".Dt GIT-REMOTE-OTHER 1\n")
	stdout, stderr := m.run(t, 0, "--prefix", m.prefix)
	wantContains(t, stdout, "installed "+m.page("credential")+"\n")
	wantContains(t, stderr, "install.sh: warning: "+m.page("remote")+" is the man page of another program; it was not replaced\n")
	stdout, _ = m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	wantContains(t, stdout, "kept "+m.page("remote")+": not installed by this script\n")
	if files := m.tree(t); len(files) != 1 || !strings.HasSuffix(files["share/man/man1/git-remote-codecommit.1"], "GIT-REMOTE-OTHER 1\n") {
		t.Errorf("left %q", slices.Sorted(maps.Keys(files)))
	}
}

// release creates an archive of the built program like a release, with SHA256SUMS
// next to it.
func (m *installMachine) release(t *testing.T) (archive, sum string) {
	t.Helper()
	dir := filepath.Join(m.home, "down loads")
	folder := filepath.Join(dir, "git-credential-codecommit-1.2.3-linux-amd64")
	program, err := os.ReadFile(m.env["BUILT"])
	if err != nil {
		t.Fatal(err)
	}
	script(t, filepath.Join(folder, "git-credential-codecommit"), string(program))
	for from, to := range map[string]string{
		"install.sh":                      "install.sh",
		"doc/git-credential-codecommit.1": "man/git-credential-codecommit.1",
		"doc/git-remote-codecommit.1":     "man/git-remote-codecommit.1",
	} {
		text, err := os.ReadFile(filepath.Join(checkout(t), from))
		if err != nil {
			t.Fatal(err)
		}
		script(t, filepath.Join(folder, to), string(text))
	}
	archive = folder + ".tar.gz"
	if out, err := exec.Command("tar", "-czf", archive, "-C", dir, filepath.Base(folder)).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	sum = fmt.Sprintf("%x", sha256.Sum256(content))
	script(t, filepath.Join(dir, "SHA256SUMS"), sum+" *"+filepath.Base(archive)+"\n")
	return archive, sum
}

func testInstallArchive(t *testing.T, m *installMachine) {
	m.run(t, 0, "--prefix", m.prefix)
	built := m.tree(t)
	m.run(t, 0, "--prefix", m.prefix, "--uninstall")

	archive, sum := m.release(t)
	if err := os.Remove(filepath.Join(m.tools, "go")); err != nil {
		t.Fatal(err)
	}
	stdout, _ := m.run(t, 0, "--prefix", m.prefix, "--archive", archive)
	wantContains(t, stdout, "verified the checksum of "+archive+"\n", "installed "+m.helper()+"\n", "installed "+m.page("remote")+"\n", "\ngit-credential-codecommit ")
	if !maps.Equal(built, m.tree(t)) {
		t.Errorf("installed %q", slices.Sorted(maps.Keys(m.tree(t))))
	}
	if err := os.Remove(filepath.Join(filepath.Dir(archive), "SHA256SUMS")); err != nil {
		t.Fatal(err)
	}
	m.run(t, 0, "--prefix", m.prefix, "--archive="+archive, "--sha256="+strings.ToUpper(sum))

	// Other programs that compute checksums.
	for tool, script := range map[string]string{
		"shasum":  `[ "$*" = "-a 256" ] && echo "` + sum + `  -"`,
		"openssl": `[ "$*" = "dgst -sha256 -r" ] && echo "` + sum + ` *stdin"`,
	} {
		for _, other := range installSums {
			_ = os.Remove(filepath.Join(m.tools, other))
		}
		m.standIn(t, tool, script)
		m.run(t, 0, "--prefix", m.prefix, "--archive", archive, "--sha256", sum)
		if err := os.Remove(filepath.Join(m.tools, tool)); err != nil {
			t.Fatal(err)
		}
	}
	_, stderr := m.run(t, 1, "--prefix", m.prefix, "--archive", archive, "--sha256", sum)
	wantContains(t, stderr, "error: cannot compute the checksum of "+archive+": sha256sum, shasum and openssl are not installed\n", "hint: install coreutils\n")
}

// testInstallArchiveRefused installs archives that are not the released ones, or
// not for this machine.
func testInstallArchiveRefused(t *testing.T, m *installMachine) {
	archive, sum := m.release(t)
	sums := filepath.Join(filepath.Dir(archive), "SHA256SUMS")
	refuse := func(want ...string) {
		t.Helper()
		stdout, stderr := m.run(t, 1, "--prefix", m.prefix, "--archive", archive)
		wantContains(t, stderr, want...)
		if files := m.tree(t); len(files) > 0 || strings.Contains(stdout, "installed") {
			t.Errorf("installed %q:\n%s", slices.Sorted(maps.Keys(files)), stdout)
		}
	}
	script(t, sums, strings.Repeat("0", 64)+"  "+filepath.Base(archive)+"\n")
	refuse("install.sh: error: the checksum of "+archive+" is "+sum+", not 000", "hint: download the archive again\n")
	script(t, sums, sum+"  x"+filepath.Base(archive)+"\n")
	refuse("install.sh: error: the file SHA256SUMS does not name " + filepath.Base(archive) + "\n")
	script(t, sums, "<html>  "+filepath.Base(archive)+"\n")
	refuse("install.sh: error: <html> is not a SHA-256 checksum")
	if err := os.Remove(sums); err != nil {
		t.Fatal(err)
	}
	refuse("install.sh: error: cannot verify "+archive, " --sha256 SUM\n")

	script(t, sums, sum+"  "+filepath.Base(archive)+"\n")
	m.standIn(t, "gzip", "exit 1")
	m.standIn(t, "tar", "exit 1")
	refuse("install.sh: error: cannot unpack " + archive + "; nothing was changed\n")
	if err := os.Remove(filepath.Join(m.tools, "tar")); err != nil {
		t.Fatal(err)
	}
	refuse("install.sh: error: tar is not on PATH: it is required to unpack the archive", "hint: install tar\n")
	m.link(t, realTool(t, "tar"), "tar")
	m.link(t, realTool(t, "gzip"), "gzip")

	// A program that is not ours, and one that is ours according to its build
	// information but for another machine.
	script(t, filepath.Join(m.home, "broken"), "#!/bin/sh\nexit 1\n")
	m.env["BUILT"] = filepath.Join(m.home, "broken")
	m.release(t)
	refuse("install.sh: error: there is no git-credential-codecommit in " + archive)
	script(t, filepath.Join(m.home, "broken"), "#!/bin/sh\nexit 1\npath\tgit-credential-codecommit\n")
	m.release(t)
	refuse("install.sh: error: the program in "+archive+" does not run on this machine\n", "hint: get the archive for ")

	archive += ".gone"
	refuse("install.sh: error: there is no file " + archive + "\n")
}

// testInstallUnpacked runs the install.sh of a release, without a checkout.
func testInstallUnpacked(t *testing.T, m *installMachine) {
	archive, _ := m.release(t)
	folder := strings.TrimSuffix(archive, ".tar.gz")
	run := func(args ...string) (string, error) {
		cmd := exec.Command(m.shell[0], append([]string{filepath.Join(folder, "install.sh")}, args...)...)
		cmd.Env = []string{"HOME=" + m.home, "PATH=" + m.tools + ":" + filepath.Join(m.prefix, "bin")}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run("--prefix", m.prefix); err != nil || strings.Contains(out, "building") {
		t.Errorf("%v\n%s", err, out)
	}
	if files := m.tree(t); len(files) != 5 {
		t.Errorf("installed %q", slices.Sorted(maps.Keys(files)))
	}
	if out, err := run("--help"); err != nil || strings.Contains(out, "needs Go") {
		t.Errorf("%v\n%s", err, out)
	}
	if err := os.Remove(filepath.Join(folder, "git-credential-codecommit")); err != nil {
		t.Fatal(err)
	}
	out, err := run("--prefix", m.prefix)
	if err == nil {
		t.Error("installed from nothing")
	}
	wantContains(t, out, folder+" is neither a checkout nor an unpacked release of git-credential-codecommit\n", " --archive FILE\n")
	if out, err := run("--prefix", m.prefix, "--uninstall"); err != nil || len(m.tree(t)) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// testUninstallKeepsOtherInstallations uninstalls /opt/a while git runs the programs of /x/opt/a
// and /opt/ab, whose lines belong to other installations.
func testUninstallKeepsOtherInstallations(t *testing.T, m *installMachine) {
	config := filepath.Join(m.home, ".gitconfig")
	m.run(t, 0, "--prefix", m.prefix)
	for _, program := range []string{"/x" + m.helper(), m.helper() + "-old"} {
		text := "[credential]\n\thelper = \"" + strings.ReplaceAll(quotedWord(program), `\`, `\\`) + " --profile x\"\n"
		script(t, config, text)
		if out, err := exec.Command("git", "config", "--file", config, "credential.helper").Output(); err != nil || !strings.Contains(string(out), "--profile x") {
			t.Fatalf("%q, %v", out, err)
		}
		m.run(t, 0, "--prefix", m.prefix)
		if _, stderr := m.run(t, 0, "--prefix", m.prefix, "--uninstall"); stderr != "" {
			t.Errorf("%s: printed %q", program, stderr)
		}
		if now, err := os.ReadFile(config); err != nil || string(now) != text {
			t.Errorf("%s: %v, left\n%s", program, err, now)
		}
	}
}

// quotedWord parses a word like a shell.
func quotedWord(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// signedBy sets a signer in a copy of the checkout's install.sh.
func (m *installMachine) signedBy(t *testing.T, line string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkout(t), "install.sh"))
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(line, "=")
	if strings.Count(string(text), "\n"+name+"=\n") != 1 {
		t.Fatalf("install.sh has no line %s=", name)
	}
	path := filepath.Join(m.home, "signed", "install.sh")
	script(t, path, strings.Replace(string(text), "\n"+name+"=\n", "\n"+line+"\n", 1))
	return path
}

// testInstallSignature checks signatures with a cosign that records its arguments
// and accepts a bundle that contains "good".
func testInstallSignature(t *testing.T, m *installMachine) {
	archive, _ := m.release(t)
	bundle := filepath.Join(filepath.Dir(archive), "SHA256SUMS.sigstore.json")
	run := func(installer string) (string, error) {
		cmd := exec.Command(m.shell[0], installer, "--prefix", m.prefix, "--archive", archive)
		cmd.Env = []string{"HOME=" + m.home, "PATH=" + m.tools, "TMPDIR=" + m.env["TMPDIR"]}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	keyed := m.signedBy(t, "signer_key=/etc/signer.pub")
	// Someone who exchanged the archive and SHA256SUMS could also remove the signature.
	noBundle := func() {
		t.Helper()
		want := "error: cannot verify the signature of SHA256SUMS: there is no file SHA256SUMS.sigstore.json next to " + archive + "\n"
		out, err := run(keyed)
		if err == nil || !strings.Contains(out, want) || len(m.tree(t)) > 0 {
			t.Errorf("%v, installed %q, want %q in:\n%s", err, slices.Sorted(maps.Keys(m.tree(t))), want, out)
		}
	}
	noBundle() // without cosign
	m.standIn(t, "cosign", "exit 0")
	noBundle()
	if err := os.Remove(filepath.Join(m.tools, "cosign")); err != nil {
		t.Fatal(err)
	}
	const notChecked = "the signature was not checked: "
	for _, step := range []struct {
		installer, want string
		before          func()
	}{
		{filepath.Join(checkout(t), "install.sh"), notChecked + "this install.sh names no signer\n", func() {}},
		{keyed, notChecked + "cosign is not installed\n", func() { script(t, bundle, "good") }},
		{keyed, "verified the signature of SHA256SUMS\n", func() {
			m.standIn(t, "cosign", `echo "$*" >"$HOME/asked"
for last; do :; done
while [ "$1" != --bundle ]; do shift; done
[ "$(cat "$2")" = good ] && grep -q git-credential-codecommit "$last" || { echo "Error: no matching signatures" >&2; exit 1; }`)
		}},
	} {
		step.before()
		out, err := run(step.installer)
		if err != nil || !strings.Contains(out, step.want) || !strings.Contains(out, "installed "+m.helper()) {
			t.Errorf("%v, want %q in:\n%s", err, step.want, out)
		}
	}
	asked := func(want string) {
		t.Helper()
		got, err := os.ReadFile(filepath.Join(m.home, "asked"))
		if err != nil || !regexp.MustCompile(`^verify-blob --bundle \S+/SHA256SUMS\.sigstore\.json `+want+` \S+/SHA256SUMS\n$`).Match(got) {
			t.Errorf("%v, cosign was called with %s", err, got)
		}
	}
	asked("--key /etc/signer.pub")
	if out, err := run(m.signedBy(t, "signer_identity=https://example.com/release.yml")); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	asked(`--certificate-identity https://example\.com/release\.yml --certificate-oidc-issuer `)

	script(t, bundle, "bad")
	m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	out, err := run(m.signedBy(t, "signer_key=/etc/signer.pub"))
	if err == nil || !strings.Contains(out, "error: the signature of SHA256SUMS is not valid: Error: no matching signatures\n") || len(m.tree(t)) > 0 {
		t.Errorf("%v, installed %q\n%s", err, slices.Sorted(maps.Keys(m.tree(t))), out)
	}
}

// testInstallArchiveReplaced replaces the archive after its checksum was computed.
func testInstallArchiveReplaced(t *testing.T, m *installMachine) {
	archive, _ := m.release(t)
	m.standIn(t, "sha256sum", realTool(t, "sha256sum")+`
echo exchanged >`+quotedWord(archive))
	m.run(t, 0, "--prefix", m.prefix, "--archive", archive)
	if content, err := os.ReadFile(archive); err != nil || string(content) != "exchanged\n" {
		t.Fatalf("%v, the archive was not replaced: %.20q", err, content)
	}
	if files := m.tree(t); !strings.Contains(files["bin/git-credential-codecommit"], "git-credential-codecommit") {
		t.Errorf("installed %q", slices.Sorted(maps.Keys(files)))
	}
}

// testInstallRecord adds folders to the record that the installation did not make:
// uninstall keeps them, even if they are empty.
func testInstallRecord(t *testing.T, m *installMachine) {
	foreign := filepath.Join(m.home, "foreign")
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	m.run(t, 0, "--prefix", m.prefix)
	record := filepath.Join(m.prefix, "share", "git-credential-codecommit", "created")
	made, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	more := foreign + "\n" + m.prefix + "/../foreign\n" + m.prefix + "/bin/../../foreign\n\n"
	if err := os.WriteFile(record, append(made, more...), 0o600); err != nil {
		t.Fatal(err)
	}
	m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(m.prefix); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the prefix was kept: %v", err)
	}
}

// testInstallAsRootLeavesNoCaches builds as root with a user's HOME: no files of go may
// remain there.
func testInstallAsRootLeavesNoCaches(t *testing.T, m *installMachine) {
	m.standIn(t, "id", "echo 0")
	m.standIn(t, "go", `mkdir -p "${XDG_CONFIG_HOME:-$HOME/.config}/go/telemetry"
echo "$1 $HOME $GOCACHE $GOMODCACHE $GOENV" >>"`+m.home+`/went"
case $1 in
env)
  case $2 in
  GOPROXY) echo https://proxy.example ;;
  *) echo go1.99.1 ;;
  esac
  ;;
build)
  echo "$GOPROXY" >"`+m.home+`/proxy"
  while [ "$1" != -o ]; do shift; done
  cp "$BUILT" "$2"
  ;;
esac`)
	delete(m.env, "GOCACHE")
	delete(m.env, "GOMODCACHE")
	modules := filepath.Join(m.home, "go", "pkg", "mod", "cache", "download")
	if err := os.MkdirAll(modules, 0o755); err != nil {
		t.Fatal(err)
	}
	before := names(t, m.home)
	m.run(t, 0, "--prefix", m.prefix)
	m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	went, err := os.ReadFile(filepath.Join(m.home, "went"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(went)) {
		word := strings.Fields(line)
		if len(word) != 5 || strings.HasPrefix(word[1], m.home) || strings.HasPrefix(word[2], m.home) || strings.HasPrefix(word[3], m.home) || word[4] != m.home+"/.config/go/env" {
			t.Errorf("go %s", line)
		}
	}
	proxy, err := os.ReadFile(filepath.Join(m.home, "proxy"))
	if want := "file://" + modules + ",https://proxy.example\n"; err != nil || string(proxy) != want {
		t.Errorf("%v, GOPROXY=%s, want %s", err, proxy, want)
	}
	for _, name := range []string{"went", "proxy"} {
		if err := os.Remove(filepath.Join(m.home, name)); err != nil {
			t.Fatal(err)
		}
	}
	if after := names(t, m.home); !slices.Equal(before, after) {
		t.Errorf("left %q", after)
	}
}

// testInstallFolderReplaced lets another user, who can write to the folder of the
// programs, replace the script's folder there with one that contains a link to a
// file.
func testInstallFolderReplaced(t *testing.T, m *installMachine) {
	victim := filepath.Join(m.home, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	mktemp, err := exec.LookPath("mktemp")
	if err != nil {
		t.Fatal(err)
	}
	m.env["VICTIM"] = victim
	replace := func(with string) {
		m.standIn(t, "mktemp", `made=$(`+mktemp+` "$@") || exit
printf '%s\n' "$made"
case $made in
*/bin/.*)
  mv "$made" "$made.stolen"
  `+with+`
  ;;
esac`)
	}
	for name, with := range map[string]string{
		"a folder": `mkdir -m 777 "$made" && ln -s "$VICTIM" "$made/git-credential-codecommit"`,
		"a link":   `mkdir -m 777 "$made.dir" && ln -s "$VICTIM" "$made.dir/git-credential-codecommit" && ln -s "$made.dir" "$made"`,
		"nothing":  `:`,
	} {
		replace(with)
		m.env["TMPDIR"] = m.home
		_, stderr := m.run(t, 1, "--prefix", m.prefix)
		wantContains(t, stderr, "install.sh: error: ")
		if content, err := os.ReadFile(victim); err != nil || string(content) != "precious" {
			t.Errorf("%s: the file now has %d bytes, %v", name, len(content), err)
		}
		if _, err := os.Lstat(m.helper()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: installed: %v", name, err)
		}
	}
}

// testInstallFolderOfOthers warns root if other users can replace the programs.
func testInstallFolderOfOthers(t *testing.T, m *installMachine) {
	if os.Geteuid() != 0 {
		t.Skip("only root is warned")
	}
	const other = 65533
	bin := filepath.Dir(m.helper())
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mode     fs.FileMode
		uid, gid int
		sudo     string
		who      string
	}{
		{0o755, 0, 0, "", ""},
		{0o775, 0, 0, "", ""},
		{0o755, 0, other, "", ""},
		{0o777, 0, 0, "", "every user"},
		{0o777 | fs.ModeSticky, 0, 0, "", ""},
		{0o775 | fs.ModeSetgid, 0, other, "", "the group 65533"},
		{0o755, other, 0, "", "the user 65533"},
		{0o755, other, 0, "65533", ""},
	} {
		if err := errors.Join(os.Chown(bin, c.uid, c.gid), os.Chmod(bin, c.mode)); err != nil {
			t.Fatal(err)
		}
		m.env["SUDO_UID"] = c.sudo
		if c.sudo == "" {
			delete(m.env, "SUDO_UID")
		}
		_, stderr := m.run(t, 0, "--prefix", m.prefix)
		warning := "install.sh: warning: " + c.who + " can replace the programs in " + bin + "\n"
		if strings.Contains(stderr, "can replace") != (c.who != "") || c.who != "" && !strings.Contains(stderr, warning) {
			t.Errorf("%+v: %s", c, stderr)
		}
	}
}

// testInstallUmask installs with umasks under which no one, or everyone, could read
// and write the files.
func testInstallUmask(t *testing.T, m *installMachine) {
	shell := m.shell
	for _, umask := range []string{"0000", "0077", "0777"} {
		if umask == "0777" && os.Geteuid() != 0 {
			continue // with this umask, only root can use the temporary folder
		}
		m.shell = []string{shell[0], "-c", "umask " + umask + `; exec "$0" "$@"`, shell[0]}
		m.prefix = filepath.Join(m.home, "umask", umask)
		m.run(t, 0, "--prefix", m.prefix)
		if err := filepath.WalkDir(m.prefix, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err == nil && d.Type() != fs.ModeSymlink && (info.Mode()&0o044 != 0o044 || info.Mode()&0o022 != 0) {
				t.Errorf("umask %s: %s has mode %v", umask, path, info.Mode())
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		m.run(t, 0, "--prefix", m.prefix, "--uninstall")
	}
}
