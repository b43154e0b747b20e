package setup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// A Target is a URL pattern for which git uses this helper alone.
type Target struct {
	URL    string // https://git-codecommit.*.amazonaws.com, a literal host's or a repository's URL
	Helper string // the value of credential.helper: an absolute path with its flags
	// Literal is true for a single host name that one of the patterns covers. It
	// serves clients without wildcard support: git2-rs (cargo) and dulwich (DVC)
	// use the section's last helper and its useHttpPath. Git and gitoxide read the
	// section too; its empty helper prevents them from running the helper twice.
	// Git's transport settings are the pattern's.
	Literal bool
	// NoEmptyAuth stops git from trying an empty username first: see
	// gitconfig.EmptyAuth.
	NoEmptyAuth bool
}

// A Folder limits settings to repositories below a folder.
type Folder struct {
	Condition string // of includeIf: gitdir:/home/alice/work/
	File      string // what it includes
}

// A Block is all that setup writes to one file, in one place.
type Block struct {
	Targets []Target
	Folders []Folder
	// Resets are conditional includes that setup adds. If a conditionally included
	// file of the user or the system adds a helper without resetting the list, then
	// under the same condition they include a file that resets the list for the same
	// URLs (see resetBlock).
	Resets []Folder
	// Repeated are the user's or the system's conditional includes, repeated after
	// the targets so that they keep precedence. A comment identifies them: see
	// repeatMarker.
	Repeated []Folder
	// Profiles are the profiles that setup added to the AWS config file and that
	// the targets use.
	Profiles []ProfileRecord
	// NewFile is true if setup created the file.
	NewFile bool
}

// A ProfileRecord identifies the text of a profile that setup added: --undo keeps
// the profile if someone has edited it since.
type ProfileRecord struct{ Name, Sum string }

func (r ProfileRecord) String() string {
	return "# setup added the profile " + strconv.Quote(r.Name) + " (" + r.Sum + ")"
}

// parseRecord parses a comment that ProfileRecord.String wrote.
func parseRecord(comment string) (r ProfileRecord, ok bool) {
	rest, ok := strings.CutPrefix(comment, "# setup added the profile ")
	if !ok {
		return r, false
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return r, false
	}
	if r.Name, err = strconv.Unquote(quoted); err != nil {
		return r, false
	}
	r.Sum = strings.Trim(rest[len(quoted):], " ()")
	return r, r.String() == comment
}

// These comments mark a block: the first is inside its first section, the last at
// its end. (A comment before the first section would belong to the section above
// it, and git then would not remove that section along with its last setting.) If
// setup created the file, the first marker ends with newFile.
const (
	beginMarker = "# begin git-credential-codecommit setup (setup --undo removes these lines)"
	newFile     = " (and this file)"
	endMarker   = "# end git-credential-codecommit setup"
)

// repeatMarker returns the comment that identifies an include of Block.Repeated. An
// include without it, or with another path, is the user's.
func repeatMarker(f Folder) string {
	return "# setup repeats an includeIf (" + shortSum(f.Condition+"\n"+f.File) + ")"
}

// Names and values of a block's other settings.
const (
	pathName, pathValue           = "useHttpPath", "true"
	emptyAuthName, emptyAuthValue = "emptyAuth", "false"
)

// format returns the block as text, with the given line ending.
func (b Block) format(lineEnd string) string {
	var out strings.Builder
	line := func(words ...string) { out.WriteString(strings.Join(words, "") + lineEnd) }
	setting := func(name, value string) {
		line(strings.TrimRight("\t"+name+" = "+gitconfig.FormatValue(value), " "))
	}
	first := true
	header := func(section, subsection string) {
		line(gitconfig.FormatHeader(section, subsection))
		if !first {
			return
		}
		first = false
		if b.NewFile {
			line("\t", beginMarker, newFile)
		} else {
			line("\t", beginMarker)
		}
		for _, r := range b.Profiles {
			line("\t", r.String())
		}
	}
	for _, t := range b.Targets {
		header("credential", t.URL)
		setting("helper", "")
		if t.Helper == "" {
			continue
		}
		setting("helper", t.Helper)
		setting(pathName, pathValue)
		if t.Literal {
			continue
		}
		header("http", t.URL)
		for _, s := range gitconfig.Transport {
			setting(s.Name, s.Value)
		}
		if t.NoEmptyAuth {
			setting(emptyAuthName, emptyAuthValue)
		}
	}
	for _, f := range slices.Concat(b.Folders, b.Resets) {
		header("includeIf", f.Condition)
		setting("path", f.File)
	}
	for _, f := range b.Repeated {
		header("includeIf", f.Condition)
		line("\t", repeatMarker(f))
		setting("path", f.File)
	}
	line("\t", endMarker)
	return out.String()
}

// empty reports whether there is nothing to write.
func (b Block) empty() bool { return len(b.Targets)+len(b.Folders) == 0 }

// with returns the block with these targets and folders in place of those for the
// same URLs and folders. Targets for hosts come before targets for repositories.
func (b Block) with(targets []Target, folders []Folder) Block {
	b.Targets = slices.Clone(b.Targets)
	for _, t := range targets {
		if i := slices.IndexFunc(b.Targets, func(old Target) bool { return old.URL == t.URL }); i >= 0 {
			t.NoEmptyAuth = t.NoEmptyAuth || b.Targets[i].NoEmptyAuth
			b.Targets[i] = t
			continue
		}
		b.Targets = append(b.Targets, t)
	}
	// The literal host names of an earlier region follow the pattern that covers
	// them.
	for i, old := range b.Targets {
		for _, t := range targets {
			if old.Literal && !t.Literal && gitconfig.Covers(t.URL, old.URL) {
				b.Targets[i].Helper = t.Helper
			}
		}
	}
	slices.SortStableFunc(b.Targets, func(x, y Target) int { return depth(x) - depth(y) })
	b.Folders = slices.Clone(b.Folders)
	for _, f := range folders {
		if i := slices.IndexFunc(b.Folders, func(old Folder) bool { return old.Condition == f.Condition }); i >= 0 {
			b.Folders[i] = f
		} else {
			b.Folders = append(b.Folders, f)
		}
	}
	// A folder inside another folder follows it.
	slices.SortStableFunc(b.Folders, func(x, y Folder) int { return len(x.Condition) - len(y.Condition) })
	b.Resets, b.Repeated = nil, nil // planned again
	return b
}

// resetBlock returns the content of a file that Block.Resets include: an empty
// helper for each URL pattern.
func resetBlock(urls []string) Block {
	reset := Block{NewFile: true}
	for _, url := range urls {
		reset.Targets = append(reset.Targets, Target{URL: url})
	}
	return reset
}

// depth returns the sort key of a target: patterns first, then literal hosts, then
// repositories. If literal hosts came before the patterns, they would need no
// reset, but lines that users add to their sections later would have no effect.
func depth(t Target) int {
	switch {
	case hasPath(t.URL):
		return 2
	case t.Literal:
		return 1
	}
	return 0
}

// hasPath reports whether a URL names a repository rather than a host.
func hasPath(url string) bool {
	_, rest, _ := strings.Cut(url, "://")
	return strings.Contains(strings.TrimRight(rest, "/"), "/")
}

// A document is a configuration file, with the parts that setup wrote.
type document struct {
	text    []byte
	exists  bool
	items   []gitconfig.Item
	groups  []group
	regions []region
	// records are the indexes of the comments that record added profiles.
	records []int
	// newFile is true if setup created the file.
	newFile bool
}

// A region is one part of a file that setup wrote, between its two markers.
type region struct {
	markers []int // indexes of its comments in items
	// whole is true if both markers are present. Git deletes a marker along with
	// the section that contains it; without both, only text exactly as setup writes
	// it is treated as setup's.
	whole bool
}

// A group is the part of one section that setup wrote: the whole section or some of
// its lines.
type group struct {
	header   int   // index in items
	settings []int // indexes in items
	region   int   // index in regions
	target   Target
	folder   Folder // instead of a target
	http     bool   // the section is http.<url>, with git's transport settings
}

// parseDocument finds the parts of a file that setup wrote. A nil text means that
// there is no file. It returns a gitconfig.SyntaxError if git could not read the
// text.
func parseDocument(text []byte) (*document, error) {
	items, err := gitconfig.Parse(text)
	if err != nil {
		return nil, err
	}
	d := &document{text: text, exists: text != nil, items: items}
	regionOf := d.findRegions()
	for i, item := range items {
		if item.Kind == gitconfig.Header && regionOf[i] >= 0 {
			d.addGroup(i, regionOf[i])
		}
	}
	return d, nil
}

// findRegions finds the regions of a document and returns the region index of each
// item, -1 for items outside all regions. A region without its first marker starts
// after the previous region; one without its last marker ends before the next one.
func (d *document) findRegions() (regionOf []int) {
	isMarker := func(i int, text string) bool {
		return i < len(d.items) && d.items[i].Kind == gitconfig.Comment && d.items[i].Alone && d.items[i].Value == text
	}
	regionOf = make([]int, len(d.items))
	now, next := -1, 0 // next is where a region without a first marker would start
	for i, item := range d.items {
		created := isMarker(i+1, beginMarker+newFile)
		switch {
		case item.Kind == gitconfig.Header && (created || isMarker(i+1, beginMarker)):
			d.newFile = d.newFile || created
			now = len(d.regions)
			d.regions = append(d.regions, region{markers: []int{i + 1}})
		case isMarker(i, endMarker) && now >= 0:
			d.regions[now].markers, d.regions[now].whole = append(d.regions[now].markers, i), true
			now, next = -1, i+1
		case isMarker(i, endMarker):
			for j := next; j < i; j++ {
				regionOf[j] = len(d.regions)
			}
			d.regions, next = append(d.regions, region{markers: []int{i}}), i+1
		case item.Kind == gitconfig.Comment && item.Alone && now >= 0:
			if _, ok := parseRecord(item.Value); ok {
				d.regions[now].markers = append(d.regions[now].markers, i)
				d.records = append(d.records, i)
			}
		}
		regionOf[i] = now
	}
	return regionOf
}

// addGroup records setup's lines in the section that starts at an item.
func (d *document) addGroup(header, region int) {
	g := group{header: header, region: region}
	whole := d.regions[region].whole
	key := d.items[header].Key
	switch key.Section {
	case "credential":
		at := d.find(header, "helper", isOurs)
		reset := d.previous(at)
		if reset <= header || !d.is(reset, "helper", "") {
			reset = -1
		}
		if !whole && (at < 0 || reset < 0 || !isTarget(key.Subsection)) {
			return
		}
		if reset < 0 && !isCodeCommit(gitconfig.Covers, key.Subsection) {
			return // the user's, for example one for another service
		}
		if at < 0 && d.namesHelper(header) {
			return // the user has replaced setup's helper by one that needs the other lines
		}
		if at < 0 { // an edit has separated the two lines
			reset = d.find(header, "helper", equals(""))
		}
		g.target = Target{URL: key.Subsection, Literal: isLiteral(key.Subsection)}
		if at >= 0 {
			g.target.Helper = d.items[at].Value
		}
		for _, i := range []int{reset, at, d.find(header, pathName, equals(pathValue))} {
			if i >= 0 {
				g.settings = append(g.settings, i)
			}
		}
	case "http":
		if !isCodeCommit(gitconfig.Covers, key.Subsection) && !d.names(key.Subsection) {
			return
		}
		g.http, g.target.URL = true, key.Subsection
		for _, s := range gitconfig.Transport {
			if at := d.find(header, s.Name, equals(s.Value)); at >= 0 {
				g.settings = append(g.settings, at)
			}
		}
		if at := d.find(header, emptyAuthName, equals(emptyAuthValue)); at >= 0 {
			g.settings, g.target.NoEmptyAuth = append(g.settings, at), true
		}
		if !whole && (len(g.settings) < len(gitconfig.Transport) || !isTarget(key.Subsection)) {
			return
		}
	case "includeif":
		at := d.find(header, "path", func(string) bool { return true })
		if at < 0 {
			return
		}
		g.settings, g.folder = []int{at}, Folder{Condition: key.Subsection, File: d.items[at].Value}
		if isFolderFile(g.folder) || isResetFile(g.folder.File) {
			break
		}
		if marker := d.items[header+1]; marker.Kind != gitconfig.Comment || !marker.Alone || marker.Value != repeatMarker(g.folder) {
			return
		}
		g.settings = append(g.settings, header+1)
	}
	if len(g.settings) > 0 {
		d.groups = append(d.groups, g)
	}
}

func equals(want string) func(string) bool { return func(value string) bool { return value == want } }

// body returns the range of items in the section after a header. It ends at a
// block's end marker, although for git the comments after it are part of the
// section.
func (d *document) body(header int) (from, to int) {
	for to = header + 1; to < len(d.items) && d.items[to].Kind != gitconfig.Header; to++ {
		if d.items[to].Kind == gitconfig.Comment && d.items[to].Value == endMarker {
			return header + 1, to + 1
		}
	}
	return header + 1, to
}

// find returns the index of the first setting in a section that is exactly as setup
// writes it, -1 if there is none.
func (d *document) find(header int, name string, fits func(string) bool) int {
	from, to := d.body(header)
	for i := from; i < to; i++ {
		if item := d.items[i]; item.Kind == gitconfig.Setting && strings.EqualFold(item.Name, name) && fits(item.Value) && d.is(i, name, item.Value) {
			return i
		}
	}
	return -1
}

// namesHelper reports whether the section after a header names any helper.
func (d *document) namesHelper(header int) bool {
	from, to := d.body(header)
	return slices.ContainsFunc(d.items[from:to], func(item gitconfig.Item) bool {
		return item.Kind == gitconfig.Setting && strings.EqualFold(item.Name, "helper") && item.Value != ""
	})
}

// is reports whether an item is a setting on its own line, formatted as setup or
// git writes it.
func (d *document) is(i int, name, value string) bool {
	item := d.items[i]
	if item.Kind != gitconfig.Setting || !item.Alone || item.NoValue || item.Value != value {
		return false
	}
	line := strings.TrimSpace(string(d.text[item.Start:item.End]))
	return strings.EqualFold(line, strings.TrimSpace(name+" = "+gitconfig.FormatValue(value)))
}

// previous returns the index of the setting before an item, ignoring comments; -1
// if the item is the first setting of its section.
func (d *document) previous(i int) int {
	for i--; i >= 0 && d.items[i].Kind == gitconfig.Comment; i-- {
	}
	if i >= 0 && d.items[i].Kind != gitconfig.Setting {
		return -1
	}
	return i
}

// release leaves the include of a folder to the user: its lines are no longer
// setup's.
func (d *document) release(f Folder) {
	d.groups = slices.DeleteFunc(d.groups, func(g group) bool { return g.folder == f })
}

// names reports whether setup wrote a helper line for a URL to this file.
func (d *document) names(url string) bool {
	return slices.ContainsFunc(d.groups, func(g group) bool { return g.target.URL == url && g.target.Helper != "" })
}

// block returns everything that setup wrote to the file.
func (d *document) block() Block {
	b := Block{NewFile: d.newFile}
	for _, i := range d.records {
		r, _ := parseRecord(d.items[i].Value)
		b.Profiles = append(b.Profiles, r)
	}
	for _, g := range d.groups {
		switch {
		case g.folder.File != "" && isResetFile(g.folder.File):
			b.Resets = append(b.Resets, g.folder)
		case g.folder.File != "" && isFolderFile(g.folder):
			b.Folders = append(b.Folders, g.folder)
		case g.folder.File != "":
			b.Repeated = append(b.Repeated, g.folder)
		case g.folder.File == "" && !g.http && g.target.Helper != "":
			for _, h := range d.groups {
				g.target.NoEmptyAuth = g.target.NoEmptyAuth || h.http && h.target.NoEmptyAuth && h.target.URL == g.target.URL
			}
			same := func(t Target) bool { return t.URL == g.target.URL }
			b.Targets = append(slices.DeleteFunc(b.Targets, same), g.target) // the last line applies
		}
	}
	return b
}

// without returns the text of the file without the targets and folders of a block
// (nil to remove the file), and the offset of the first removed line. All other
// bytes are unchanged.
func (d *document) without(remove Block) (text []byte, at int) {
	gone := make([]bool, len(d.items))
	left := make([]int, len(d.regions)) // groups that remain in each region
	isGone := func(g group) bool {
		if g.folder.File == "" {
			return !d.names(g.target.URL) || slices.ContainsFunc(remove.Targets, func(t Target) bool { return t.URL == g.target.URL })
		}
		return !isFolderFile(g.folder) || // the includes of Repeated and Resets
			slices.ContainsFunc(remove.Folders, func(f Folder) bool { return f.Condition == g.folder.Condition })
	}
	for _, g := range d.groups {
		if !isGone(g) {
			left[g.region]++
			continue
		}
		for _, i := range g.settings {
			gone[i] = true
		}
	}
	for i, r := range d.regions {
		for _, marker := range r.markers {
			gone[marker] = left[i] == 0
		}
	}
	for _, g := range d.groups {
		from, to := d.body(g.header)
		if isGone(g) && d.items[g.header].Alone && !slices.Contains(gone[from:to], false) {
			gone[g.header] = true
		}
	}
	// A section with other lines stays whole: text is inserted before it.
	header := 0
	for i, item := range d.items {
		if item.Kind == gitconfig.Header {
			header = i
		}
		if gone[i] {
			break
		}
	}
	text, at = []byte{}, -1
	last, eol := 0, ""
	for i, item := range d.items {
		if !gone[i] {
			continue
		}
		text = append(text, d.text[min(last, item.Start):item.Start]...)
		if at < 0 {
			at, eol = d.items[header].Start, lineEnd(d.text[item.Start:])
		}
		last = item.End
	}
	text = append(text, d.text[last:]...)
	if at < 0 {
		return d.text, len(d.text)
	}
	// If the file did not end with a line ending, the text without the block must
	// not either.
	if last == len(d.text) && !bytes.HasSuffix(d.text, []byte("\n")) {
		text = bytes.TrimSuffix(text, []byte(eol))
		at = min(at, len(text))
	}
	if d.newFile && len(text) == 0 {
		return nil, 0
	}
	return text, at
}

// lineEnd returns the line ending that a text uses.
func lineEnd(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// insert inserts a block at an offset of a text, which is the start of a line or
// the end of the text.
func insert(text []byte, at int, b Block) []byte {
	eol := lineEnd(text)
	block := b.format(eol)
	unfinished := at == len(text) && len(text) > 0 && text[at-1] != '\n'
	if unfinished { // omit the last line ending too, so that undo restores the file
		block = eol + strings.TrimSuffix(block, eol)
	}
	return slices.Concat(text[:at], []byte(block), text[at:])
}

// isTarget reports whether setup could have written this URL: one of
// codecommit.HostPatterns, a literal host or a repository.
func isTarget(url string) bool {
	host, ok := strings.CutPrefix(url, "https://")
	return ok && (slices.Contains(codecommit.HostPatterns(), host) || !strings.Contains(host, "*") && host != "")
}

// isCodeCommit reports whether a URL is for CodeCommit hosts only. Covers is
// gitconfig.Covers.
func isCodeCommit(covers func(pattern, other string) bool, url string) bool {
	return slices.ContainsFunc(codecommit.HostPatterns(), func(pattern string) bool { return covers("https://"+pattern, gitconfig.AsURL(url)) })
}

// isLiteral reports whether url names a single host of CodeCommit.
func isLiteral(url string) bool {
	host, ok := strings.CutPrefix(url, "https://")
	if ok {
		_, ok = codecommit.ParseEndpoint(host)
	}
	return ok
}

// folderFileInfix appears in the name of every file that setup writes for a folder:
// ~/.gitconfig-codecommit-work-1a2b3c4d, which ends in the shortSum of the folder.
const folderFileInfix = "-codecommit-"

// resetSuffix ends the names of the files that Block.Resets include:
// ~/.gitconfig-codecommit-1a2b3c4d-reset, with the shortSum of their URL patterns.
const resetSuffix = "-reset"

// shortSum returns eight hexadecimal digits that identify a text.
func shortSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// resetFile returns the path of the file that resets the helper list of these URL
// patterns and that a configuration file includes.
func resetFile(file string, urls []string) string {
	return filepath.ToSlash(file) + folderFileInfix + shortSum(strings.Join(urls, "\n")) + resetSuffix
}

// resetFiles returns the files that resets include, and the files that these
// include in turn: see planner.resets. Text returns the content of a file.
func resetFiles(resets []Folder, text func(file string) ([]byte, error)) (files []string, err error) {
	for _, f := range resets {
		content, err := text(f.File)
		if err != nil {
			return nil, err
		}
		if slices.Contains(files, f.File) {
			continue
		}
		files = append(files, f.File)
		d, err := parseDocument(content)
		if err != nil {
			continue // it is no longer setup's
		}
		more, err := resetFiles(d.block().Resets, text)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

// isResetFile reports whether the name of a file has resetFile's form. The file may
// still be a user's.
func isResetFile(path string) bool {
	rest, ok := strings.CutSuffix(path, resetSuffix)
	sum := rest[max(0, len(rest)-len(shortSum(""))):]
	return ok && strings.Trim(sum, "0123456789abcdef") == "" && strings.HasSuffix(rest, folderFileInfix+sum)
}

// isFolderFile reports whether f includes the file that setup writes for its
// folder, rather than a user's file with a similar name.
func isFolderFile(f Folder) bool {
	path, ok := folderOf(f.Condition)
	name := filepath.Base(filepath.FromSlash(f.File))
	return ok && strings.Contains(name, folderFileInfix) && strings.HasSuffix(name, "-"+shortSum(path))
}

// folderCondition returns the includeIf condition for a folder. Its path must end
// in a slash.
func folderCondition(path string) string {
	return "gitdir:" + escapeGlob(path)
}

// escapeGlob returns a pattern that matches only the path.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// folderOf is the inverse of folderCondition; ok is false for other conditions.
func folderOf(condition string) (path string, ok bool) {
	pattern, ok := strings.CutPrefix(condition, "gitdir:")
	return strings.NewReplacer(`\\`, `\`, `\*`, `*`, `\?`, `?`, `\[`, `[`).Replace(pattern), ok
}
