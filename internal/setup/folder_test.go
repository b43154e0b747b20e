package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// own is a file that names a helper for CodeCommit and resets the list.
const own = "[credential]\n\thelper =\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n"

func initRepository(t *testing.T, h *home, name string, more ...string) string {
	t.Helper()
	folder := filepath.Join(h.dir, name)
	for _, args := range append([][]string{{"init", "--quiet", "--initial-branch=main", folder}}, split(folder, more)...) {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %q: %s", args, out)
		}
	}
	return folder
}

func split(folder string, commands []string) (all [][]string) {
	for _, c := range commands {
		all = append(all, append([]string{"-C", folder}, strings.Fields(c)...))
	}
	return all
}

// Two accounts by folder: whatever the condition of the include, and wherever it
// is, setup does not change the folder's account, and names the file.
func TestIncludedHelperKeepsPrecedence(t *testing.T) { //nolint:paralleltest // it sets the environment
	git, err := gitconfig.Find()
	if err != nil {
		t.Fatal(err)
	}
	version, err := git.Version(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const builder = "[credential]\n\thelper = codecommit --profile builder\n\tuseHttpPath = true\n"
	include := func(condition string) string { return "[includeIf \"" + condition + "\"]\n\tpath = ~/own.inc\n" }
	for name, c := range map[string]struct {
		config, own string
		folder      string            // "own" by default
		since       gitconfig.Version // of the condition
		refused     bool
	}{
		"gitdir":                          {config: builder + include("gitdir:~/own/"), own: own},
		"gitdir/i":                        {config: builder + include("gitdir/i:~/OWN/"), own: own},
		"onbranch":                        {config: builder + include("onbranch:own"), own: own},
		"hasconfig":                       {config: builder + include("hasconfig:remote.*.url:https://git-codecommit.*.amazonaws.com/**"), own: own, since: gitconfig.Version{Major: 2, Minor: 36}},
		"before the general helper":       {config: include("gitdir:~/own/") + builder, own: strings.ReplaceAll(own, "[credential]", "[credential \""+oneHost+"\"]"), refused: false},
		"before a keychain for all hosts": {config: include("gitdir:~/own/") + "[credential]\n\thelper = store\n", own: own, refused: true},
		"before a keychain":               {config: include("gitdir:~/own/") + "[credential]\n\thelper = store\n", own: strings.ReplaceAll(own, "[credential]", "[credential \""+hosts+"\"]")},
		"a relative folder":               {config: include("gitdir:./own/"), own: "[credential]\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n"},
		"a relative folder in another file": {
			config: "[include]\n\tpath = ~/etc/more.inc\n[credential]\n\thelper = store\n", folder: "etc/own",
			own: strings.ReplaceAll(own, "[credential]", "[credential \""+hosts+"\"]"),
		},
		"a relative folder in another file, nested": {
			config: "[includeIf \"onbranch:own\"]\n\tpath = ~/etc/more.inc\n", folder: "etc/own",
			own: "[credential]\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n",
		},
		"the keychain of other hosts":          {config: include("gitdir:~/own/") + "[credential]\n\thelper = store\n", own: own, refused: true},
		"with a comment":                       {config: builder + "# my own account\n" + include("gitdir:~/own/"), own: own},
		"the AWS CLI's helper":                 {config: builder + include("gitdir:~/own/"), own: strings.ReplaceAll(own, "codecommit --profile own", "!aws --profile own codecommit credential-helper $@")},
		"a variable":                           {config: builder + include("gitdir:~/own/"), own: strings.ReplaceAll(own, "codecommit --profile own", "!AWS_PROFILE=own git-credential-codecommit")},
		"in another file":                      {config: builder + "[include]\n\tpath = ~/more.inc\n", own: own},
		"without a reset":                      {config: include("gitdir:~/own/"), own: "[credential]\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n"},
		"without a reset, before a keychain":   {config: include("gitdir:~/own/") + "[credential]\n\thelper = store\n", own: "[credential]\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n"},
		"after a keychain for the host":        {config: "[credential \"" + oneHost + "\"]\n\thelper = store\n" + include("gitdir:~/own/"), own: "[credential]\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n"},
		"of two":                               {config: include("gitdir:~/own/") + include("gitdir:~/other2/"), own: "[credential]\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n"},
		"without a reset, in another file":     {config: "[include]\n\tpath = ~/more.inc\n", own: "[credential]\n\thelper = codecommit --profile own\n\tuseHttpPath = true\n"},
		"without a reset, after the general":   {config: builder + include("gitdir:~/own/"), own: "[credential]\n\thelper = codecommit --profile own\n"},
		"with settings that are changed later": {config: include("gitdir:~/own/") + "[credential]\n\thelper = store\n[user]\n\temail = a@example.com\n", own: own + "[user]\n\temail = own@example.com\n", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			if !version.AtLeast(c.since) {
				t.Skip("git does not support the condition")
			}
			h := newHome(t)
			h.write(t, ".gitconfig", c.config)
			h.write(t, "own.inc", c.own)
			h.write(t, "more.inc", include("gitdir:~/own/"))
			h.write(t, "etc/more.inc", include("gitdir:./own/"))
			folder := initRepository(t, h, cmp.Or(c.folder, "own"), "remote add origin "+repository, "symbolic-ref HEAD refs/heads/own")
			initRepository(t, h, "other")
			before, _ := h.helpers(t, folder, repository)
			if len(before) > 1 && before[0] == "store" { // it has no password
				before = before[1:]
			}
			err := h.run(profile("builder"))
			var conflict *PrecedenceError
			if c.refused != errors.As(err, &conflict) || err != nil && !c.refused {
				t.Fatalf("%v:\n%s", err, h.read(t))
			}
			after, path := h.helpers(t, folder, repository)
			if len(before) == 0 || len(after) == 0 {
				t.Fatalf("before %q, after %q", before, after)
			}
			ours := filepath.Join(h.dir, cli.Name) + " --profile builder"
			if c.refused {
				if h.read(t) != c.config {
					t.Errorf("it is changed:\n%s", h.read(t))
				}
				return
			}
			if strings.Contains(before[0], "builder") {
				if !slices.Equal(after, []string{ours}) && after[0] != ours {
					t.Errorf("the folder uses %q, was %q", after, before)
				}
			} else if after[0] != before[0] || !path {
				t.Errorf("the folder uses %q, was %q, path %v:\n%s", after, before, path, h.read(t))
			} else if !strings.Contains(h.output.String(), "own.inc keeps precedence where") {
				t.Errorf("setup does not say so: %s", &h.output)
			}
			if others, path := h.helpers(t, filepath.Join(h.dir, "other"), repository); !slices.Equal(others, []string{ours}) || !path {
				t.Errorf("elsewhere: %q, %v:\n%s", others, path, h.read(t))
			}
			// A second run, inside the folder.
			text := h.read(t)
			t.Chdir(folder)
			if err := h.run(profile("builder")); err != nil || h.read(t) != text {
				t.Errorf("inside: %v:\n%s", err, h.read(t))
			}
			t.Chdir(h.dir)
			if err := h.run(Request{Undo: true}); err != nil || h.read(t) != c.config {
				t.Errorf("undo: %v: %q", err, h.read(t))
			}
			if left, _ := filepath.Glob(h.file + "?*"); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// Many accounts by folder do not make setup slow.
func TestManyIncludedHelpers(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	config := ""
	for i := range 150 {
		config += fmt.Sprintf("[includeIf \"gitdir:~/own%d/\"]\n\tpath = own%d.inc\n", i, i)
		h.write(t, fmt.Sprintf("own%d.inc", i), strings.ReplaceAll(own, "own", fmt.Sprint("own", i)))
	}
	h.write(t, ".gitconfig", config)
	folder := initRepository(t, h, "own7")
	began := time.Now()
	if err := h.run(profile("builder")); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(began))
	if wrote := time.Since(began); wrote > time.Minute {
		t.Errorf("it wrote %v", wrote)
	}
	if lines, _ := h.helpers(t, folder, repository); !slices.Equal(lines, []string{"codecommit --profile own7"}) {
		t.Errorf("%q", lines)
	}
}

// Lines that an earlier version of setup wrote after the include are moved.
func TestIncludedHelperIsRestored(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	general := "[credential]\n\thelper = codecommit --profile builder\n[includeIf \"gitdir:~/own/\"]\n\tpath = ~/own.inc\n"
	older := Block{Targets: []Target{{URL: hosts, Helper: filepath.Join(h.dir, cli.Name) + " --profile builder"}}}.format("\n")
	h.write(t, ".gitconfig", general+older)
	h.write(t, "own.inc", own)
	folder := initRepository(t, h, "own")
	if lines, _ := h.helpers(t, folder, repository); strings.Contains(lines[0], "own") {
		t.Fatalf("%q", lines)
	}
	if err := h.run(profile("builder")); err != nil {
		t.Fatal(err)
	}
	if lines, _ := h.helpers(t, folder, repository); !slices.Equal(lines, []string{"codecommit --profile own"}) {
		t.Errorf("%q:\n%s", lines, h.read(t))
	}
	if err := h.run(Request{Undo: true}); err != nil || h.read(t) != general {
		t.Errorf("undo: %v: %q", err, h.read(t))
	}
}

// A conditional include in the system configuration keeps precedence too.
func TestSystemIncludeKeepsPrecedence(t *testing.T) { //nolint:paralleltest // it sets the environment
	git, err := gitconfig.Find()
	if err != nil {
		t.Fatal(err)
	}
	if version, err := git.Version(context.Background()); err != nil || !version.AtLeast(gitconfig.FileVariables) {
		t.Skipf("git %v does not support another system file", version)
	}
	h := newHome(t)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "0")
	t.Setenv("GIT_CONFIG_SYSTEM", filepath.Join(h.dir, "system"))
	h.write(t, "system", "[credential]\n\thelper = store\n[includeIf \"gitdir:"+h.dir+"/own/\"]\n\tpath = own.inc\n")
	h.write(t, "own.inc", own)
	folder := initRepository(t, h, "own")
	if err := h.run(profile("builder")); err != nil {
		t.Fatal(err)
	}
	if lines, path := h.helpers(t, folder, repository); !slices.Equal(lines, []string{"codecommit --profile own"}) || !path {
		t.Errorf("%q, %v:\n%s", lines, path, h.read(t))
	}
	if lines, _ := h.helpers(t, h.dir, repository); len(lines) != 1 || !strings.Contains(lines[0], "builder") {
		t.Errorf("%q", lines)
	}
	if err := h.run(Request{Undo: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(h.file); err == nil {
		t.Errorf("the file that setup created remains: %q", h.read(t))
	}
}

// --folder limits the setup to the repositories below a folder, by its path without
// links.
func TestFolder(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	before := "[user]\n\tname = Alice\n[credential]\n\thelper = store"
	h.write(t, ".gitconfig", before)
	work := initRepository(t, h, "real [work]*/a")
	inner := initRepository(t, h, "real [work]*/inner/b")
	other := initRepository(t, h, "other")
	link := filepath.Join(h.dir, "link")
	if err := os.Symlink(filepath.Dir(work), link); err != nil {
		t.Fatal(err)
	}
	in := func(folder, name string) Request {
		r := profile(name)
		r.Folder = folder
		return r
	}
	for _, r := range []Request{in(link, "work"), in(filepath.Join(link, "inner"), "inner"), profile("general"), in(link, "work")} {
		if err := h.run(r); err != nil {
			t.Fatalf("%v: %v", r, err)
		}
	}
	if !strings.HasPrefix(h.output.String(), "nothing to do") {
		t.Errorf("a second time: %s", &h.output)
	}
	for folder, want := range map[string]string{work: "work", inner: "inner", other: "general", h.dir: "general"} {
		if lines, path := h.helpers(t, folder, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], "--profile "+want) || !path {
			t.Errorf("%s: %q:\n%s", folder, lines, h.read(t))
		}
	}
	// The file for a folder can be removed separately.
	undo := in(filepath.Join(link, "inner"), "")
	undo.Undo = true
	if err := h.run(undo); err != nil {
		t.Fatal(err)
	}
	if lines, _ := h.helpers(t, inner, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], "--profile work") {
		t.Errorf("%q", lines)
	}
	if err := h.run(Request{Undo: true}); err != nil || h.read(t) != before {
		t.Errorf("undo: %v: %q", err, h.read(t))
	}
	if left, _ := filepath.Glob(h.file + "?*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if err := h.run(in(filepath.Join(h.dir, "none"), "x")); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Error(err)
	}
}

// Without credential flags, the earlier ones are kept, and so is the profile of
// another helper for CodeCommit.
func TestEarlierFlagsAreKept(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	if err := h.run(profile("alice")); err != nil {
		t.Fatal(err)
	}
	text := h.read(t)
	if err := h.run(Request{}); err != nil || h.read(t) != text || !strings.Contains(h.output.String(), "keeping --profile alice") {
		t.Errorf("%v: %s\n%s", err, &h.output, h.read(t))
	}
	if err := h.run(Request{Args: []string{"--no-cache"}}); err != nil || !strings.Contains(h.read(t), " --profile alice --no-cache\n") {
		t.Errorf("%v: %s\n%s", err, &h.output, h.read(t))
	}
	if err := h.run(Request{Repository: repository}); err != nil || !strings.Contains(h.output.String(), "keeping --profile alice --no-cache") {
		t.Errorf("for one repository: %v: %s", err, &h.output)
	}
	ours := filepath.Join(h.dir, cli.Name) + " --profile alice --no-cache"
	if lines, _ := h.helpers(t, h.dir, repository); !slices.Equal(lines, []string{ours}) {
		t.Errorf("for one repository: %q:\n%s", lines, h.read(t))
	}
	// An earlier setup for another repository changes nothing about that.
	h.write(t, ".gitconfig", "[credential]\n\thelper = codecommit --profile team\n\tuseHttpPath = true\n")
	other := profile("alice")
	other.Repository = oneHost + "/v1/repos/Other"
	for _, r := range []Request{other, {Repository: repository}, {}} {
		if err := h.run(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, url := range []string{repository, oneHost + "/v1/repos/Third"} {
		if lines, _ := h.helpers(t, h.dir, url); len(lines) != 1 || !strings.HasSuffix(lines[0], " --profile team") {
			t.Errorf("%s after a setup for another repository: %q:\n%s", url, lines, h.read(t))
		}
	}
	for _, line := range []string{"codecommit --profile team", "!AWS_PROFILE=team git-credential-codecommit", "!aws --profile team codecommit credential-helper $@", `"!f(){ AWS_PROFILE=team git-credential-codecommit \"$@\"; };f"`} {
		h.write(t, ".gitconfig", "[credential]\n\thelper = "+line+"\n\tUseHttpPath = true\n")
		if err := h.run(Request{}); err != nil || !strings.Contains(h.read(t), " --profile team\n") {
			t.Errorf("%s: %v:\n%s", line, err, h.read(t))
		}
		if out := h.output.String(); !strings.Contains(out, "keeping --profile team, which credential.helper") || !strings.Contains(out, "no longer uses credential.helper") {
			t.Errorf("%s: %s", line, out)
		}
	}
}

// If there are several copies of this program, --undo removes the settings of the
// running one, and of those that no longer exist.
func TestUndoOfThisProgramOnly(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	another := filepath.Join(h.dir, "opt", cli.Name)
	h.write(t, filepath.Join("opt", cli.Name), "")
	b := Block{Targets: []Target{
		{URL: hosts, Helper: filepath.Join(h.dir, cli.Name)},
		{URL: oneHost + "/v1/repos/Other", Helper: another},
		{URL: oneHost + "/v1/repos/Gone", Helper: "/nowhere/" + cli.Name},
	}}
	h.write(t, ".gitconfig", b.format("\n"))
	if err := h.run(Request{Undo: true}); err != nil {
		t.Fatal(err)
	}
	b.Targets = b.Targets[1:2]
	if h.read(t) != b.format("\n") || !strings.Contains(h.output.String(), "kept the settings of "+another) {
		t.Errorf("%s\n%s", h.read(t), &h.output)
	}
}

// libgit2 and cargo use only the last helper of credential.https://HOST, and run it
// with a shell, so the host name of the region must have one.
func TestLiteralHost(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	h.write(t, cli.Name, "#!/bin/sh\necho username=of-the-helper\necho args=\"$*\"\n")
	if err := os.Chmod(filepath.Join(h.dir, cli.Name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := h.run(profile("two words")); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("git", "config", "--global", "--get-all", "credential."+oneHost+".helper").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	helper := lines[len(lines)-1]
	answer, err := exec.Command("sh", "-c", strings.TrimPrefix(helper, "!")+" get").Output()
	if err != nil || string(answer) != "username=of-the-helper\nargs=--profile two words get\n" {
		t.Errorf("%q: %q, %v", helper, answer, err)
	}
	// In another region, and with another profile, the earlier host name is updated
	// too.
	t.Setenv("AWS_REGION", "eu-west-1")
	if err := h.run(profile("bob")); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{repository, "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/X"} {
		if lines, _ := h.helpers(t, h.dir, url); len(lines) != 1 || !strings.HasSuffix(lines[0], "--profile bob") {
			t.Errorf("%s: %q", url, lines)
		}
	}
}

// The partition is the role's, or else the region's.
func TestPartition(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	t.Setenv("AWS_REGION", "cn-north-1")
	if err := h.run(profile("x")); err != nil {
		t.Fatal(err)
	}
	if text := h.read(t); !strings.Contains(text, `"https://git-codecommit.*.amazonaws.com.cn"`) || strings.Contains(text, `.amazonaws.com"`) {
		t.Error(text)
	}
	r := profile("y")
	r.AllPartitions = true
	if err := h.run(r); err != nil {
		t.Fatal(err)
	}
	if text := h.read(t); !strings.Contains(text, "c2s.ic.gov") || !strings.Contains(text, `*.amazonaws.com"`) {
		t.Error(text)
	}
}
