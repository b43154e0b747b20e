package setup

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// In a repository with a helper of its own, setup still protects the helper that an
// include names for another folder.
func TestIncludedHelperKeepsPrecedenceFromElsewhere(t *testing.T) { //nolint:paralleltest // it sets the environment
	const (
		section = "[credential \"" + oneHost + "\"]\n"
		work    = "\thelper = codecommit --profile work\n\tuseHttpPath = true\n"
	)
	for name, c := range map[string]struct{ condition, include string }{
		"of a folder, with a reset":    {"gitdir:~/work/", section + "\thelper =\n" + work},
		"of a folder, without a reset": {"gitdir:~/work/", section + work},
		"of a branch, with a reset":    {"onbranch:work", section + "\thelper =\n" + work},
		"of a branch, without a reset": {"onbranch:work", section + work},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.write(t, ".gitconfig", "[includeIf \""+c.condition+"\"]\n\tpath = work.inc\n")
			h.write(t, "work.inc", c.include)
			folder := initRepository(t, h, "work/x", "symbolic-ref HEAD refs/heads/work")
			elsewhere := filepath.Dir(initRepository(t, h, "elsewhere/x"))
			own := initRepository(t, h, "own")
			for _, value := range []string{"", "codecommit --profile own"} {
				if out, err := exec.Command("git", "-C", own, "config", "--add", "credential."+oneHost+".helper", value).CombinedOutput(); err != nil {
					t.Fatalf("%s", out)
				}
			}
			expect := func() {
				t.Helper()
				lines, path := h.helpers(t, folder, repository)
				if !slices.Equal(lines, []string{"codecommit --profile work"}) || !path {
					t.Errorf("%q, path %v:\n%s", lines, path, h.read(t))
				}
			}
			t.Chdir(own)
			if err := h.run(profile("personal")); err == nil {
				t.Error("setup does not say that the repository uses another helper")
			}
			expect()
			t.Chdir(own)
			inFolder := profile("elsewhere")
			inFolder.Folder = elsewhere
			if err := h.run(inFolder); err != nil {
				t.Fatal(err)
			}
			expect()
		})
	}
}
