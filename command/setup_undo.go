package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/gitconfig"
)

// setupUndo takes back what setup wrote for urls, nil for all: git's
// configuration first, and then the profiles that setup added and that no
// helper line names any more.
func setupUndo(ctx context.Context, p Process, s *setupFlags, git gitconfig.Git, scope gitconfig.Scope, urls []string) error {
	entries, err := git.In(ctx, scope)
	if err != nil {
		return configError(err, s)
	}
	profiles, err := addedProfiles(ctx, p, git, entries, urls)
	if err != nil {
		return err
	}
	plan := func(entries []gitconfig.Entry) []gitconfig.Command { return gitconfig.Undo(scope, entries, urls...) }
	config := awsprofile.ConfigFile(p.awsEnvironment())
	if s.dryRun {
		lines := commandLines(plan(entries))
		for _, name := range profiles {
			lines += "# profile " + quote(name) + ", which setup added, is removed from " + config + "\n"
		}
		if lines == "" {
			lines = "# nothing to do\n"
		}
		_, err := fmt.Fprint(p.Stdout, lines)
		return err
	}
	changed, err := apply(ctx, git, scope, plan)
	if err != nil {
		return configError(err, s)
	}
	if changed {
		fmt.Fprintf(p.Stdout, "took back what setup wrote to git's %s configuration\n", scope)
	} else {
		fmt.Fprintf(p.Stdout, "nothing to do: setup wrote nothing to git's %s configuration\n", scope)
	}
	for _, name := range profiles {
		removed, err := awsprofile.RemoveProfile(p.awsEnvironment(), name)
		if err != nil {
			return err
		}
		if removed {
			fmt.Fprintf(p.Stdout, "removed profile %s from %s\n", quote(name), config)
		}
	}
	return nil
}

// addedProfiles are the profiles that setup added, that a helper line to be
// taken back names, and that no other helper line does.
func addedProfiles(ctx context.Context, p Process, git gitconfig.Git, entries []gitconfig.Entry, urls []string) ([]string, error) {
	going := map[string]int{} // helper line → how many of it
	var names []string
	for _, t := range gitconfig.Present(entries) {
		if len(urls) > 0 && !slices.Contains(urls, t.URL) {
			continue
		}
		going[t.Helper]++
		if name := profileIn(t.Helper); name != "" && !slices.Contains(names, name) && awsprofile.HasAddedProfile(p.awsEnvironment(), name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	effective, err := git.Effective(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range effective {
		if e.Section != "credential" || !strings.EqualFold(e.Name, "helper") {
			continue
		}
		if going[e.Value]--; going[e.Value] < 0 {
			names = slices.DeleteFunc(names, func(name string) bool { return name == profileIn(e.Value) })
		}
	}
	return names, nil
}

// profileIn is the profile that a helper line names; "" for none.
func profileIn(helper string) string {
	words, err := awsprofile.SplitWords(helper)
	if err != nil {
		return ""
	}
	for i, word := range words {
		if value, ok := strings.CutPrefix(word, "--profile="); ok {
			return value
		}
		if word == "--profile" && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}
