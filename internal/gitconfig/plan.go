package gitconfig

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"git-credential-codecommit/internal/codecommit"
)

// A Target is what git shall do for one URL pattern: ask this helper and no
// other, tell it the path, and authenticate its first request.
type Target struct {
	URL    string // https://git-codecommit.*.amazonaws.com, or a repository's URL
	Helper string // the value of credential.helper: an absolute path with its flags
	// NoEmptyAuth keeps git from trying an empty user name: see EmptyAuth.
	NoEmptyAuth bool
}

// A Command is what git is to be called with.
type Command []string

// ours is how the helper lines that setup writes are told from a user's own:
// by an absolute path that ends in the program's name, with quotes around it or
// not. It is given to git, too, and so is written in what Go's and POSIX's
// regular expressions share.
const ours = `^(!.)?([A-Za-z]:)?/(.*/)?git-credential-codecommit(\.exe)?.?( |$)`

// oursRegexp is compiled at its first use: every get would pay for it.
var oursRegexp = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(ours) })

// IsOurs says whether the value of a credential.helper is one that setup writes.
func IsOurs(helper string) bool { return oursRegexp().MatchString(helper) }

// empty is the regular expression for a helper line that forgets those before
// it.
const empty = "^$"

// Values that setup writes beside the helper lines.
const (
	withPath    = "true"
	basic       = "basic"
	noEmptyAuth = "false"
)

// newSection is what a section is called before it is whole.
const newSection = "credential-setup"

func helperKey(url string) Key { return Key{"credential", url, "helper"} }
func pathKey(url string) Key   { return Key{"credential", url, "useHttpPath"} }

// authKey is that of git 2.46 and later; older ones ignore it.
func authKey(url string) Key { return Key{"http", url, "proactiveAuth"} }

func emptyAuthKey(url string) Key { return Key{"http", url, "emptyAuth"} }

// Setup plans the commands that bring the settings of a scope's file to
// targets; none when they are there. Lines of a user's own stay: those for the
// same pattern stand before ours, where the empty helper line that ours begin
// with makes git forget them.
//
// Git goes by the order of the lines alone. So what stands or is included
// behind ours and would add a helper to them makes them move to the end of the
// file, and those for repositories move behind those for hosts. A section that
// holds lines of the user's own stays where it is, and ours become another one
// of that name.
//
// Where a section holds nothing of the user's, the commands can be run any
// number of times.
func Setup(scope Scope, entries []Entry, targets []Target) []Command {
	return planSetup(scope, entries, targets).commands
}

func planSetup(scope Scope, entries []Entry, targets []Target) *plan {
	p := &plan{scope: scope, entries: slices.Clone(entries)}
	for _, t := range targets {
		p.setUp(t)
	}
	for _, t := range p.present() {
		if !p.overruled(t.URL) {
			continue
		}
		alone := p.alone(t.URL)
		p.takeBack(t.URL)
		if alone {
			p.setUp(t)
		} else {
			p.addSection(t)
			p.setHTTP(t, false)
		}
	}
	return p
}

// Undo plans the commands that take back what Setup wrote for the URL patterns,
// or for all of them if there are none.
func Undo(scope Scope, entries []Entry, urls ...string) []Command {
	p := &plan{scope: scope, entries: slices.Clone(entries)}
	for _, t := range p.present() {
		if len(urls) == 0 || slices.Contains(urls, t.URL) {
			p.takeBack(t.URL)
		}
	}
	return p.commands
}

// InFile is the same command for a file in place of a scope.
func (c Command) InFile(path string) Command {
	return slices.Concat(c[:1], Command{"--file", path}, c[2:])
}

// Present lists the targets that stand in entries: hosts first, then
// repositories.
func Present(entries []Entry) []Target { return (&plan{entries: entries}).present() }

// A plan is a file's settings as they will be, and the commands that lead there.
type plan struct {
	scope    Scope
	entries  []Entry
	commands []Command
}

func (p *plan) present() []Target {
	var targets []Target
	for _, e := range p.entries {
		if e.Section != "credential" || !strings.EqualFold(e.Name, "helper") || !IsOurs(e.Value) || !isTarget(e.Subsection) {
			continue
		}
		t := Target{URL: e.Subsection, Helper: e.Value, NoEmptyAuth: len(p.values(emptyAuthKey(e.Subsection))) > 0}
		same := func(other Target) bool { return other.URL == t.URL }
		if i := slices.IndexFunc(targets, same); i >= 0 {
			targets[i] = t // the last line counts
		} else {
			targets = append(targets, t)
		}
	}
	slices.SortStableFunc(targets, func(a, b Target) int { return depth(a.URL) - depth(b.URL) })
	return targets
}

// isTarget says whether url is one that setup writes for: a pattern of
// codecommit.HostPatterns, a repository, or a host with a name of the user's
// own. Any other pattern with a line like ours was typed by a person.
func isTarget(url string) bool {
	u, ok := normalizeURL(url, true)
	if !ok || u.scheme != "https" {
		return false
	}
	for _, pattern := range codecommit.HostPatterns() {
		if matchHost(pattern, u.host) && u.path == "/" {
			return u.host == pattern
		}
	}
	return u.path != "/" || !strings.Contains(u.host, "*")
}

// depth is 0 for a pattern of hosts and 1 for a repository.
func depth(url string) int {
	if u, _ := normalizeURL(url, true); len(u.path) > 1 {
		return 1
	}
	return 0
}

func (p *plan) setUp(t Target) {
	here := slices.ContainsFunc(p.values(helperKey(t.URL)), IsOurs)
	p.setHelper(t)
	p.setValue(pathKey(t.URL), withPath, here)
	p.setHTTP(t, here)
}

// setHTTP sets what is no setting of credential's.
func (p *plan) setHTTP(t Target, here bool) {
	p.setValue(authKey(t.URL), basic, here)
	if t.NoEmptyAuth || len(p.values(emptyAuthKey(t.URL))) > 0 {
		p.setValue(emptyAuthKey(t.URL), noEmptyAuth, here)
	}
}

// setHelper makes the helper lines end in an empty one and ours.
func (p *plan) setHelper(t Target) {
	key := helperKey(t.URL)
	lines := p.values(key)
	theirs, mine := splitLines(lines)
	switch n := len(lines); {
	case len(mine) == 2 && n >= 2 && lines[n-2] == "" && lines[n-1] == mine[1]:
		if mine[1] != t.Helper {
			p.replaceAll(key, t.Helper, ours)
		}
		return
	case len(mine) > 0:
		p.setLines(key, lines, theirs)
	}
	if len(theirs) > 0 {
		p.add(key, "")
		p.add(key, t.Helper)
		return
	}
	p.replaceAll(key, "", empty)
	p.replaceAll(key, t.Helper, ours)
}

// splitLines tells the helper lines of a pattern apart: what setup wrote is a
// line of ours and an empty one before it.
func splitLines(lines []string) (theirs, mine []string) {
	for _, line := range lines {
		if !IsOurs(line) {
			theirs = append(theirs, line)
			continue
		}
		if n := len(theirs); n > 0 && theirs[n-1] == "" {
			theirs, mine = theirs[:n-1], append(mine, "")
		}
		mine = append(mine, line)
	}
	return theirs, mine
}

// setValue makes the last value of a key be the wanted one. Here tells that
// setup has been at this pattern before: then the last value is its own.
func (p *plan) setValue(key Key, want string, here bool) {
	values := p.values(key)
	n := len(values)
	switch {
	case here && n > 0 && values[n-1] == want:
	case n == 0, here && n == 1:
		p.set(key, want)
	default:
		p.add(key, want)
	}
}

// takeBack removes what setup wrote for a pattern.
func (p *plan) takeBack(url string) {
	lines := p.values(helperKey(url))
	theirs, _ := splitLines(lines)
	p.setLines(helperKey(url), lines, theirs)
	p.dropValue(pathKey(url), withPath)
	p.dropValue(authKey(url), basic)
	p.dropValue(emptyAuthKey(url), noEmptyAuth)
}

// dropValue removes the last value of a key if it is the one that setup wrote.
func (p *plan) dropValue(key Key, wrote string) {
	if values := p.values(key); len(values) > 0 && values[len(values)-1] == wrote {
		p.setLines(key, values, values[:len(values)-1])
	}
}

// setLines leaves of the values of a key those that are to be kept, in their
// order. Git removes by regular expression: what cannot be told apart so is
// removed with the rest and added again.
func (p *plan) setLines(key Key, values, keep []string) {
	if len(keep) == 0 {
		p.unsetAll(key, "")
		return
	}
	var gone []string
	for _, v := range values {
		if !slices.Contains(gone, v) && !slices.Contains(keep, v) {
			gone = append(gone, v)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return slices.Contains(gone, v) })
	if !slices.Equal(rest, keep) {
		p.unsetAll(key, "")
		for _, v := range keep {
			p.add(key, v)
		}
		return
	}
	for _, v := range gone {
		p.unsetAll(key, "^"+quoteRegexp(v)+"$")
	}
}

// quoteRegexp quotes what is special in a POSIX extended regular expression.
func quoteRegexp(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// overruled says whether a line behind ours, or one that is included there,
// adds a helper for all URLs of a pattern, or changes whether helpers learn the
// path.
func (p *plan) overruled(url string) bool {
	last := -1
	for i, e := range p.entries {
		if e.Is(helperKey(url)) && IsOurs(e.Value) {
			last = i
		}
	}
	var behind []Entry
	for _, e := range p.entries[last+1:] {
		behind = append(append(behind, e), e.Included...)
	}
	for _, e := range behind {
		if e.Section != "credential" || e.Subsection != "" && !Covers(e.Subsection, url) {
			continue
		}
		switch strings.ToLower(e.Name) {
		case "helper":
			return true
		case "usehttppath":
			if !isTrue(e.Value) {
				return true
			}
		}
	}
	return false
}

// alone says whether a pattern's section holds nothing but what setup wrote:
// only then does it move when it is taken back and written again, without a
// section more.
func (p *plan) alone(url string) bool {
	theirs, _ := splitLines(p.values(helperKey(url)))
	others := slices.ContainsFunc(p.entries, func(e Entry) bool {
		return e.sameSection(helperKey(url)) && !e.Is(helperKey(url)) && !e.Is(pathKey(url))
	})
	return len(theirs) == 0 && !others && len(p.values(pathKey(url))) <= 1
}

// The four ways to change a value. Each notes git's command and does to the
// entries what git will do to the file.

func (p *plan) values(key Key) []string {
	var values []string
	for _, e := range p.entries {
		if e.Is(key) {
			values = append(values, e.Value)
		}
	}
	return values
}

// add adds a line: at the end of the last section of that name, or in a new
// one at the end of the file.
func (p *plan) add(key Key, value string) {
	p.note("--add", key.String(), value)
	p.insert(key, value)
}

func (p *plan) insert(key Key, value string) {
	at := len(p.entries)
	for i, e := range p.entries {
		if e.sameSection(key) {
			at = i + 1
		}
	}
	p.entries = slices.Insert(p.entries, at, Entry{Key: key, Value: value, Scope: p.scope})
}

// addSection adds what setUp wants of the credential section in a section of its
// own at the end of the file. Git does so for another name only.
func (p *plan) addSection(t Target) {
	for _, e := range []Entry{
		{Key: helperKey(t.URL)},
		{Key: helperKey(t.URL), Value: t.Helper},
		{Key: pathKey(t.URL), Value: withPath},
	} {
		key := e.Key
		key.Section = newSection
		p.note("--add", key.String(), e.Value)
		e.Scope = p.scope
		p.entries = append(p.entries, e)
	}
	p.note("--rename-section", newSection+"."+t.URL, "credential."+t.URL)
}

// set writes the only value of a key.
func (p *plan) set(key Key, value string) {
	p.note(key.String(), value)
	p.put(key, value, regexp.MustCompile(""))
}

// replaceAll makes one line of all lines whose value fits, or adds it.
func (p *plan) replaceAll(key Key, value, fits string) {
	p.note("--replace-all", key.String(), value, fits)
	p.put(key, value, regexp.MustCompile(fits))
}

func (p *plan) put(key Key, value string, fits *regexp.Regexp) {
	first := slices.IndexFunc(p.entries, func(e Entry) bool { return e.Is(key) && fits.MatchString(e.Value) })
	if first < 0 {
		p.insert(key, value)
		return
	}
	p.entries[first].Value = value
	tail := slices.DeleteFunc(p.entries[first+1:], func(e Entry) bool { return e.Is(key) && fits.MatchString(e.Value) })
	p.entries = p.entries[:first+1+len(tail)]
}

// unsetAll removes all lines of a key whose value fits; "" fits all.
func (p *plan) unsetAll(key Key, fits string) {
	if fits == "" {
		p.note("--unset-all", key.String())
	} else {
		p.note("--unset-all", key.String(), fits)
	}
	re := regexp.MustCompile(fits)
	p.entries = slices.DeleteFunc(p.entries, func(e Entry) bool { return e.Is(key) && re.MatchString(e.Value) })
}

func (p *plan) note(args ...string) {
	p.commands = append(p.commands, append(Command{"config", "--" + string(p.scope)}, args...))
}
