package setup

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
)

// An include that names a helper for some hosts or repositories only, without
// resetting the list, keeps precedence for these. In its folder, setup applies to
// the others.
func TestIncludedHelperForOneHost(t *testing.T) { //nolint:paralleltest // it sets the environment
	const (
		work    = "\n\thelper = codecommit --profile work\n"
		eu      = "https://git-codecommit.eu-west-1.amazonaws.com"
		include = "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n"
		second  = "[includeIf \"gitdir:~/second/\"]\n\tpath = second.inc\n"
	)
	ofHost := func(url string) string { return "[credential \"" + url + "\"]" + work }
	for name, c := range map[string]struct {
		config, work, second string
		other                string // a host without a helper of the include's; "" for none
	}{
		"of the region":            {config: include, work: ofHost(oneHost), other: eu},
		"of another region":        {config: include, work: ofHost(eu), other: oneHost},
		"without a scheme":         {config: include, work: ofHost(strings.TrimPrefix(oneHost, "https://")), other: eu},
		"of a repository":          {config: include, work: ofHost(repository), other: eu},
		"of two hosts":             {config: include, work: ofHost(oneHost) + ofHost(eu), other: "https://git-codecommit.eu-west-3.amazonaws.com"},
		"of two includes":          {config: include + "[includeIf \"gitdir:~/work/\"]\n\tpath = second.inc\n", work: ofHost(oneHost), second: ofHost(eu)},
		"of two folders":           {config: include + second, work: ofHost(oneHost), second: ofHost(eu), other: eu},
		"before other settings":    {config: include + "[user]\n\tname = Alice\n", work: ofHost(oneHost), other: eu},
		"after a keychain":         {config: "[credential]\n\thelper = store\n" + include, work: ofHost(oneHost), other: eu},
		"of all, after a keychain": {config: "[credential]\n\thelper = store\n" + include, work: "[credential]" + work},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, ".gitconfig", c.config)
			h.write(t, "work.inc", c.work)
			h.write(t, "second.inc", c.second)
			folder, elsewhere := initRepository(t, h, "work/x"), initRepository(t, h, "second/x")
			if err := h.run(profile("personal")); err != nil {
				t.Fatal(err)
			}
			if out := h.output.String(); !strings.Contains(out, `work.inc keeps precedence where "gitdir:~/work/" applies: profile "work"`) {
				t.Errorf("setup does not say so: %s", out)
			}
			ours := filepath.Join(h.dir, cli.Name) + " --profile personal"
			expect := func(folder, url, helper string) {
				t.Helper()
				if lines, path := h.helpers(t, folder, url); !slices.Equal(lines, []string{helper}) || !path {
					t.Errorf("%s in %s: %q, path %v:\n%s", url, folder, lines, path, h.read(t))
				}
			}
			for _, url := range []string{repository, eu + "/v1/repos/MyDemoRepo"} {
				expect(h.dir, url, ours)
				hostname := strings.TrimPrefix(strings.TrimSuffix(url, "/v1/repos/MyDemoRepo"), "https://")
				if strings.Contains(c.work, hostname) || strings.Contains(c.work, "[credential]") || !strings.Contains(c.config, second) && strings.Contains(c.second, hostname) {
					expect(folder, url, "codecommit --profile work")
				}
				if strings.Contains(c.config, second) && strings.Contains(c.second, hostname) {
					expect(elsewhere, url, "codecommit --profile work")
				} else {
					expect(elsewhere, url, ours)
				}
			}
			if c.other != "" {
				expect(folder, c.other+"/v1/repos/MyDemoRepo", ours)
			}
			text := h.read(t)
			t.Chdir(folder)
			if err := h.run(profile("personal")); err != nil || h.read(t) != text {
				t.Errorf("inside, a second time: %v:\n%s", err, h.read(t))
			}
			t.Chdir(h.dir)
			// If the include later names a helper for all hosts, another file is
			// needed.
			h.write(t, "work.inc", "[credential]"+work)
			if err := h.run(profile("personal")); err != nil {
				t.Fatal(err)
			}
			expect(folder, repository, "codecommit --profile work")
			if err := h.run(Request{Undo: true}); err != nil || h.read(t) != c.config {
				t.Errorf("undo: %v: %q", err, h.read(t))
			}
			if left, _ := filepath.Glob(h.file + "?*"); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// Setup does not report that an include keeps precedence if it never had an effect.
func TestIncludedHelperWithoutEffect(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	config := "[credential]\n\thelper = codecommit --profile builder\n[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n"
	h.write(t, ".gitconfig", config)
	h.write(t, "work.inc", "[credential]\n\thelper = codecommit --profile work\n")
	folder := initRepository(t, h, "work/x")
	if err := h.run(profile("personal")); err != nil {
		t.Fatal(err)
	}
	if out := h.output.String(); strings.Contains(out, "keeps precedence") {
		t.Errorf("setup says: %s", out)
	}
	if lines, _ := h.helpers(t, folder, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], "--profile personal") {
		t.Errorf("%q", lines)
	}
	if err := h.run(Request{Undo: true}); err != nil || h.read(t) != config {
		t.Errorf("undo: %v: %q", err, h.read(t))
	}
	if _, err := os.Stat(h.file); err != nil {
		t.Error(err)
	}
}

// A user's file is not treated as setup's because of its name: setup repeats the
// include of the file, but neither changes nor removes the file.
func TestIncludedFileWithANameLikeSetups(t *testing.T) { //nolint:paralleltest // it sets the environment
	for _, name := range []string{".gitconfig-codecommit-work", ".gitconfig-codecommit-reset", ".gitconfig-codecommit-work-1a2b3c4d"} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			config := "[includeIf \"gitdir:~/work/\"]\n\tpath = " + name + "\n[include]\n\tpath = mine.inc\n"
			work := "[user]\n\temail = alice@work.example\n[credential \"" + hosts + "\"]\n\thelper =\n\thelper = codecommit --profile work\n\tuseHttpPath = true\n"
			h.write(t, ".gitconfig", config)
			h.write(t, "mine.inc", "[credential]\n\thelper = store\n")
			h.write(t, name, work)
			folder := initRepository(t, h, "work/x")
			check := func(when string, helpers ...string) {
				t.Helper()
				if lines, path := h.helpers(t, folder, repository); !slices.Equal(lines, helpers) || !path {
					t.Errorf("%s: %q, path %v:\n%s", when, lines, path, h.read(t))
				}
				if text, err := os.ReadFile(filepath.Join(h.dir, name)); string(text) != work {
					t.Errorf("%s: the file is %q, %v", when, text, err)
				}
			}
			for _, when := range []string{"once", "twice", "a third time"} {
				before := h.read(t)
				if err := h.run(profile("personal")); err != nil {
					t.Fatal(err)
				}
				check(when, "codecommit --profile work")
				if when != "once" && h.read(t) != before {
					t.Errorf("%s: the configuration changes:\n%s", when, h.read(t))
				}
			}
			if err := h.run(Request{Undo: true}); err != nil || h.read(t) != config {
				t.Errorf("undo: %v: %q", err, h.read(t))
			}
			check("after undo", "codecommit --profile work", "store")
		})
	}
}

// An include that resets a keychain for all hosts is not repeated after one that
// git uses for other hosts: setup refuses instead.
func TestIncludeIsNotRepeatedAfterAKeychain(t *testing.T) { //nolint:paralleltest // it sets the environment
	for name, c := range map[string]struct{ include, after string }{
		"for all hosts":  {"[credential]\n\thelper =\n\thelper = codecommit --profile work\n", "[credential]\n\thelper = store\n"},
		"for one host":   {"[credential]\n\thelper =\n\thelper = codecommit --profile work\n", "[credential]\n\thelper = cache\n[credential \"https://example.com\"]\n\thelper = store\n"},
		"with user name": {"[credential]\n\thelper = codecommit --profile work\n\tusername = alice\n", "[credential]\n\thelper = store\n\tusername = bob\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			config := "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n" + c.after
			h.write(t, ".gitconfig", config)
			h.write(t, "work.inc", c.include)
			folder := initRepository(t, h, "work/x")
			was := h.credential(t, folder, "https://example.com/x")
			err := h.run(profile("personal"))
			is := h.credential(t, folder, "https://example.com/x")
			if !slices.Equal(distinctHelpers(was), distinctHelpers(is)) || was.Username.Value != is.Username.Value {
				t.Errorf("%v: helpers %q, were %q; user %q:\n%s", err, distinctHelpers(is), distinctHelpers(was), is.Username.Value, h.read(t))
			}
			var precedence *PrecedenceError
			if !errors.As(err, &precedence) || h.read(t) != config {
				t.Errorf("%v:\n%s", err, h.read(t))
			}
		})
	}
}

// A keychain for all hosts in an include that names a helper for one repository
// does not become the only helper for the other repositories, unless the include
// itself removes all other helpers.
func TestIncludedHelperNextToAKeychain(t *testing.T) { //nolint:paralleltest // it sets the environment
	const work = "[credential \"" + repository + "\"]\n\thelper = codecommit --profile work\n\tuseHttpPath = true\n"
	for name, c := range map[string]struct{ included, first string }{
		"before": {"[credential]\n\thelper = store\n" + work, "personal"},
		"after":  {work + "[credential]\n\thelper = store\n", "personal"},
		"reset":  {"[credential]\n\thelper =\n\thelper = store\n" + work, "store"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, ".gitconfig", "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n")
			h.write(t, "work.inc", c.included)
			folder := initRepository(t, h, "work/x")
			if err := h.run(profile("personal")); err != nil || !strings.Contains(h.output.String(), "work.inc keeps precedence") {
				t.Errorf("%v: %s", err, &h.output)
			}
			if lines, _ := h.helpers(t, folder, repository); !slices.Contains(lines, "codecommit --profile work") || slices.Contains(lines, filepath.Join(h.dir, cli.Name)+" --profile personal") {
				t.Errorf("%q", lines)
			}
			if lines, _ := h.helpers(t, folder, oneHost+"/v1/repos/Other"); len(lines) == 0 || !strings.HasSuffix(lines[0], c.first) {
				t.Errorf("another repository: %q:\n%s", lines, h.read(t))
			}
		})
	}
}

// A helper that an include names for the host keeps precedence over the setup of a
// repository, too: a later setup for all hosts does not change which one answers.
func TestIncludedHelperForTheHostOfARepository(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	h.write(t, ".gitconfig", "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n")
	h.write(t, "work.inc", "[credential \""+oneHost+"\"]\n\thelper =\n\thelper = work\n")
	folder := initRepository(t, h, "work/x")
	one := profile("builder")
	one.Repository = repository
	for _, request := range []Request{one, profile("personal")} {
		if err := h.run(request); err != nil || !strings.Contains(h.output.String(), "work.inc keeps precedence") {
			t.Errorf("%v: %s", err, &h.output)
		}
		if lines, _ := h.helpers(t, folder, repository); !slices.Equal(lines, []string{"work"}) {
			t.Errorf("%q", lines)
		}
		if lines, _ := h.helpers(t, h.dir, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], " --profile builder") {
			t.Errorf("%q", lines)
		}
	}
}

// An include is not repeated if that changed other settings in a folder where a
// later include applies too.
func TestIncludeIsNotRepeatedAfterAnInnerOne(t *testing.T) { //nolint:paralleltest // it sets the environment
	const (
		names    = "[credential \"" + oneHost + "\"]\n\thelper = codecommit --profile work\n"
		keychain = "[credential]\n\thelper =\n\thelper = store\n"
		email    = "[user]\n\temail = "
	)
	for name, c := range map[string]struct {
		inner  string // condition of the later include
		work   string
		refuse bool
	}{
		"email in the same folder":        {"gitdir:~/work/acme/", names + email + "me@work\n", true},
		"other hosts in the same folder":  {"gitdir:~/work/acme/", "[credential]\n\thelper =\n" + names, true},
		"email on a branch":               {"onbranch:main", names + email + "me@work\n", true},
		"nothing else in the same folder": {"gitdir:~/work/acme/", names, false},
		"email in another folder":         {"gitdir:~/private/", names + email + "me@work\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, ".gitconfig", "[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n[includeIf \""+c.inner+"\"]\n\tpath = inner.inc\n")
			h.write(t, "work.inc", c.work)
			h.write(t, "inner.inc", keychain+email+"me@inner\n")
			folder := initRepository(t, h, "work/acme/x")
			before := h.read(t)
			err := h.run(profile("personal"))
			var precedence *PrecedenceError
			if refused := errors.As(err, &precedence); refused != c.refuse || err != nil && !refused || refused && h.read(t) != before {
				t.Errorf("%v: %s", err, h.read(t))
			}
			if c.refuse {
				if hints := cli.HintsOf(err); len(hints) != 1 || !strings.Contains(hints[0].Text(cli.Name), "--folder DIR") {
					t.Errorf("%v", hints)
				}
			}
			want := "me@inner\n"
			if c.inner == "gitdir:~/private/" {
				want = "me@work\n"
			}
			if out, err := exec.Command("git", "-C", folder, "config", "user.email").Output(); err != nil || string(out) != want {
				t.Errorf("%v: %q", err, out)
			}
		})
	}
}

// An include that an earlier setup gave precedence keeps it, even if the user has
// since added a general helper before it.
func TestIncludeKeepsItsPrecedence(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	h.write(t, ".gitconfig", "[includeIf \"gitdir:~/own/\"]\n\tpath = own.inc\n")
	h.write(t, "own.inc", strings.Replace(own, "\thelper =\n", "", 1))
	folder := initRepository(t, h, "own")
	for range 3 {
		if err := h.run(profile("builder")); err != nil || !strings.Contains(h.output.String(), "own.inc keeps precedence") {
			t.Fatalf("%v: %s", err, &h.output)
		}
		if lines, _ := h.helpers(t, folder, repository); !slices.Equal(lines, []string{"codecommit --profile own"}) {
			t.Errorf("%q:\n%s", lines, h.read(t))
		}
		h.write(t, ".gitconfig", "[credential]\n\thelper = codecommit --profile general\n"+h.read(t))
	}
}

// A helper of an include that has no effect does not stay after setup's if another
// position of setup's lines avoids that.
func TestIncludedKeychainIsReset(t *testing.T) { //nolint:paralleltest // it sets the environment
	h := newHome(t)
	h.write(t, ".gitconfig", "[credential]\n\thelper = codecommit --profile general\n")
	folder := initRepository(t, h, "work/x")
	if err := h.run(profile("builder")); err != nil {
		t.Fatal(err)
	}
	h.write(t, ".gitconfig", h.read(t)+"[includeIf \"gitdir:~/work/\"]\n\tpath = work.inc\n")
	h.write(t, "work.inc", "[credential \""+hosts+"\"]\n\thelper = store\n")
	request := profile("work")
	request.Folder = "work"
	if err := h.run(request); err != nil {
		t.Fatal(err)
	}
	if lines, _ := h.helpers(t, folder, repository); len(lines) != 1 || !strings.HasSuffix(lines[0], " --profile work") {
		t.Errorf("%q:\n%s", lines, h.read(t))
	}
}
