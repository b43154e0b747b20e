package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// setupUndo takes back what setup wrote for urls, nil for all: git's
// configuration first, and then the profiles that setup added and that nobody
// else uses, as far as can be seen.
func setupUndo(ctx context.Context, p cli.Process, s *setupFlags, c configuration, urls []string) error {
	entries, err := c.git.In(ctx, c.scope)
	if err != nil {
		return configError(err, s)
	}
	effective, err := c.git.Effective(ctx)
	if err != nil {
		return err
	}
	var other string
	var others []gitconfig.Entry
	if c.scope == gitconfig.Global {
		other, others = gitconfig.InOther(effective, entries)
	}
	profiles := addedProfiles(p, effective, c.scope, urls, entries, others)
	plan := func(entries []gitconfig.Entry) []gitconfig.Command {
		return gitconfig.Undo(c.scope, entries, urls...)
	}
	config := awsprofile.ConfigFile(awsEnvironment(p))
	if s.dryRun {
		commands := plan(entries)
		for _, command := range plan(others) {
			commands = append(commands, command.InFile(other))
		}
		lines := commandLines(commands)
		for _, profile := range profiles {
			if profile.stays != "" {
				lines += "# profile " + cli.Quote(profile.name) + " stays in " + config + ": " + profile.stays + "\n"
			} else {
				lines += "# profile " + cli.Quote(profile.name) + ", which setup added, is removed from " + config + "; the configuration of other repositories is not looked at\n"
			}
		}
		if lines == "" {
			lines = "# nothing to do\n"
		}
		_, err := fmt.Fprint(p.Stdout, lines)
		return err
	}
	defer ignoreInterrupts()()
	changed := false
	for _, file := range []string{c.file, other} {
		if file == "" {
			continue
		}
		took, err := c.git.Edit(ctx, file, plan)
		if err != nil {
			return configError(err, s)
		}
		changed = changed || took
	}
	if changed {
		fmt.Fprintf(p.Stdout, "took back what setup wrote to git's %s configuration\n", c.scope)
	} else {
		fmt.Fprintf(p.Stdout, "nothing to do: setup wrote nothing to git's %s configuration\n", c.scope)
	}
	for _, profile := range profiles {
		if profile.stays != "" {
			fmt.Fprintf(p.Stdout, "left profile %s in %s: %s\n", cli.Quote(profile.name), config, profile.stays)
			continue
		}
		removed, err := awsprofile.RemoveProfile(awsEnvironment(p), profile.name)
		if err != nil {
			return profileError(err, s)
		}
		if removed {
			fmt.Fprintf(p.Stdout, "removed profile %s from %s; the configuration of other repositories was not looked at\n", cli.Quote(profile.name), config)
		}
	}
	return nil
}

// An addedProfile is one that setup added, and that a helper line to be taken
// back names.
type addedProfile struct {
	name  string
	stays string // why it does; "" when it is to be removed
}

// addedProfiles looks for those that setup added, and for who else uses them. A
// repository's own configuration shows nothing of the other repositories.
func addedProfiles(p cli.Process, effective []gitconfig.Entry, scope gitconfig.Scope, urls []string, files ...[]gitconfig.Entry) []addedProfile {
	going := map[string]int{} // helper line → how many of it
	var profiles []addedProfile
	var targets []gitconfig.Target
	for _, entries := range files {
		targets = append(targets, gitconfig.Present(entries)...)
	}
	for _, t := range targets {
		if len(urls) > 0 && !slices.Contains(urls, t.URL) {
			continue
		}
		going[t.Helper]++
		profile := addedProfile{name: helper.LineProfile(t.Helper)}
		if scope == gitconfig.Local {
			profile.stays = "other repositories may use it"
		}
		if profile.name != "" && !slices.Contains(profiles, profile) && awsprofile.HasAddedProfile(awsEnvironment(p), profile.name) {
			profiles = append(profiles, profile)
		}
	}
	for _, e := range effective {
		if e.Section == "credential" && strings.EqualFold(e.Name, "helper") && going[e.Value] > 0 {
			going[e.Value]--
			continue
		}
		for i, profile := range profiles {
			if profile.stays == "" && uses(e, profile.name) {
				profiles[i].stays = "git's configuration names it elsewhere"
			}
		}
	}
	for range profiles { // one that stays may keep another one
		for i, profile := range profiles {
			if user := userOf(p, profile.name, profiles); profile.stays == "" && user != "" {
				profiles[i].stays = "profile " + cli.Quote(user) + " uses it"
			}
		}
	}
	return profiles
}

// userOf is a profile that has the one of that name as its source_profile, and
// is not itself to be removed; "" for none.
func userOf(p cli.Process, name string, added []addedProfile) string {
	for _, user := range awsprofile.UsersOf(awsEnvironment(p), name) {
		if !slices.Contains(added, addedProfile{name: user}) {
			return user
		}
	}
	return ""
}

// uses says whether a setting uses a profile: by a helper line, or by a URL of
// the remote helper's.
func uses(e gitconfig.Entry, profile string) bool {
	if e.Section == "credential" && strings.EqualFold(e.Name, "helper") {
		return helper.LineProfile(e.Value) == profile
	}
	for _, s := range []string{e.Value, e.Subsection} { // such as remote.origin.url and url.<base>.insteadOf
		if strings.HasPrefix(s, "codecommit:") && strings.Contains(s, "://"+profile+"@") {
			return true
		}
	}
	return false
}
