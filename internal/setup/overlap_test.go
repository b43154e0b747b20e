package setup

import (
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/internal/cli"
)

func TestOverlapWith(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder, condition string
		want              overlap
	}{
		{"/h/own/", "gitdir:/h/own/", every},
		{"/h/own/", "gitdir:~/own/", every},
		{"/h/own/", "gitdir:~/own/**", every},
		{"/h/own/", "gitdir:~/", every},
		{"/h/own/", "gitdir/i:~/OWN/", every},
		{"/h/own/", "gitdir:~/OWN/", none},
		{"/h/own/", "gitdir:~/own/inner/", some},
		{"/h/own/", "gitdir:~/own/x/.git", some},
		{"/h/own/", "gitdir:~/other/", none},
		{"/h/own/", "gitdir:~/ow", none},
		{"/h/own/", "gitdir:~/*/", some},
		{"/h/own/", "gitdir:own/", some},
		{"/h/own/", "onbranch:main", some},
		{"/h/own/", "hasconfig:remote.*.url:https://git-codecommit.*.amazonaws.com/**", some},
	} {
		if got := overlapWith(c.folder, c.condition, "/h"); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.folder, c.condition, got, c.want)
		}
	}
}

// An include of the user's covers all or part of a folder: it keeps precedence
// there, as setup reports, and git uses the helper of --folder in the rest.
func TestFolderWithAnIncludeOfItsOwn(t *testing.T) { //nolint:paralleltest // it sets the environment
	for name, c := range map[string]struct {
		condition string
		rest      bool
	}{
		"all of it":     {condition: "gitdir:~/work/"},
		"more than it":  {condition: "gitdir:~/"},
		"a part":        {condition: "gitdir:~/work/a/", rest: true},
		"on one branch": {condition: "onbranch:release", rest: true},
	} {
		for _, own := range []string{own, strings.Replace(own, "\thelper =\n", "", 1)} {
			t.Run(name, func(t *testing.T) {
				h := newHome(t)
				config := "[includeIf \"" + c.condition + "\"]\n\tpath = own.inc\n"
				h.write(t, ".gitconfig", config)
				h.write(t, "own.inc", own)
				a, b := initRepository(t, h, "work/a", "symbolic-ref HEAD refs/heads/release"), initRepository(t, h, "work/b")
				r := profile("work")
				r.Folder = "work"
				if err := h.run(r); err != nil {
					t.Fatal(err)
				}
				if lines, path := h.helpers(t, a, repository); len(lines) == 0 || lines[0] != "codecommit --profile own" || !path {
					t.Errorf("%q, %v:\n%s", lines, path, h.read(t))
				}
				if lines, path := h.helpers(t, b, repository); len(lines) == 0 || strings.HasSuffix(lines[0], "--profile work") != c.rest || !path {
					t.Errorf("the rest: %q, %v:\n%s", lines, path, h.read(t))
				}
				out := h.output.String()
				if !strings.Contains(out, `own.inc keeps precedence where "`+c.condition+`" applies: profile "own"`) || strings.Contains(out, "git now uses this helper") != c.rest {
					t.Error(out)
				}
				if warned := strings.Contains(h.errors.String(), "own.inc keeps precedence in the whole folder"); warned == c.rest {
					t.Error(h.errors.String())
				}
				if err := h.run(Request{Undo: true}); err != nil || h.read(t) != config {
					t.Errorf("undo: %v: %q", err, h.read(t))
				}
			})
		}
	}
}

// What a refusal advises works.
func TestRefusalAdvises(t *testing.T) { //nolint:paralleltest // it sets the environment
	const (
		include = "[includeIf \"gitdir:~/own/\"]\n\tpath = own.inc\n"
		general = "[credential]\n\thelper = store\n[user]\n\temail = a@example.com\n"
	)
	h := newHome(t)
	h.write(t, ".gitconfig", include+general)
	h.write(t, "own.inc", own+"[user]\n\temail = own@example.com\n")
	folder := initRepository(t, h, "own")
	err := h.run(profile("builder"))
	if err == nil || h.read(t) != include+general {
		t.Fatalf("%v:\n%s", err, h.read(t))
	}
	var hints []string
	for _, hint := range cli.HintsOf(err) {
		hints = append(hints, hint.Text("setup"))
	}
	want := []string{`move the includeIf "gitdir:~/own/" to the end of ` + h.file + ", and run setup again", "or to configure another folder only, run: setup setup --profile builder --folder DIR"}
	if !slices.Equal(hints, want) {
		t.Errorf("hints %q, want %q", hints, want)
	}
	h.write(t, ".gitconfig", general+include)
	if err := h.run(profile("builder")); err != nil {
		t.Fatal(err)
	}
	if lines, _ := h.helpers(t, folder, repository); !slices.Equal(lines, []string{"codecommit --profile own"}) {
		t.Errorf("%q", lines)
	}
}
