package setup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/atomicfile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/shell"
)

// maxFileSize is the largest configuration file that is edited, in bytes.
const maxFileSize = 16 << 20

// An edit is a file and its new content.
type edit struct {
	file   string
	before []byte // nil for no file
	after  []byte // nil to remove it
}

// read reads a file; nil for none.
func read(path string) ([]byte, error) {
	text, err := regularfile.Read(path, maxFileSize)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, regularfile.Cause(err))
	}
	return text, nil
}

// install writes the new profile and git's configuration: both or neither.
func (s *Setup) install(ctx context.Context, config gitconfig.Configuration) error {
	text, err := read(s.file)
	if err != nil {
		return err
	}
	now, err := parseDocument(text)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", s.file, err)
	}
	var folder Folder
	earlier := now.block().Targets
	if s.Folder != "" {
		if folder, err = s.folder(); err != nil {
			return err
		}
		earlier = s.inFolder(folder).Targets
	}
	from, kept := s.keepEarlier(config, earlier)
	if len(kept) > 0 {
		s.Args = append(kept, s.Args...)
		s.Query.Profile, s.Query.CredentialSource = valueOf("--profile", kept), valueOf("--credential-source", kept)
		if role := valueOf("--role-arn", kept); role != "" {
			s.Query.Role = &awsprofile.Role{ARN: role}
		}
		fmt.Fprintf(s.Process.Stdout, "keeping %s, which %s names; setup --undo removes it\n", words(kept), from)
	}
	value, err := helperLine(s.program, s.Args)
	if err != nil {
		return err
	}
	targets := s.targets(config.Effective, value)
	w := writing{s: s, config: config, folder: folder, targets: targets}
	if s.DryRun {
		return w.dryRun(text)
	}
	defer ignoreInterrupts()()
	if s.NewProfile != nil {
		if w.added, err = s.AWS.AddProfile(*s.NewProfile); err != nil {
			return s.profileError(err)
		}
	}
	changed, err := w.write(ctx)
	if err != nil {
		if w.added {
			name := s.NewProfile.Name
			_, _ = s.AWS.RemoveProfiles(map[string]string{name: s.AWS.AddedSum(name)})
		}
		return s.configError(err)
	}
	effective, err := s.Git.Effective(ctx)
	if err != nil {
		return err
	}
	return s.report(&w, changed, effective)
}

// inFolder is what setup wrote for a folder before.
func (s *Setup) inFolder(f Folder) Block {
	text, err := read(f.File)
	if err != nil || text == nil {
		return Block{}
	}
	d, err := parseDocument(text)
	if err != nil {
		return Block{}
	}
	return d.block()
}

// A writing is the change of git's configuration for a request.
type writing struct {
	s       *Setup
	config  gitconfig.Configuration
	folder  Folder // zero for none
	targets []Target
	added   bool // the new profile is in the AWS config file since this run
	plan    plan // of the scope's file, once it is made
	// oldResets are the Resets that the scope's file had before.
	oldResets []Folder
}

// write writes the files of git's configuration: that of the folder first, since
// the scope's file includes it.
func (w *writing) write(ctx context.Context) (changed bool, err error) {
	if w.folder.File != "" {
		changed, err = gitconfig.Edit(ctx, w.folder.File, w.folderText)
		if err != nil {
			return false, err
		}
	}
	more, err := w.writeScope(ctx)
	if err != nil && changed {
		_, _ = gitconfig.Edit(ctx, w.folder.File, undoAll)
	}
	return changed || more, err
}

// writeScope writes the scope's file, and before it the files that it includes to
// make git forget helpers. Those of an earlier setup are removed at last.
func (w *writing) writeScope(ctx context.Context) (changed bool, err error) {
	text, err := read(w.s.file)
	if err != nil {
		return false, err
	}
	if _, err := w.scopeText(text); err != nil { // it makes the plan
		return false, err
	}
	write := func(file string) error {
		took, err := gitconfig.Edit(ctx, file, func([]byte) ([]byte, error) { return w.resetText(file), nil })
		changed = changed || took
		return err
	}
	for _, f := range w.plan.block.Resets {
		if err := write(f.File); err != nil {
			return changed, err
		}
	}
	more, err := gitconfig.Edit(ctx, w.s.file, w.scopeText)
	for _, f := range slices.Concat(w.oldResets, w.plan.block.Resets) {
		if err == nil {
			err = write(f.File)
		}
	}
	return changed || more, err
}

// resetText is the content of a file that the block's Resets include; nil if none
// of them includes it.
func (w *writing) resetText(file string) []byte {
	if slices.ContainsFunc(w.plan.block.Resets, func(f Folder) bool { return f.File == file }) {
		return w.plan.resetTexts[file]
	}
	return nil
}

// folderText is the new content of the folder's own file.
func (w *writing) folderText(text []byte) ([]byte, error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", w.folder.File, err)
	}
	b := d.block()
	base, _ := d.without(b)
	b.NewFile = b.NewFile || !d.exists
	return insert(base, len(base), b.with(w.targets, nil)), nil
}

// scopeText is the new content of the scope's file.
func (w *writing) scopeText(text []byte) ([]byte, error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", w.s.file, err)
	}
	old := d.block()
	base, at := d.without(old)
	if len(d.groups) == 0 {
		at = -1
	}
	b := old
	w.oldResets = old.Resets
	b.NewFile = b.NewFile || !d.exists
	b.Profiles = w.s.records(old.Profiles, w.added)
	pl := planner{config: w.config, scope: w.s.Scope, file: w.s.file, inFolders: map[string][]Target{}}
	if w.folder.File == "" {
		b = b.with(w.targets, nil)
	} else {
		b = b.with(nil, []Folder{w.folder})
	}
	for _, f := range b.Folders {
		inFolder := w.s.inFolder(f)
		if f == w.folder {
			inFolder = inFolder.with(w.targets, nil)
		}
		pl.inFolders[f.Condition] = inFolder.Targets
		if pl.config, err = pl.config.WithFile(f.File, []byte(inFolder.format("\n"))); err != nil {
			return nil, err
		}
	}
	if w.plan, err = pl.plan(base, at, b); err != nil {
		return nil, err
	}
	// --undo must be able to restore every byte that is not setup's.
	if restored, err := undoAll(w.plan.text); err != nil || !bytes.Equal(restored, base) {
		return nil, fmt.Errorf("cannot write %s: the lines of setup would become part of its last line, which ends in a backslash", w.s.file)
	}
	return w.plan.text, nil
}

// dryRun prints what would be written as commands of a shell.
func (w *writing) dryRun(text []byte) error {
	s := w.s
	var out strings.Builder
	if s.NewProfile != nil {
		commands, err := s.addition()
		if err != nil {
			return err
		}
		out.WriteString(commands)
	}
	if w.folder.File != "" {
		before, err := read(w.folder.File)
		if err != nil {
			return err
		}
		after, err := w.folderText(before)
		if err != nil {
			return err
		}
		out.WriteString(edit{w.folder.File, before, after}.commands())
	}
	after, err := w.scopeText(text)
	if err != nil {
		return s.configError(err)
	}
	var resets []edit
	for _, f := range slices.Concat(w.plan.block.Resets, w.oldResets) {
		if slices.ContainsFunc(resets, func(e edit) bool { return e.file == f.File }) {
			continue
		}
		before, err := read(f.File)
		if err != nil {
			return err
		}
		resets = append(resets, edit{f.File, before, w.resetText(f.File)})
	}
	for _, e := range resets {
		out.WriteString(e.commands())
	}
	out.WriteString(edit{s.file, text, after}.commands())
	if out.Len() == 0 {
		out.WriteString("# nothing to do\n")
	}
	if _, err := fmt.Fprint(s.Process.Stdout, out.String()); err != nil {
		return err
	}
	planned, err := w.config.With(s.Scope, s.file, after)
	if err != nil {
		return err
	}
	active := func(condition string) bool {
		return slices.ContainsFunc(w.config.ConditionalIncludes(), func(i gitconfig.ConditionalInclude) bool {
			return i.Subsection == condition && w.config.Active(i.Entry)
		})
	}
	s.warnOfDisplaced(planned.Under(active), w.targets)
	return nil
}

// words writes arguments as a shell reads them.
func words(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = shell.Word(arg)
	}
	return strings.Join(quoted, " ")
}

// undoAll removes all that setup wrote to a file.
func undoAll(text []byte) ([]byte, error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	restored, _ := d.without(d.block())
	return restored, nil
}

// records are the profiles that setup added and the new block uses, with the sum
// of each as it is now, or was when setup added it.
func (s *Setup) records(old []ProfileRecord, added bool) []ProfileRecord {
	records := slices.Clone(old)
	name := s.Query.Profile
	if added {
		records = slices.DeleteFunc(records, func(r ProfileRecord) bool { return r.Name == name })
	}
	if name == "" || slices.ContainsFunc(records, func(r ProfileRecord) bool { return r.Name == name }) {
		return records
	}
	if sum := s.AWS.AddedSum(name); sum != "" {
		records = append(records, ProfileRecord{Name: name, Sum: sum})
	}
	return records
}

// profileError adds how to fix what keeps a profile from being added or removed.
func (s *Setup) profileError(err error) error {
	var exists *awsprofile.ProfileExistsError
	var locked *atomicfile.LockedError
	switch {
	case errors.As(err, &exists):
		hints := []cli.Hint{cli.Advice("give the new profile another name with --profile")}
		if exists.HasSource {
			hints = append(hints, cli.RunThis(s.typed(s.Scope, s.Args)).When("or use the existing one"))
		}
		return cli.WithHints(err, hints...)
	case errors.As(err, &locked):
		return cli.WithHints(err, cli.Run("rm "+shell.Word(locked.Lock)).When("if no other setup is running"))
	}
	return err
}
