package gitconfig

import (
	"context"
	"errors"
	"strings"
)

// A Scope is where configuration stands, and for whom. The later ones in git's
// order (system, global, local, worktree, command) are read later.
type Scope string

// The scopes that setup writes to.
const (
	System Scope = "system"
	Global Scope = "global"
	Local  Scope = "local"
)

// A Key is the name of a setting: Section.Subsection.Name.
type Key struct {
	Section    string // in lower case: credential
	Subsection string // as it stands, case and all; "" for none
	Name       string // git takes it in any case
}

func (k Key) String() string {
	if k.Subsection == "" {
		return k.Section + "." + k.Name
	}
	return k.Section + "." + k.Subsection + "." + k.Name
}

// Is says whether two keys are one to git.
func (k Key) Is(other Key) bool {
	return k.sameSection(other) && strings.EqualFold(k.Name, other.Name)
}

func (k Key) sameSection(other Key) bool {
	return k.Section == other.Section && k.Subsection == other.Subsection
}

// parseKey takes apart a key as git prints it: the subsection reaches to the
// last dot.
func parseKey(s string) Key {
	section, rest, _ := strings.Cut(s, ".")
	k := Key{Section: section, Name: rest}
	if last := strings.LastIndexByte(rest, '.'); last >= 0 {
		k.Subsection, k.Name = rest[:last], rest[last+1:]
	}
	return k
}

// An Entry is one setting where it stands. A key that stands several times has
// as many entries.
type Entry struct {
	Key
	Value  string // "true" when the key stands there without a value
	Scope  Scope
	Origin string // such as file:/home/alice/.gitconfig; "" when git does not say
	// Included is what the file of an include.path or includeIf.*.path holds, and
	// IncludedFile that file; a Configuration knows them.
	Included     []Entry
	IncludedFile string
}

// File is the path of the file that the entry is in; "" if it is in none.
func (e Entry) File() string {
	path, _ := strings.CutPrefix(e.Origin, "file:")
	if path == e.Origin {
		return ""
	}
	return path
}

// Conditional reports whether the entry includes a file under a condition, which
// is its subsection.
func (e Entry) Conditional() bool {
	return e.Section == "includeif" && e.Subsection != "" && strings.EqualFold(e.Name, "path")
}

// includes reports whether the entry includes a file.
func (e Entry) includes() bool {
	return e.Conditional() || e.Section == "include" && e.Subsection == "" && strings.EqualFold(e.Name, "path")
}

// order is that in which git reads the scopes.
var order = []Scope{System, Global, Local, "worktree", "command"}

// Effective lists every setting that counts in the current folder, in the
// order in which git reads them.
func (g Git) Effective(ctx context.Context) ([]Entry, error) {
	out, err := g.Output(ctx, "config", "--list", "-z", "--show-scope", "--show-origin")
	if err == nil {
		return parseList(out, 2)
	}
	// Before 2.26 git does not tell the scope.
	var run *RunError
	if errors.As(err, &run) && strings.Contains(run.Message, "show-scope") {
		if out, err = g.Output(ctx, "config", "--list", "-z", "--show-origin"); err == nil {
			return parseList(out, 1)
		}
	}
	return nil, err
}

// XDGFile is how the path of git's other file for a user ends:
// $XDG_CONFIG_HOME/git/config, by default ~/.config/git/config. Git reads it, but
// if there is a ~/.gitconfig it writes there.
const XDGFile = "/git/config"

// parseList reads what git config --list -z prints. Fields is how many of
// scope and origin stand before each setting.
func parseList(out string, fields int) ([]Entry, error) {
	words := strings.Split(out, "\x00")
	words = words[:len(words)-1] // behind the last NUL there is nothing
	if len(words)%(fields+1) != 0 {
		return nil, errors.New("git config: the list is not understood")
	}
	var entries []Entry
	for ; len(words) > 0; words = words[fields+1:] {
		var e Entry
		switch fields {
		case 2:
			e.Scope, e.Origin = Scope(words[0]), words[1]
		case 1:
			e.Origin = words[0]
		}
		key, value, ok := strings.Cut(words[fields], "\n")
		if !ok {
			value = "true"
		}
		e.Key, e.Value = parseKey(key), value
		entries = append(entries, e)
	}
	return entries, nil
}
