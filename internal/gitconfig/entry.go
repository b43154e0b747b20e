package gitconfig

import (
	"context"
	"errors"
	"strings"

	"git-credential-codecommit/internal/cli"
)

// A Scope is the set of users and repositories that a setting applies to. Git reads
// the scopes in the order system, global, local, worktree, command.
type Scope string

// The scopes that setup can write to.
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

// Redacted returns the key without secrets, for messages: see cli.RedactURL.
func (k Key) Redacted() string { return cli.RedactURL(k.String()) }

// Is reports whether git treats two keys as the same.
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
	// Included holds the entries of the file that an include.path or
	// includeIf.*.path names, and IncludedFile its path. Only a Configuration fills
	// them in.
	Included     []Entry
	IncludedFile string
}

// File returns the path of the entry's file; "" if it does not come from a file.
func (e Entry) File() string {
	path, _ := strings.CutPrefix(e.Origin, "file:")
	if path == e.Origin {
		return ""
	}
	return path
}

// Conditional reports whether the entry is an includeIf; its subsection is the
// condition.
func (e Entry) Conditional() bool {
	return e.Section == "includeif" && e.Subsection != "" && strings.EqualFold(e.Name, "path")
}

// includes reports whether the entry includes a file.
func (e Entry) includes() bool {
	return e.Conditional() || e.Section == "include" && e.Subsection == "" && strings.EqualFold(e.Name, "path")
}

// order is the order in which git reads scopes.
var order = []Scope{System, Global, Local, "worktree", "command"}

// Effective lists the settings that git reads in the current folder, in git's
// order. The error is a RunError if git failed.
func (g Git) Effective(ctx context.Context) ([]Entry, error) {
	out, err := g.Output(ctx, "config", "--list", "-z", "--show-scope", "--show-origin")
	if err == nil {
		return parseList(out, 2)
	}
	// Git before 2.26 cannot print the scope.
	var run *RunError
	if errors.As(err, &run) && strings.Contains(run.Message, "show-scope") {
		if out, err = g.Output(ctx, "config", "--list", "-z", "--show-origin"); err == nil {
			return parseList(out, 1)
		}
	}
	return nil, err
}

// XDGFile ends the path of the user's second configuration file,
// $XDG_CONFIG_HOME/git/config (by default ~/.config/git/config). Git writes to it
// only if there is no ~/.gitconfig.
const XDGFile = "/git/config"

// parseList parses the output of git config --list -z. Fields is the number of
// fields (scope, origin) before each setting.
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
