package setup

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// The repositories below a folder have a separate account on one branch: it keeps
// precedence where both conditions hold, and only there.
func TestNestedInclude(t *testing.T) { //nolint:paralleltest // it sets the environment
	const (
		outer   = "[includeIf \"onbranch:release\"]\n\tpath = inner.inc\n"
		include = "[includeIf \"gitdir:~/work/\"]\n\tpath = outer.inc\n"
		inner   = "\thelper = codecommit --profile inner\n\tuseHttpPath = true\n"
		store   = "[credential]\n\thelper = store\n"
	)
	for name, c := range map[string]struct{ system, config, outer, inner string }{
		"with a reset":             {config: include, inner: "[credential]\n\thelper =\n" + inner},
		"without a reset":          {config: include, inner: "[credential]\n" + inner},
		"of one host":              {config: include, inner: "[credential \"" + oneHost + "\"]\n" + inner},
		"after a keychain":         {config: store + include, inner: "[credential]\n" + inner},
		"before a keychain":        {config: include + store, inner: "[credential \"" + hosts + "\"]\n\thelper =\n" + inner},
		"of the system":            {system: store + include, inner: "[credential \"" + hosts + "\"]\n\thelper =\n" + inner},
		"in the folder's own file": {config: include, outer: "[user]\n\tname = A\n", inner: "[credential]\n" + inner},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			if c.system != "" {
				t.Setenv("GIT_CONFIG_NOSYSTEM", "0")
				t.Setenv("GIT_CONFIG_SYSTEM", filepath.Join(h.dir, "system"))
				h.write(t, "system", strings.ReplaceAll(c.system, "~", h.dir))
			}
			h.write(t, ".gitconfig", c.config)
			h.write(t, "outer.inc", c.outer+outer)
			h.write(t, "inner.inc", c.inner)
			both := initRepository(t, h, "work/a", "symbolic-ref HEAD refs/heads/release")
			others := []string{initRepository(t, h, "work/b"), initRepository(t, h, "c", "symbolic-ref HEAD refs/heads/release"), h.dir}
			if lines, _ := h.helpers(t, both, repository); !slices.Contains(lines, "codecommit --profile inner") {
				t.Skipf("this git does not read it: %q", lines)
			}
			if err := h.run(profile("builder")); err != nil {
				t.Fatal(err)
			}
			if lines, path := h.helpers(t, both, repository); len(lines) == 0 || lines[0] != "codecommit --profile inner" || !path {
				t.Errorf("under both conditions: %q, %v:\n%s", lines, path, h.read(t))
			}
			if out := h.output.String(); !strings.Contains(out, `inner.inc keeps precedence where "gitdir:`) || !strings.Contains(out, `and "onbranch:release" apply: profile "inner"`) {
				t.Errorf("setup does not say so: %s", out)
			}
			for _, folder := range others {
				if lines, path := h.helpers(t, folder, repository); !slices.Equal(lines, []string{filepath.Join(h.dir, cli.Name) + " --profile builder"}) || !path {
					t.Errorf("%s: %q, %v:\n%s", folder, lines, path, h.read(t))
				}
			}
			if err := h.run(Request{Undo: true}); err != nil || h.read(t) != c.config {
				t.Errorf("undo: %v: %q", err, h.read(t))
			}
			if left, _ := filepath.Glob(h.file + "?*"); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// Nested conditional includes, with and without a reset, before and after other
// helpers: where the helper of one of them answered, it still does; elsewhere git
// uses this helper alone. Git evaluates the conditions. If setup refuses, it
// changes nothing.
func TestNestedIncludes(t *testing.T) { //nolint:paralleltest // it sets the environment
	seed, rounds := uint64(1), 40
	if n, err := strconv.ParseUint(os.Getenv("SETUP_SEED"), 10, 64); err == nil {
		seed = n
	}
	random := rand.New(rand.NewPCG(seed, 2))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	h := newHome(t)
	folders := []string{
		initRepository(t, h, "work/a", "symbolic-ref HEAD refs/heads/release"), initRepository(t, h, "work/b"),
		initRepository(t, h, "work/inner/c", "symbolic-ref HEAD refs/heads/release"), initRepository(t, h, "d", "symbolic-ref HEAD refs/heads/release"), h.dir,
	}
	ours := filepath.Join(h.dir, cli.Name) + " --profile builder"
	refused, kept, nested := 0, 0, 0
	for range rounds {
		helper := func(name string) string {
			section := pick("[credential]\n", "[credential \""+hosts+"\"]\n", "[credential \""+oneHost+"\"]\n")
			return section + pick("", "", "\thelper =\n") + "\thelper = codecommit --profile " + name + "\n\tuseHttpPath = true\n"
		}
		include := func(file string) string {
			condition := pick("gitdir:~/work/", "gitdir:./work/", "gitdir/i:~/WORK/", "gitdir:~/work/inner/", "onbranch:release", "onbranch:main")
			return "[includeIf \"" + condition + "\"]\n\tpath = ~/" + file + "\n"
		}
		store := func() string { return pick("", "", "[credential]\n\thelper = store\n") }
		general := pick("", "[credential]\n\thelper = codecommit --profile general\n\tuseHttpPath = true\n")
		config := general + store() + include("outer.inc") + pick("", "", store()) + pick("", "", include("second.inc"))
		outer := pick("", "", helper("outer")) + include("middle.inc") + pick("", "", "", helper("outer"))
		middle := pick("", helper("middle")) + pick("", include("innermost.inc"))
		for name, text := range map[string]string{".gitconfig": config, "outer.inc": outer, "middle.inc": middle, "innermost.inc": helper("innermost"), "second.inc": helper("second")} {
			h.write(t, name, text)
		}
		urls := []string{repository, "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/X"}
		answers := func() (all []string) {
			for _, folder := range folders {
				for _, url := range urls {
					c := h.credential(t, folder, url)
					answer := answeringHelper(gitconfig.NewCache(), c.Helpers, []Target{{URL: hosts}})
					all = append(all, answer.Value)
					nested += strings.Count(answer.File(), "middle.inc") + strings.Count(answer.File(), "innermost.inc")
				}
			}
			return all
		}
		before := answers()
		err := h.run(profile("builder"))
		after := h.read(t)
		var conflict *PrecedenceError
		if errors.As(err, &conflict) {
			if refused++; after != config {
				t.Errorf("refused, but changed:\n%s", after)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%v:\n%s", err, config)
		}
		for i, answer := range answers() {
			want := ours
			if name := profileOf(before[i]); name != "" && name != "general" {
				want = before[i]
				kept++
			}
			if answer != want {
				t.Errorf("%s, %s: %q, was %q:\n%s\nouter.inc:\n%s\nmiddle.inc:\n%s\nafter:\n%s", folders[i/len(urls)], urls[i%len(urls)], answer, before[i], config, outer, middle, after)
			}
		}
		if err := h.run(profile("builder")); err != nil || h.read(t) != after {
			t.Errorf("a second time: %v:\n%s", err, h.read(t))
		}
		if err := h.run(Request{Undo: true}); err != nil || h.read(t) != config {
			t.Errorf("undo: %v: %q", err, h.read(t))
		}
		if left, _ := filepath.Glob(h.file + "?*"); len(left) > 0 {
			t.Errorf("left: %q", left)
			for _, file := range left {
				_ = os.Remove(file)
			}
		}
	}
	t.Logf("%d of %d refused, %d answers kept, %d of nested includes", refused, rounds, kept, nested)
	if refused > rounds*3/4 || kept == 0 || nested == 0 {
		t.Error("the test shows little")
	}
}
