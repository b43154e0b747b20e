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
	// Literal is true for the name of one host, which a pattern covers: it is for
	// clients without wildcards, and git's transport settings are the pattern's.
	Literal bool
	// NoEmptyAuth stops git from trying an empty user name first: see
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
	// Resets include, under the conditions of such files of the user's or the
	// system's as name a helper without forgetting those before it, a file that makes
	// git forget the helpers of the targets for the same URLs: see resetBlock.
	Resets []Folder
	// Repeated are conditional includes of the user's, or the system's, which are
	// repeated after the targets, so that they keep precedence.
	Repeated []Folder
	// Profiles are those that setup added to the AWS config file and that the
	// targets use.
	Profiles []ProfileRecord
	// NewFile is true if there was no file before.
	NewFile bool
}

// A ProfileRecord identifies the text of a profile that setup added: --undo does
// not remove it if a person has edited it since.
type ProfileRecord struct{ Name, Sum string }

func (r ProfileRecord) String() string {
	return "# setup added the profile " + strconv.Quote(r.Name) + " (" + r.Sum + ")"
}

// parseRecord is the record in a comment.
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

// The comments that mark a block: the first is within its first section, the last
// at its end. (A comment before the first section would belong to the section
// above, which git then does not remove with its last setting.) In a file that setup
// created, newFile is added to the first.
const (
	beginMarker = "# begin git-credential-codecommit setup (setup --undo removes these lines)"
	newFile     = " (and this file)"
	endMarker   = "# end git-credential-codecommit setup"
)

// Names and values of other settings of a block.
const (
	pathName, pathValue           = "useHttpPath", "true"
	emptyAuthName, emptyAuthValue = "emptyAuth", "false"
)

// format writes a block, with that line end.
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
	for _, f := range slices.Concat(b.Resets, b.Folders, b.Repeated) {
		header("includeIf", f.Condition)
		setting("path", f.File)
	}
	line("\t", endMarker)
	return out.String()
}

// empty reports whether there is nothing to write.
func (b Block) empty() bool { return len(b.Targets)+len(b.Folders) == 0 }

// with is the block with other targets and folders, which replace those for the
// same URLs and folders. What is for hosts comes before what is for repositories.
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
	// A literal name of an earlier region follows the pattern that covers it.
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
	// A folder within another one comes after it.
	slices.SortStableFunc(b.Folders, func(x, y Folder) int { return len(x.Condition) - len(y.Condition) })
	b.Resets, b.Repeated = nil, nil // planned again
	return b
}

// resetBlock is the content of a file that Resets include: an empty helper for each
// URL pattern.
func resetBlock(urls []string) Block {
	reset := Block{NewFile: true}
	for _, url := range urls {
		reset.Targets = append(reset.Targets, Target{URL: url})
	}
	return reset
}

// depth orders targets: patterns, literal hosts, repositories.
func depth(t Target) int {
	switch {
	case hasPath(t.URL):
		return 2
	case t.Literal:
		return 1
	}
	return 0
}

// hasPath reports whether a URL is one of a repository, not of hosts.
func hasPath(url string) bool {
	_, rest, _ := strings.Cut(url, "://")
	return strings.Contains(strings.TrimRight(rest, "/"), "/")
}

// A document is a configuration file with what setup wrote to it.
type document struct {
	text    []byte
	exists  bool
	items   []gitconfig.Item
	groups  []group
	regions []region
	// records are the comments about profiles that setup added.
	records []int
	// newFile is true if the file exists only because of setup.
	newFile bool
}

// A region is a part of a file that setup wrote.
type region struct {
	markers []int // items: its comments
	// whole is true if it has both its first and its last marker. Git removes either
	// with the section that it is in; then only what is exactly as setup writes it is
	// taken for setup's.
	whole bool
}

// A group is a section that setup wrote, or its lines within one.
type group struct {
	header   int   // an item
	settings []int // items
	region   int   // its index
	target   Target
	folder   Folder // instead of a target
	http     bool   // the section holds the target's settings of git's transport
}

// parseDocument finds what setup wrote to a file; text is nil for no file.
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

// findRegions finds the regions of a document; it returns the index of that of each
// item, -1 for none. A region without a first marker begins after the one before
// it, one without a last marker ends before the next one.
func (d *document) findRegions() (regionOf []int) {
	isMarker := func(i int, text string) bool {
		return i < len(d.items) && d.items[i].Kind == gitconfig.Comment && d.items[i].Alone && d.items[i].Value == text
	}
	regionOf = make([]int, len(d.items))
	now, next := -1, 0 // next is the first item that may be of a region without a first marker
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

// addGroup adds the lines of setup in the section that an item begins.
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
		if at < 0 { // a person or git has separated them
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
		if at < 0 || !whole && !isFolderFile(d.items[at].Value) {
			return
		}
		g.settings, g.folder = []int{at}, Folder{Condition: key.Subsection, File: d.items[at].Value}
	}
	if len(g.settings) > 0 {
		d.groups = append(d.groups, g)
	}
}

func equals(want string) func(string) bool { return func(value string) bool { return value == want } }

// body are the items of the section that a header begins. What follows the end of
// a block is not part of it, although git takes comments for a part.
func (d *document) body(header int) (from, to int) {
	for to = header + 1; to < len(d.items) && d.items[to].Kind != gitconfig.Header; to++ {
		if d.items[to].Kind == gitconfig.Comment && d.items[to].Value == endMarker {
			return header + 1, to + 1
		}
	}
	return header + 1, to
}

// find is the first setting in a section that is exactly as setup writes it; -1
// for none.
func (d *document) find(header int, name string, fits func(string) bool) int {
	from, to := d.body(header)
	for i := from; i < to; i++ {
		if item := d.items[i]; item.Kind == gitconfig.Setting && strings.EqualFold(item.Name, name) && fits(item.Value) && d.is(i, name, item.Value) {
			return i
		}
	}
	return -1
}

// is reports whether an item is a line as setup, or git, writes it.
func (d *document) is(i int, name, value string) bool {
	item := d.items[i]
	if item.Kind != gitconfig.Setting || !item.Alone || item.NoValue || item.Value != value {
		return false
	}
	line := strings.TrimSpace(string(d.text[item.Start:item.End]))
	return strings.EqualFold(line, strings.TrimSpace(name+" = "+gitconfig.FormatValue(value)))
}

// previous is the setting before an item; -1 for none.
func (d *document) previous(i int) int {
	for i--; i >= 0 && d.items[i].Kind == gitconfig.Comment; i-- {
	}
	if i >= 0 && d.items[i].Kind != gitconfig.Setting {
		return -1
	}
	return i
}

// names reports whether the file has a helper line of setup's for a URL.
func (d *document) names(url string) bool {
	return slices.ContainsFunc(d.groups, func(g group) bool { return g.target.URL == url && g.target.Helper != "" })
}

// block is what setup wrote to the file.
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
		case g.folder.File != "" && isFolderFile(g.folder.File):
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

// without is the content of the file without the targets and folders of a block,
// nil for no file; at is where the first of them was. It leaves every other byte.
func (d *document) without(remove Block) (text []byte, at int) {
	gone := make([]bool, len(d.items))
	left := make([]int, len(d.regions)) // groups that remain in each region
	isGone := func(g group) bool {
		if g.folder.File == "" {
			return !d.names(g.target.URL) || slices.ContainsFunc(remove.Targets, func(t Target) bool { return t.URL == g.target.URL })
		}
		return !isFolderFile(g.folder.File) || isResetFile(g.folder.File) || // Repeated, Resets
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
	text, at = []byte{}, -1
	last, eol := 0, ""
	for i, item := range d.items {
		if !gone[i] {
			continue
		}
		text = append(text, d.text[min(last, item.Start):item.Start]...)
		if at < 0 {
			at, eol = len(text), lineEnd(d.text[item.Start:])
		}
		last = item.End
	}
	text = append(text, d.text[last:]...)
	if at < 0 {
		return d.text, len(d.text)
	}
	// The file had no line end at its end: then the block has none either.
	if last == len(d.text) && !bytes.HasSuffix(d.text, []byte("\n")) {
		text = bytes.TrimSuffix(text, []byte(eol))
		at = min(at, len(text))
	}
	if d.newFile && len(text) == 0 {
		return nil, 0
	}
	return text, at
}

// lineEnd is how the lines of a text end.
func lineEnd(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// insert inserts a block before a line of a text, or at its end.
func insert(text []byte, at int, b Block) []byte {
	eol := lineEnd(text)
	block := b.format(eol)
	unfinished := at == len(text) && len(text) > 0 && text[at-1] != '\n' && string(text) != byteOrderMark
	if unfinished { // nor has the block a line end, so that it can be restored
		block = eol + strings.TrimSuffix(block, eol)
	}
	return slices.Concat(text[:at], []byte(block), text[at:])
}

const byteOrderMark = "\uFEFF"

// isTarget reports whether url is one that setup writes for: a pattern of
// codecommit.HostPatterns, a literal host, or a repository.
func isTarget(url string) bool {
	host, ok := strings.CutPrefix(url, "https://")
	return ok && (slices.Contains(codecommit.HostPatterns(), host) || !strings.Contains(host, "*") && host != "")
}

// isLiteral reports whether url is a host that one of the patterns covers.
func isLiteral(url string) bool {
	covers := func(pattern string) bool {
		return "https://"+pattern != url && gitconfig.Covers("https://"+pattern, url)
	}
	return !hasPath(url) && slices.ContainsFunc(codecommit.HostPatterns(), covers)
}

// folderFileInfix is in the name of each file that setup writes for a folder:
// ~/.gitconfig-codecommit-work-1a2b3c4d.
const folderFileInfix = "-codecommit-"

// resetSuffix ends the names of the files that Block.Resets include:
// ~/.gitconfig-codecommit-1a2b3c4d-reset. That of a folder's file is hexadecimal.
const resetSuffix = "-reset"

// resetFile is the path of the file that a configuration file includes to make git
// forget the helpers of URL patterns.
func resetFile(file string, urls []string) string {
	sum := sha256.Sum256([]byte(strings.Join(urls, "\n")))
	return filepath.ToSlash(file) + folderFileInfix + hex.EncodeToString(sum[:4]) + resetSuffix
}

func isResetFile(path string) bool { return isFolderFile(path) && strings.HasSuffix(path, resetSuffix) }

func isFolderFile(path string) bool {
	return strings.Contains(filepath.Base(filepath.FromSlash(path)), folderFileInfix)
}
