package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// undo removes what setup wrote: git's configuration first, then the profiles that
// setup added, unless they were edited or are known to be used elsewhere.
func (s *Setup) undo(ctx context.Context) error {
	config, err := s.Git.Configuration(ctx, s.Process.Home())
	if err != nil {
		return s.configError(err)
	}
	files := []string{s.file}
	if other := s.otherFile(config); other != "" {
		files = append(files, other)
	}
	u := undoer{s: s}
	var edits []edit
	for _, file := range files {
		text, err := read(file)
		if err != nil {
			return err
		}
		after, folders, err := u.file(file, text)
		if err != nil {
			return err
		}
		edits = append(edits, edit{file, text, after})
		edits = append(edits, folders...)
	}
	profiles := s.addedProfiles(config.Effective, u)
	if s.DryRun {
		return s.undoDryRun(edits, profiles)
	}
	defer ignoreInterrupts()()
	changed := false
	for _, e := range edits {
		wrote, err := gitconfig.Edit(ctx, e.file, func(text []byte) ([]byte, error) {
			if slices.Contains(files, e.file) {
				after, _, err := u.file(e.file, text)
				return after, err
			}
			if isResetFile(e.file) {
				return withoutReset(text), nil
			}
			return u.folder(text)
		})
		if err != nil {
			return s.configError(err)
		}
		changed = changed || wrote
	}
	if changed {
		fmt.Fprintf(s.Process.Stdout, "removed what setup wrote to git's %s configuration\n", s.Scope)
	} else {
		fmt.Fprintf(s.Process.Stdout, "nothing to do: setup wrote nothing to git's %s configuration\n", s.Scope)
	}
	for _, file := range s.included(config.Effective, edits) {
		fmt.Fprintf(s.Process.Stdout, "kept the helper lines in %s, which git's %s configuration includes\n", file, s.Scope)
	}
	for _, file := range u.kept {
		fmt.Fprintf(s.Process.Stdout, "kept the includeIf for %s, which contains settings that setup did not write\n", file)
	}
	for _, program := range u.others {
		fmt.Fprintf(s.Process.Stdout, "kept the settings of %s: they run another copy of this program\n", program)
	}
	return s.removeProfiles(profiles)
}

// included returns the files, other than those of edits, that git reads for the
// scope and that contain a helper line like setup's: a user may have moved setup's
// lines there.
func (s *Setup) included(effective []gitconfig.Entry, edits []edit) (files []string) {
	for _, e := range effective {
		edited := func(e2 edit) bool { return e2.file == e.File() || cli.SameFile(e2.file, e.File()) }
		if e.Scope == s.Scope && e.Section == "credential" && strings.EqualFold(e.Name, "helper") && isOurs(e.Value) &&
			e.File() != "" && !slices.Contains(files, e.File()) && !slices.ContainsFunc(edits, edited) {
			files = append(files, e.File())
		}
	}
	return files
}

// otherFile returns the user's XDG configuration file if git reads it and s.file is
// another one: setup wrote there if ~/.gitconfig did not exist. "" if there is
// none.
func (s *Setup) otherFile(config gitconfig.Configuration) string {
	if s.Scope != gitconfig.Global {
		return ""
	}
	for _, root := range config.Roots {
		if root.Scope == gitconfig.Global && strings.HasSuffix(root.Path, gitconfig.XDGFile) && root.Path != s.file {
			return root.Path
		}
	}
	return ""
}

// An undoer collects what undo removes.
type undoer struct {
	s       *Setup
	removed []Target
	records []ProfileRecord
	others  []string // programs with settings that are kept
	kept    []string // files of folders that contain settings of the user
}

// file returns the content of a git configuration file without the settings that
// the request covers, and the edits of the folder files that it includes.
func (u *undoer) file(file string, text []byte) (after []byte, folders []edit, err error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read %s: %w", file, err)
	}
	b := d.block()
	u.records = append(u.records, b.Profiles...)
	remove := Block{}
	if u.s.Folder == "" {
		remove.Targets = u.chosen(b.Targets)
	}
	if u.s.Repository == "" || u.s.Folder != "" {
		for _, f := range b.Folders {
			if u.s.Folder != "" {
				if own, err := u.s.folder(); err != nil || f.Condition != own.Condition {
					continue
				}
			}
			before, err := read(f.File)
			if err != nil {
				return nil, nil, err
			}
			after, err := u.folder(before)
			if err != nil {
				return nil, nil, err
			}
			folders = append(folders, edit{f.File, before, after})
			if left, err := parseDocument(after); err != nil || !left.block().empty() {
				continue // it belongs to another copy of this program, or has other repositories
			}
			remove.Folders = append(remove.Folders, f)
			if len(after) > 0 { // settings of the user, which git must still read
				d.release(f)
				if !slices.Contains(u.kept, f.File) {
					u.kept = append(u.kept, f.File)
				}
			}
		}
	}
	if len(remove.Targets)+len(remove.Folders) == 0 && !(b.empty() && len(d.regions) > 0) {
		return text, folders, nil
	}
	after = removeFrom(d, b, remove)
	left, err := parseDocument(after)
	if err != nil {
		return nil, nil, err
	}
	all, err := resetFiles(b.Resets, read)
	if err != nil {
		return nil, nil, err
	}
	used, err := resetFiles(left.block().Resets, read)
	if err != nil {
		return nil, nil, err
	}
	for _, file := range all {
		if slices.Contains(used, file) || slices.ContainsFunc(folders, func(e edit) bool { return e.file == file }) {
			continue
		}
		before, err := read(file)
		if err != nil {
			return nil, nil, err
		}
		folders = append(folders, edit{file, before, withoutReset(before)})
	}
	return after, folders, nil
}

// removeFrom returns the content of a file with part of its block removed; the rest
// of the block is written again at the same position.
func removeFrom(d *document, b, remove Block) []byte {
	left := b
	left.Targets = slices.DeleteFunc(slices.Clone(b.Targets), func(t Target) bool { return slices.Contains(remove.Targets, t) })
	left.Folders = slices.DeleteFunc(slices.Clone(b.Folders), func(f Folder) bool { return slices.Contains(remove.Folders, f) })
	text, at := d.without(b)
	if left.empty() {
		return text
	}
	return insert(text, at, left)
}

// folder returns the content of a folder's file without the settings that the
// request covers.
func (u *undoer) folder(text []byte) ([]byte, error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	b := d.block()
	remove := Block{Targets: u.chosen(b.Targets)}
	if len(remove.Targets) == 0 {
		return text, nil
	}
	return removeFrom(d, b, remove), nil
}

// chosen returns the targets that the request covers: those that run this program
// or one that no longer exists.
func (u *undoer) chosen(targets []Target) (chosen []Target) {
	for _, t := range targets {
		if u.s.Repository != "" && t.URL != u.s.Repository {
			continue
		}
		if !runsProgram(t.Helper, u.s.program) {
			line, _ := helper.ParseLine(t.Helper)
			if !slices.Contains(u.others, line.Program) {
				u.others = append(u.others, line.Program)
			}
			continue
		}
		chosen = append(chosen, t)
	}
	u.removed = append(u.removed, chosen...)
	return chosen
}

// undoDryRun prints the undo as shell commands.
func (s *Setup) undoDryRun(edits []edit, profiles []addedProfile) error {
	lines := ""
	for _, e := range edits {
		lines += e.commands()
	}
	for _, profile := range profiles {
		if profile.stays != "" {
			lines += "# profile " + cli.Quote(profile.name) + " stays in " + s.AWS.ConfigPath() + ": " + profile.stays + "\n"
		} else {
			lines += "# profile " + cli.Quote(profile.name) + ", which setup added, is removed from " + s.AWS.ConfigPath() + "; the configuration of other repositories is not checked\n"
		}
	}
	if lines == "" {
		lines = "# nothing to do\n"
	}
	_, err := fmt.Fprint(s.Process.Stdout, lines)
	return err
}

// An addedProfile is a profile that setup added and that a removed helper line
// uses.
type addedProfile struct {
	name  string
	sum   string // recorded when setup added it; "" if not recorded
	stays string // why it is kept; "" to remove it
}

// addedProfiles returns the profiles that setup added, and for each the reason to
// keep it. With the local scope, the configuration of other repositories is
// unknown.
func (s *Setup) addedProfiles(effective []gitconfig.Entry, u undoer) []addedProfile {
	var profiles []addedProfile
	removedLines := map[string]int{} // helper line → number of removed entries
	for _, t := range u.removed {
		removedLines[t.Helper]++
	}
	for _, name := range profilesOf(u.removed) {
		now := s.AWS.AddedSum(name)
		if now == "" {
			continue
		}
		p := addedProfile{name: name}
		if i := slices.IndexFunc(u.records, func(r ProfileRecord) bool { return r.Name == name }); i >= 0 {
			if p.sum = u.records[i].Sum; p.sum != now {
				p.stays = "it was edited"
			}
		}
		if s.Scope == gitconfig.Local {
			p.stays = "other repositories may use it"
		}
		profiles = append(profiles, p)
	}
	for _, e := range effective {
		if e.Section == "credential" && strings.EqualFold(e.Name, "helper") && removedLines[e.Value] > 0 {
			removedLines[e.Value]--
			continue
		}
		for i, p := range profiles {
			if p.stays == "" && uses(e, p.name) {
				profiles[i].stays = "git's configuration names it elsewhere"
			}
		}
	}
	goes := func(name string) bool {
		return slices.ContainsFunc(profiles, func(p addedProfile) bool { return p.name == name && p.stays == "" })
	}
	for range profiles { // a kept profile may use another one
		for i, p := range profiles {
			users := slices.DeleteFunc(s.AWS.UsersOf(p.name), goes)
			if p.stays == "" && len(users) > 0 {
				profiles[i].stays = "profile " + cli.Quote(users[0]) + " uses it"
			}
		}
	}
	return profiles
}

// removeProfiles removes the profiles that need not be kept, and prints what it
// did.
func (s *Setup) removeProfiles(profiles []addedProfile) error {
	sums := map[string]string{}
	for _, p := range profiles {
		if p.stays == "" {
			sums[p.name] = p.sum
		}
	}
	var removed []string
	if len(sums) > 0 {
		var err error
		if removed, err = s.AWS.RemoveProfiles(sums); err != nil {
			return s.profileError(err)
		}
	}
	for _, p := range profiles {
		if p.stays != "" {
			fmt.Fprintf(s.Process.Stdout, "kept profile %s in %s: %s\n", cli.Quote(p.name), s.AWS.ConfigPath(), p.stays)
		} else if slices.Contains(removed, p.name) {
			fmt.Fprintf(s.Process.Stdout, "removed profile %s from %s; the configuration of other repositories was not checked\n", cli.Quote(p.name), s.AWS.ConfigPath())
		}
	}
	return nil
}

var errUnsafeProgram = errors.New("other users can replace it")

// checkProgram returns an error if root would make all users of this machine run a
// program that another user can replace.
func (s *Setup) checkProgram() error {
	if s.Scope != gitconfig.System || os.Geteuid() != 0 {
		return nil
	}
	if path, unsafe := replaceable(s.program); unsafe {
		return cli.WithHints(fmt.Errorf("the system configuration must not name %s: %w (%s)", s.program, errUnsafeProgram, path),
			cli.Advice("install this program in /usr/local/bin, and run setup from there"))
	}
	return nil
}
