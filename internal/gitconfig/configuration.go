package gitconfig

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/internal/regularfile"
)

// A Configuration is git's complete configuration, including files that git reads
// only in other folders, under other includeIf conditions.
type Configuration struct {
	Roots []Root // in the order in which git reads them
	// Effective is what git reads in the current folder, as git lists it.
	Effective []Entry
	reader    *reader
}

// A Root is a file that git reads directly, not through an include, or the settings
// from git's command line and environment.
type Root struct {
	Scope   Scope
	Path    string // "" for the command line
	Entries []Entry
	origin  string // as git names it
}

// Limits on what is read.
const (
	maxFileSize     = 16 << 20 // bytes, a hundred times the largest configuration seen
	maxIncludeDepth = 10       // MAX_INCLUDE_DEPTH in git's config.c
)

// Configuration reads git's configuration. Home is the folder that replaces "~" in
// include paths. The error is a RunError if git failed, otherwise it names the file
// and line that git could not parse.
func (g Git) Configuration(ctx context.Context, home string) (Configuration, error) {
	effective, err := g.Effective(ctx)
	if err != nil {
		return Configuration{}, err
	}
	c := Configuration{Effective: effective, reader: &reader{home: home, texts: map[string][]Item{}}}
	top := ""
	if slices.ContainsFunc(effective, func(e Entry) bool { return isRelative(e.File()) }) {
		up, err := g.Output(ctx, "rev-parse", "--show-cdup") // git prints these paths relative to the top
		var run *RunError
		if err != nil && !(errors.As(err, &run) && run.NoRepository()) {
			return Configuration{}, err
		}
		top = strings.TrimSuffix(up, "\n")
	}
	known := map[string]bool{} // origins of the last root and its includes
	for i, e := range effective {
		if i > 0 && effective[i-1].Scope != e.Scope {
			clear(known)
		}
		if known[e.Origin] {
			if path := e.File(); path == "" {
				last := &c.Roots[len(c.Roots)-1]
				last.Entries = append(last.Entries, e)
			}
			continue
		}
		root := Root{Scope: e.Scope, Path: e.File(), origin: e.Origin}
		if root.Path == "" {
			root.Entries = []Entry{e}
			known[e.Origin] = true
		} else {
			if isRelative(root.Path) {
				root.Path = filepath.Join(top, root.Path)
			}
			items, err := c.reader.read(root.Path)
			if err != nil {
				return Configuration{}, err
			}
			if root.Entries, err = c.reader.walk(root.Scope, root.Path, e.File(), items, known, 0); err != nil {
				return Configuration{}, err
			}
			known[e.Origin] = true
		}
		c.Roots = append(c.Roots, root)
	}
	return c, nil
}

func isRelative(path string) bool { return path != "" && !filepath.IsAbs(path) }

// With returns the configuration with the content of a file replaced. If the file
// is not a root yet, it becomes one, in the given scope.
func (c Configuration) With(scope Scope, path string, text []byte) (Configuration, error) {
	items, err := Parse(text)
	if err != nil {
		return c, err
	}
	if c.reader == nil {
		c.reader = &reader{texts: map[string][]Item{}}
	}
	root := Root{Scope: scope, Path: path, origin: "file:" + path}
	i := c.root(path)
	if i >= 0 {
		root.Scope, root.origin = c.Roots[i].Scope, c.Roots[i].origin
	}
	c.reader.entries = 0
	if root.Entries, err = c.reader.walk(root.Scope, path, strings.TrimPrefix(root.origin, "file:"), items, map[string]bool{}, 0); err != nil {
		return c, err
	}
	c.Roots = slices.Clone(c.Roots)
	if i >= 0 {
		c.Roots[i] = root
		return c, nil
	}
	after := func(r Root) bool { return slices.Index(order, r.Scope) > slices.Index(order, scope) }
	at := slices.IndexFunc(c.Roots, after)
	if at < 0 {
		at = len(c.Roots)
	}
	c.Roots = slices.Insert(c.Roots, at, root)
	return c, nil
}

// root returns the index of the root with a path; -1 if there is none.
func (c Configuration) root(path string) int {
	return slices.IndexFunc(c.Roots, func(r Root) bool { return r.Path != "" && sameFile(r.Path, path) })
}

// Reads reports whether git reads a file directly, not through an include.
func (c Configuration) Reads(path string) bool { return c.root(path) >= 0 }

// Under lists the entries that git would read if exactly the includeIf conditions
// for which holds returns true were true.
func (c Configuration) Under(holds func(condition string) bool) []Entry {
	var all []Entry
	var walk func([]Entry)
	walk = func(entries []Entry) {
		for _, e := range entries {
			all = append(all, e)
			if !e.Conditional() || holds(e.Subsection) {
				walk(e.Included)
			}
		}
	}
	for _, root := range c.Roots {
		walk(root.Entries)
	}
	return all
}

// A ConditionalInclude is an includeIf entry, with the conditions of the files through
// which git reads it.
type ConditionalInclude struct {
	Entry
	Chain []Entry // the conditional includes through which git reads it, outermost first; the last is the entry
}

// Conditions returns the conditions under which git reads the include.
func (i ConditionalInclude) Conditions() (conditions []string) {
	for _, e := range i.Chain {
		conditions = append(conditions, e.Subsection)
	}
	return conditions
}

// Same reports whether two includes are the same entry, read through the same files.
func (i ConditionalInclude) Same(other ConditionalInclude) bool {
	return slices.EqualFunc(i.Chain, other.Chain, func(a, b Entry) bool {
		return a.Is(b.Key) && a.Value == b.Value && a.Origin == b.Origin
	})
}

// ConditionalIncludes lists all includeIf entries, in git's order.
func (c Configuration) ConditionalIncludes() []ConditionalInclude {
	var all []ConditionalInclude
	var walk func([]Entry, []Entry)
	walk = func(entries, chain []Entry) {
		for _, e := range entries {
			inner := chain
			if e.Conditional() {
				inner = append(slices.Clone(chain), e)
				all = append(all, ConditionalInclude{Entry: e, Chain: inner})
			}
			walk(e.Included, inner)
		}
	}
	for _, root := range c.Roots {
		walk(root.Entries, nil)
	}
	return all
}

// Active reports whether git reads the file of an include in the current folder.
func (c Configuration) Active(include Entry) bool {
	return len(include.Included) > 0 && slices.ContainsFunc(c.Effective, func(e Entry) bool {
		return e.Origin == include.Included[0].Origin
	})
}

// Path returns the path of the file of an entry, which git may name relative to the
// top of the working tree.
func (c Configuration) Path(e Entry) string {
	for _, root := range c.Roots {
		for _, in := range Everything(root.Entries) {
			if len(in.Included) > 0 && in.Included[0].Origin == e.Origin {
				return in.IncludedFile
			}
		}
	}
	return e.File()
}

// Everything lists entries together with the entries of all files that they
// include.
func Everything(entries []Entry) (all []Entry) {
	for _, e := range entries {
		all = append(append(all, e), Everything(e.Included)...)
	}
	return all
}

// A reader reads configuration files and the files that they include.
type reader struct {
	home  string
	texts map[string][]Item // by path

	// Size and items are totals of the files in texts. Entries is the number of
	// entries; those of a file are counted each time that it is included.
	size, items, entries int
}

// tooMuch returns the error for a configuration that exceeds the totals of a reader.
func tooMuch() error {
	return &limitError{fmt.Errorf("git's configuration has more than %d entries or %d MiB, including included files", maxItems, maxFileSize>>20)}
}

// read returns the items of a file; none if the file cannot be read.
func (r *reader) read(path string) ([]Item, error) {
	if items, ok := r.texts[path]; ok {
		return items, nil
	}
	text, err := regularfile.Read(path, maxFileSize)
	var large *regularfile.TooLargeError
	if errors.As(err, &large) {
		return nil, &limitError{fmt.Errorf("cannot read %s: %w", path, err)}
	}
	if err != nil {
		return nil, nil //nolint:nilerror // git ignores missing includes, and has reported other errors
	}
	items, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	r.texts[path] = items
	r.size += len(text)
	r.items += len(items)
	if r.size > maxFileSize || r.items > maxItems {
		return nil, tooMuch()
	}
	return items, nil
}

// walk returns the entries of a file with those that it includes. Shown is the
// path as git prints it. The origin of each included file is added to origins. The
// error is a limitError.
func (r *reader) walk(scope Scope, path, shown string, items []Item, origins map[string]bool, depth int) ([]Entry, error) {
	var entries []Entry
	for _, item := range items {
		if item.Kind != Setting {
			continue
		}
		if r.entries++; r.entries > maxItems {
			return nil, tooMuch()
		}
		e := Entry{Key: item.Key, Value: item.Value, Scope: scope, Origin: "file:" + shown}
		if e.includes() && !item.NoValue && depth < maxIncludeDepth {
			e.IncludedFile = r.expand(item.Value, path)
			inner, err := r.read(e.IncludedFile)
			if err == nil { // otherwise, git reports the error if the include is active
				shown := r.expand(item.Value, shown)
				origins["file:"+shown] = true
				e.Included, err = r.walk(scope, e.IncludedFile, shown, inner, origins, depth+1)
			}
			var limit *limitError
			if errors.As(err, &limit) {
				return nil, err
			}
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// expand returns the path of the file that an include names, relative to the
// including file.
// See handle_path_include in git's config.c and interpolate_path in its path.c.
func (r *reader) expand(name, from string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		return r.home + "/" + rest
	}
	if rest, ok := strings.CutPrefix(name, "~"); ok {
		account, path, _ := strings.Cut(rest, "/")
		if u, err := user.Lookup(account); err == nil {
			return u.HomeDir + "/" + path
		}
		return name
	}
	if filepath.IsAbs(name) {
		return name
	}
	if dir := from[:strings.LastIndexAny(from, `/\`)+1]; dir != "" {
		return dir + name
	}
	return name
}

// WithFile returns the configuration with the content of an included file replaced.
func (c Configuration) WithFile(path string, text []byte) (Configuration, error) {
	items, err := Parse(text)
	if err != nil {
		return c, err
	}
	old := c.reader
	if c.reader = (&reader{texts: map[string][]Item{}}); old != nil {
		c.reader.home = old.home
		maps.Copy(c.reader.texts, old.texts)
	}
	c.reader.texts[path] = items
	return c, nil
}
