package gitconfig

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestConfigurationAsGit compares the files as read here with git's list: with
// includes, from several folders and under conditions.
func TestConfigurationAsGit(t *testing.T) { //nolint:paralleltest // it sets the environment
	git, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	if version, err := git.Version(context.Background()); err != nil || !version.AtLeast(FileVariables) {
		t.Skipf("git %v does not support another system file", version)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"system":           "[include]\n\tpath = etc/more\n[user]\n\tname = System\n",
		"etc/more":         "[user]\n\tname = More\n[includeIf \"onbranch:none\"]\n\tpath = ../other\n",
		"other":            "[user]\n\tname = Other\n",
		"home/.gitconfig":  "[includeIf \"gitdir:~/work/\"]\n\tpath = ~/in-work\n[include]\n\tpath = missing\n[user]\n\tname = Alice\n[include]\n\tpath = .more\n",
		"home/in-work":     "[user]\n\tname = Work\n[credential]\n\thelper =\n\thelper = codecommit --profile work\n",
		"home/.more":       "[user]\n\temail = more@example.com\n",
		"home/xdg/git/x":   "",
		"home/work/.local": "[user]\n\tname = Local\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, text)
	}
	home := filepath.Join(dir, "home")
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "xdg"))
	t.Setenv("GIT_CONFIG_SYSTEM", filepath.Join(dir, "system"))
	t.Setenv("GIT_CONFIG_NOSYSTEM", "")
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "user.name")
	t.Setenv("GIT_CONFIG_VALUE_0", "Command")
	run(t, "init", "--quiet", filepath.Join(home, "work"))
	run(t, "-C", filepath.Join(home, "work"), "config", "include.path", "../.local")
	for folder, inWork := range map[string]bool{dir: false, filepath.Join(home, "work"): true, filepath.Join(home, "work", ".git", "hooks"): true} {
		t.Chdir(folder)
		c, err := git.Configuration(context.Background(), home)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Under(func(condition string) bool { return inWork && condition == "gitdir:~/work/" })
		same := func(a, b Entry) bool {
			return a.Is(b.Key) && a.Value == b.Value && a.Scope == b.Scope && a.Origin == b.Origin
		}
		if !slices.EqualFunc(got, c.Effective, same) {
			t.Errorf("%s: got\n%v, git says\n%v", folder, got, c.Effective)
		}
		conditions := c.ConditionalIncludes()
		if len(conditions) != 2 || conditions[1].IncludedFile != home+"/in-work" || c.Active(conditions[1].Entry) != inWork || c.Active(conditions[0].Entry) {
			t.Errorf("%s: %v", folder, conditions)
		}
		changed, err := c.With(Global, filepath.Join(home, ".gitconfig"), []byte("[user]\n\tname = Bob\n"))
		if err != nil || len(changed.Roots) != len(c.Roots) || len(c.ConditionalIncludes()) != 2 || len(changed.ConditionalIncludes()) != 1 {
			t.Errorf("%s: %v, %v", folder, changed.Roots, err)
		}
	}
}
