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

// maxFileSize is the size limit in bytes for configuration files that setup edits.
const maxFileSize = 16 << 20

// An edit is a file with its old and new content.
type edit struct {
	file   string
	before []byte // nil if there is no file
	after  []byte // nil to remove the file
}

// read returns the content of a file, nil if there is no file.
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

// install writes the new profile and git's configuration, or neither if either
// fails.
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
	w := writer{s: s, config: config, folder: folder, targets: targets}
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

// inFolder returns what setup wrote for a folder earlier.
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

// A writer changes git's configuration for one request.
type writer struct {
	s       *Setup
	config  gitconfig.Configuration
	folder  Folder // zero for none
	targets []Target
	added   bool // this run added the new profile to the AWS config file
	plan    plan // for the scope's file; zero until scopeText has run
	// resets are the files of the plan's Resets; oldResets are those that the
	// scope's file had before this run.
	resets, oldResets []string
}

// write writes git's configuration files. The folder's file comes first, because
// the scope's file includes it.
func (w *writer) write(ctx context.Context) (changed bool, err error) {
	text, err := read(w.s.file)
	if err == nil {
		_, err = w.scopeText(text) // a refusal must come before any change
	}
	if err != nil {
		return false, err
	}
	var before, after []byte
	if w.folder.File != "" {
		changed, err = gitconfig.Edit(ctx, w.folder.File, func(text []byte) ([]byte, error) {
			var err error
			before = text
			after, err = w.folderText(text)
			return after, err
		})
		if err != nil {
			return false, err
		}
	}
	more, err := w.writeScope(ctx)
	if err != nil && changed {
		_, _ = gitconfig.Edit(ctx, w.folder.File, func(text []byte) ([]byte, error) {
			if bytes.Equal(text, after) {
				return before, nil
			}
			return text, nil // another process has changed it
		})
	}
	return changed || more, err
}

// writeScope writes the reset files (see Block.Resets), then the scope's file that
// includes them, and finally removes the reset files of an earlier setup.
func (w *writer) writeScope(ctx context.Context) (changed bool, err error) {
	text, err := read(w.s.file)
	if err != nil {
		return false, err
	}
	if _, err := w.scopeText(text); err != nil { // sets w.plan
		return false, err
	}
	write := func(file string) error {
		wrote, err := gitconfig.Edit(ctx, file, func(text []byte) ([]byte, error) { return w.resetText(file, text), nil })
		changed = changed || wrote
		return err
	}
	for _, file := range w.resets {
		if err := write(file); err != nil {
			return changed, err
		}
	}
	oldResets := w.oldResets // the old files can be read now; the next line sets them again
	more, err := gitconfig.Edit(ctx, w.s.file, w.scopeText)
	for _, file := range slices.Concat(oldResets, w.oldResets, w.resets) {
		if err == nil {
			err = write(file)
		}
	}
	return changed || more, err
}

// resetText returns the new content of a reset file; text is its current content.
// If the block no longer includes the file, resetText is like withoutReset.
func (w *writer) resetText(file string, text []byte) []byte {
	if slices.Contains(w.resets, file) {
		return slices.Concat(w.plan.resetTexts[file], withoutReset(text))
	}
	return withoutReset(text)
}

// withoutReset returns what remains of a reset file: nil, unless it has content
// that is not setup's.
func withoutReset(text []byte) []byte {
	var urls []string
	items, _ := gitconfig.Parse(text) // undoAll reports errors
	for _, item := range items {
		if item.Kind != gitconfig.Header {
			continue
		}
		urls = append(urls, item.Subsection)
		// The hosts may be those of --allow-host, which undoAll does not recognize.
		if rest, ok := bytes.CutPrefix(text, []byte(resetBlock(urls).format("\n"))); ok {
			if len(rest) == 0 {
				return nil
			}
			return rest
		}
	}
	if left, err := undoAll(text); err == nil {
		return left
	}
	return text
}

// folderText returns the new content of the folder's file.
func (w *writer) folderText(text []byte) ([]byte, error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", w.folder.File, err)
	}
	b := d.block()
	base, _ := d.without(b)
	b.NewFile = b.NewFile || !d.exists
	return insert(base, len(base), b.with(w.targets, nil)), nil
}

// scopeText returns the new content of the scope's file, and sets w.plan.
func (w *writer) scopeText(text []byte) ([]byte, error) {
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
	if w.oldResets, err = resetFiles(old.Resets, read); err != nil {
		return nil, err
	}
	b.NewFile = b.NewFile || !d.exists
	b.Profiles = w.s.records(old.Profiles, w.added)
	pl := planner{cache: gitconfig.NewCache(), config: w.config, scope: w.s.Scope, file: w.s.file, home: w.s.Process.Home(), inFolders: map[string][]Target{}}
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
	planned := func(file string) ([]byte, error) { return w.plan.resetTexts[file], nil }
	if w.resets, err = resetFiles(w.plan.block.Resets, planned); err != nil {
		return nil, err
	}
	// --undo must be able to restore every byte that setup did not write.
	if restored, err := undoAll(w.plan.text); err != nil || !bytes.Equal(restored, base) {
		return nil, fmt.Errorf("cannot write %s: its last line ends in a backslash, so setup's lines would become part of it", w.s.file)
	}
	return w.plan.text, nil
}

// dryRun prints the change as shell commands.
func (w *writer) dryRun(text []byte) error {
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
	for _, file := range slices.Concat(w.resets, w.oldResets) {
		if slices.ContainsFunc(resets, func(e edit) bool { return e.file == file }) {
			continue
		}
		before, err := read(file)
		if err != nil {
			return err
		}
		resets = append(resets, edit{file, before, w.resetText(file, before)})
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

// words joins arguments, quoted for a shell.
func words(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = shell.Word(arg)
	}
	return strings.Join(quoted, " ")
}

// undoAll removes everything that setup wrote from the content of a file.
func undoAll(text []byte) ([]byte, error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	restored, _ := d.without(d.block())
	return restored, nil
}

// records returns the profiles that setup added and that the new block uses. Each
// has the checksum of its text: the current one if this run added it, otherwise the
// one recorded earlier.
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

// profileError adds hints to an error from adding or removing a profile.
func (s *Setup) profileError(err error) error {
	var exists *awsprofile.ProfileExistsError
	var locked *atomicfile.LockedError
	switch {
	case errors.As(err, &exists):
		hints := []cli.Hint{cli.Advice("give the new profile another name with --profile")}
		if exists.HasSource {
			hints = append(hints, cli.RunThis(s.typed(s.Scope, s.Args)).When("or to use the existing one"))
		}
		return cli.WithHints(err, hints...)
	case errors.As(err, &locked):
		return cli.WithHints(err, cli.Run(shell.Remove(locked.Lock)).When("if no other setup is running"))
	}
	return err
}
