package gitconfig

import (
	"context"
	"errors"
	"strings"

	"git-credential-codecommit/internal/cli"
)

// A Scope says for which users and repositories a setting applies. Git reads the
// scopes in the order system, global, local, worktree, command.
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
	Subsection string // case matters; "" for none
	Name       string // case does not matter
}

func (k Key) String() string {
	if k.Subsection == "" {
		return k.Section + "." + k.Name
	}
	return k.Section + "." + k.Subsection + "." + k.Name
}

// Redacted returns the key as it may be shown: see cli.RedactURL.
func (k Key) Redacted() string { return cli.RedactURL(k.String()) }

// Is reports whether two keys are the same to git.
func (k Key) Is(other Key) bool {
	return k.Section == other.Section && k.Subsection == other.Subsection && strings.EqualFold(k.Name, other.Name)
}

// parseKey splits a key as git prints it: the subsection ends at the last dot.
func parseKey(s string) Key {
	section, rest, _ := strings.Cut(s, ".")
	k := Key{Section: section, Name: rest}
	if last := strings.LastIndexByte(rest, '.'); last >= 0 {
		k.Subsection, k.Name = rest[:last], rest[last+1:]
	}
	return k
}

// An Entry is one setting in a file or on the command line. A key that is set
// several times has several entries.
type Entry struct {
	Key
	Value  string // "true" for a key without a value
	Scope  Scope
	Origin string // for example file:/home/alice/.gitconfig; "" if unknown
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

// order is the order in which git reads the scopes.
var order = []Scope{System, Global, Local, "worktree", "command"}

// Effective lists every setting that git reads in the current folder, in git's
// order.
func (g Git) Effective(ctx context.Context) ([]Entry, error) {
	out, err := g.Output(ctx, "config", "--list", "-z", "--show-scope", "--show-origin")
	if err == nil {
		return parseList(out, 2)
	}
	// Git before 2.26 does not print the scope.
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

// parseList parses the output of git config --list -z. Fields is how many of scope
// and origin precede each setting.
func parseList(out string, fields int) ([]Entry, error) {
	words := strings.Split(out, "\x00")
	words = words[:len(words)-1] // nothing follows the last NUL
	if len(words)%(fields+1) != 0 {
		return nil, errors.New("git config: unexpected output")
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
