package setup

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// A plan is the new content of a configuration file.
type plan struct {
	text  []byte
	block Block
	// kept are the conditional includes with a helper for CodeCommit that git used
	// before and will still use.
	kept []gitconfig.ConditionalInclude
	// resetTexts are the contents of the files that block.Resets include, by path.
	resetTexts map[string][]byte
}

// A PrecedenceError is returned when no position of the block keeps the helper that
// a conditional include names for its folders.
type PrecedenceError struct {
	Include gitconfig.ConditionalInclude
	// Fixed is true if the include cannot move to the end of the file, because in some
	// folders that would change what other conditional includes set.
	Fixed bool
}

func (e *PrecedenceError) Error() string {
	return fmt.Sprintf("nothing was changed: where %s, setup would override the helper that %s configures for CodeCommit",
		applies(e.Include), e.Include.IncludedFile)
}

// hints returns how to avoid the conflict: an include at the end of the scope's file
// keeps precedence.
func (e *PrecedenceError) hints(s *Setup) []cli.Hint {
	outermost := e.Include.Chain[0]
	condition := cli.Quote(outermost.Subsection)
	hints := []cli.Hint{cli.Advice("move the includeIf " + condition + " to the end of " + s.file + ", and run setup again")}
	if outermost.Scope != s.Scope { // for example the system's
		hints[0] = cli.Advice("repeat the includeIf " + condition + " of " + outermost.File() + " at the end of " + s.file + ", and run setup again")
	}
	if s.Scope != gitconfig.Local && s.Folder == "" {
		in := s.Request
		in.Folder = "DIR"
		another := cli.RunThis(in.typed(s.Scope, s.Flags))
		if e.Fixed {
			return []cli.Hint{another.When("to configure another folder only")}
		}
		return append(hints, another.When("or to configure another folder only"))
	}
	if e.Fixed {
		return nil
	}
	return hints
}

// A planner finds the position of a block in a file.
type planner struct {
	config gitconfig.Configuration
	// current is the configuration including what setup wrote earlier.
	current gitconfig.Configuration
	scope   gitconfig.Scope
	file    string
	home    string
	cache   gitconfig.Cache // of all places tried
	// resetTexts are the contents of all reset files tried so far, by path.
	resetTexts map[string][]byte
	// inFolders are the targets in each folder of the block, by condition.
	inFolders map[string][]Target
}

// plan places a block in a file. Text is the content of the file without the
// settings that the block replaces; where is the block's current offset, -1 if it
// is new. A PrecedenceError is returned if there is no suitable position.
//
// Git reads settings in order, and an empty helper resets the list. The block must
// follow everything else that names a helper for the same URLs, and precede
// conditional includes that name a helper for CodeCommit, because those keep
// precedence in their folders. If such an include does not reset the list itself,
// the block adds a reset under the same condition. If no position satisfies all
// this, the includes are repeated after the block, unless that would change other
// settings.
func (pl *planner) plan(text []byte, where int, b Block) (plan, error) {
	pl.current = pl.config
	base, err := pl.config.With(pl.scope, pl.file, text)
	if err != nil {
		return plan{}, err
	}
	if b.empty() {
		return plan{text: text}, nil
	}
	situations := pl.situations(base, b)
	pl.resetTexts = map[string][]byte{}
	best, bestFaults := plan{}, -1
	leastFaults := -1 // for any position, even one that breaks an include
	var refused *gitconfig.ConditionalInclude
	fixed := false
	evaluate := func(at int, b Block) (p plan, faults int, broken []situation, err error) {
		p = plan{text: insert(text, at, b), block: b, resetTexts: pl.resetTexts}
		after, err := pl.config.With(pl.scope, pl.file, p.text)
		if err != nil {
			return plan{}, 0, nil, err
		}
		for _, situation := range situations {
			n, keeps, breaks := pl.check(situation, base, after, b)
			if faults += n; breaks {
				broken = append(broken, situation)
			}
			if keeps && !slices.ContainsFunc(p.kept, situation.include.Same) {
				p.kept = append(p.kept, *situation.include)
			}
		}
		if len(b.Repeated) > 0 {
			fixed = changesOtherSettings(pl.overlapping(situations, base), base, after, b)
		}
		if fixed || len(b.Repeated) > 0 && changesOtherSettings(situations, base, after, b) {
			isNaming := func(w situation) bool { return w.namesHelper }
			broken = append(broken, situations[slices.IndexFunc(situations, isNaming)]) // its include is repeated
		}
		return p, faults, broken, nil
	}
	try := func(at int, b Block) (done bool, err error) {
		p, faults, broken, err := evaluate(at, b)
		if err != nil {
			return false, err
		}
		if leastFaults < 0 || faults < leastFaults {
			leastFaults = faults
		}
		if len(broken) > 0 {
			refused = broken[0].include
		}
		if b.Resets, err = pl.resets(broken); err != nil {
			return false, err
		}
		if len(b.Resets) > 0 {
			if p, faults, broken, err = evaluate(at, b); err != nil {
				return false, err
			}
		}
		if len(broken) > 0 {
			return false, nil
		}
		if bestFaults < 0 || faults < bestFaults {
			best, bestFaults = p, faults
		}
		return bestFaults == 0, nil
	}
	places := pl.places(text, where)
	for _, at := range places {
		if done, err := try(at, b); done || err != nil {
			return best, err
		}
	}
	for _, situation := range situations {
		if !situation.namesHelper {
			continue
		}
		outermost := situation.include.Chain[0]
		if f := (Folder{Condition: pl.written(outermost), File: filepath.ToSlash(outermost.IncludedFile)}); !slices.Contains(b.Repeated, f) {
			b.Repeated = append(b.Repeated, f)
		}
	}
	if len(b.Repeated) > 0 {
		if done, err := try(len(text), b); done || err != nil {
			return best, err
		}
	}
	if refused != nil && (bestFaults < 0 || bestFaults/severe > leastFaults/severe) {
		return plan{}, &PrecedenceError{Include: *refused, Fixed: fixed}
	}
	return best, nil
}

// places returns the offsets to try for a block, the most likely first: its current
// position, the end of the file, before the first conditional include, and before
// each other include from the last to the first.
func (pl *planner) places(text []byte, where int) []int {
	places := []int{len(text)}
	if where >= 0 && where != len(text) {
		places = []int{where, len(text)}
	}
	items, _ := gitconfig.Parse(text) // With has already parsed it
	var includes []int
	first := -1
	for i, item := range items {
		if item.Kind != gitconfig.Header || item.Section != "include" && item.Section != "includeif" {
			continue
		}
		at := item.Start
		for i > 0 && items[i-1].Kind == gitconfig.Comment && items[i-1].End == at {
			i-- // a comment about the include stays above it
			at = items[i].Start
		}
		includes = append(includes, at)
		if first < 0 && item.Section == "includeif" {
			first = at
		}
	}
	if first >= 0 {
		places = append(places, first)
	}
	for _, at := range slices.Backward(includes) {
		if at != first {
			places = append(places, at)
		}
	}
	return places
}

// resets returns the conditional includes that reset the helper list in situations
// where an include's helper must apply, for that include's URLs only. It returns
// nil if that is impossible.
func (pl *planner) resets(situations []situation) (resets []Folder, err error) {
	for _, w := range situations {
		if !w.namesHelper {
			return nil, nil
		}
		chain := w.include.Chain
		file, block := resetFile(pl.file, w.urls), resetBlock(w.urls)
		for i := len(chain) - 1; ; i-- {
			pl.resetTexts[file] = []byte(block.format("\n"))
			if pl.config, err = pl.config.WithFile(file, pl.resetTexts[file]); err != nil {
				return nil, err
			}
			f := Folder{Condition: pl.written(chain[i]), File: file}
			if i == 0 {
				if !slices.Contains(resets, f) {
					resets = append(resets, f)
				}
				break
			}
			// With several conditions, the file for each includes the file for the
			// next one.
			file, block = resetFile(pl.file, slices.Concat(w.urls, []string{f.Condition, f.File})), Block{NewFile: true, Resets: []Folder{f}}
		}
	}
	return resets, nil
}

// written returns the condition of an include as it must be written in the
// planner's file or a file next to it. A path that starts with "./" would be
// relative to the wrong folder there, so it is made absolute, based on the real
// folder of the including file.
//
// See prepare_include_condition_pattern in git's config.c.
func (pl *planner) written(include gitconfig.Entry) string {
	keyword, path, _ := strings.Cut(include.Subsection, ":")
	rest, relative := strings.CutPrefix(path, "./")
	if !relative || !strings.HasPrefix(keyword, "gitdir") || cli.SameFile(include.File(), pl.file) {
		return include.Subsection
	}
	real, err := filepath.EvalSymlinks(include.File())
	if err != nil {
		return include.Subsection
	}
	return keyword + ":" + escapeGlob(filepath.ToSlash(filepath.Dir(real))+"/") + rest
}

// A situation is a set of includeIf conditions that hold at the same time.
type situation struct {
	conditions  []string
	include     *gitconfig.ConditionalInclude // nil without a condition and for a folder of the block
	namesHelper bool                          // the include names a helper for CodeCommit
	included    []gitconfig.Entry             // entries of all such includes with the same conditions
	urls        []string                      // patterns within targets that included names a helper for
	folder      string                        // the condition, if it is that of a folder of the block
}

func (w situation) holds(condition string) bool { return slices.Contains(w.conditions, condition) }

// situations returns the situations to check: one without any condition, and one
// for each folder of the block and each include with credential settings for a
// target.
func (pl *planner) situations(base gitconfig.Configuration, b Block) []situation {
	all := []situation{{}}
	targets := slices.Clone(b.Targets)
	for _, f := range b.Folders {
		targets = append(targets, pl.inFolders[f.Condition]...)
		all = append(all, situation{conditions: []string{f.Condition}, folder: f.Condition})
	}
	for _, include := range base.ConditionalIncludes() {
		if pl.scope == gitconfig.Local && include.Scope != gitconfig.Local {
			continue // a repository's configuration is meant to override the user's
		}
		found, namesHelper := credentialSettings(include.Included, targets)
		for _, f := range b.Folders {
			if namesHelper && pl.overlapOf(f, include) != none {
				both := append([]string{f.Condition}, pl.conditions(include)...)
				all = append(all, situation{conditions: both, include: &include, namesHelper: true, folder: f.Condition})
			}
		}
		if found {
			all = append(all, situation{conditions: pl.conditions(include), include: &include, namesHelper: namesHelper})
		}
	}
	for i, w := range all {
		for _, other := range all {
			if w.namesHelper && other.namesHelper && slices.Equal(w.conditions, other.conditions) {
				all[i].included = append(all[i].included, other.include.Included...)
			}
		}
		all[i].urls = helperURLs(all[i].included, targets)
	}
	return all
}

// conditions returns the conditions of an include, both as they are and as written
// returns them.
func (pl *planner) conditions(include gitconfig.ConditionalInclude) []string {
	conditions := include.Conditions()
	for _, e := range include.Chain {
		if c := pl.written(e); !slices.Contains(conditions, c) {
			conditions = append(conditions, c)
		}
	}
	return conditions
}

// helperURLs returns the URL patterns within targets that entries name a helper
// for.
func helperURLs(entries []gitconfig.Entry, targets []Target) (urls []string) {
	for _, e := range gitconfig.Everything(entries) {
		if e.Section != "credential" || !strings.EqualFold(e.Name, "helper") || e.Value == "" {
			continue
		}
		for _, t := range targets {
			url := t.URL
			switch {
			case e.Subsection != "" && gitconfig.Covers(t.URL, gitconfig.AsURL(e.Subsection)):
				url = e.Subsection
			case e.Subsection != "" && !gitconfig.Covers(e.Subsection, t.URL), !isMeant(gitconfig.Covers, e):
				continue
			}
			if !slices.Contains(urls, url) {
				urls = append(urls, url)
			}
		}
	}
	return urls
}

// credentialSettings reports whether entries contain credential settings for a
// target, and whether they name a helper for CodeCommit.
func credentialSettings(entries []gitconfig.Entry, targets []Target) (found, namesHelper bool) {
	for _, e := range gitconfig.Everything(entries) {
		name := strings.ToLower(e.Name)
		if e.Section != "credential" || name != "helper" && name != "usehttppath" {
			continue
		}
		for _, t := range targets {
			within := e.Subsection != "" && gitconfig.Covers(t.URL, gitconfig.AsURL(e.Subsection))
			if !within && e.Subsection != "" && !gitconfig.Covers(e.Subsection, t.URL) {
				continue
			}
			found = true
			if name == "helper" && e.Value != "" {
				namesHelper = namesHelper || within || isMeant(gitconfig.Covers, e)
			}
		}
	}
	return found, namesHelper
}

// severe is the number of faults for a URL for which git would use another helper.
// A keychain of an include that runs after this helper is one fault.
const severe = 1 << 16

// check returns the faults: URLs for which git would not use this helper alone,
// whether the include of a situation keeps precedence for a URL, and whether its
// helper would be replaced.
func (pl *planner) check(w situation, base, after gitconfig.Configuration, b Block) (faults int, keeps, breaks bool) {
	entries, before, current := pl.credentialEntries(after, w), pl.credentialEntries(base, w), pl.credentialEntries(pl.current, w)
	targets := slices.Concat(b.Targets, pl.inFolders[w.folder])
	for _, url := range probes(pl.cache, targets, before) {
		want := helperFor(targets, url)
		if want == "" {
			continue
		}
		got := pl.cache.CredentialOf(entries, url)
		if w.namesHelper {
			old := pl.cache.CredentialOf(before, url)
			answers := answeringHelper(pl.cache, old.Helpers, targets)
			if !comesFrom(answers, w.included) { // an earlier setup may have reset the list before it
				now := pl.cache.CredentialOf(current, url)
				if answers = answeringHelper(pl.cache, now.Helpers, targets); comesFrom(answers, w.included) {
					old = now
				}
			}
			if comesFrom(answers, w.included) {
				if answeringHelper(pl.cache, got.Helpers, targets).Value != answers.Value || old.UseHTTPPath && !got.UseHTTPPath {
					return faults, false, true
				}
				keeps = keeps || comesFrom(answers, w.include.Included)
				continue
			}
			if len(old.Helpers) > 0 && comesFrom(old.Helpers[len(old.Helpers)-1], w.included) { // a keychain for all hosts
				if len(got.Helpers) > 0 && got.Helpers[0].Value == want && got.UseHTTPPath {
					if len(got.Helpers) > 1 { // it runs after this helper: another position is better, but not required
						faults++
					}
					continue
				}
				if slices.Equal(distinctHelpers(got), distinctHelpers(old)) { // the include resets the list
					keeps = keeps || comesFrom(old.Helpers[0], w.include.Included)
					continue
				}
			}
		}
		if len(got.Helpers) != 1 || got.Helpers[0].Value != want || !got.UseHTTPPath {
			faults += severe
		}
	}
	return faults, keeps, false
}

// isMeant reports whether a helper entry is meant for CodeCommit: it runs this
// program or the AWS CLI, or is configured for CodeCommit hosts. Covers is
// gitconfig.Covers.
func isMeant(covers func(pattern, other string) bool, e gitconfig.Entry) bool {
	return namesCodeCommit(e.Value) || e.Subsection != "" && isCodeCommit(covers, e.Subsection)
}

// answeringHelper returns the first helper that is meant for CodeCommit: one that
// runs this program or the AWS CLI, else one that is configured for a target's
// hosts. It is zero if there is none: a keychain for all hosts has no password
// until this helper's answer is stored.
func answeringHelper(cache gitconfig.Cache, helpers []gitconfig.Entry, targets []Target) gitconfig.Entry {
	for _, fits := range []func(e gitconfig.Entry) bool{
		func(e gitconfig.Entry) bool { return namesCodeCommit(e.Value) },
		func(e gitconfig.Entry) bool {
			within := func(t Target) bool { return cache.Covers(t.URL, gitconfig.AsURL(e.Subsection)) }
			return isMeant(cache.Covers, e) || e.Subsection != "" && slices.ContainsFunc(targets, within)
		},
	} {
		if i := slices.IndexFunc(helpers, fits); i >= 0 {
			return helpers[i]
		}
	}
	return gitconfig.Entry{}
}

// credentialEntries returns the entries that gitconfig.CredentialOf reads in a
// situation. The settings of the current repository, of its working tree and of this
// process have no effect elsewhere: they are left out, unless the block or the
// situation's include is in that scope.
func (pl *planner) credentialEntries(config gitconfig.Configuration, w situation) []gitconfig.Entry {
	isShared := func(s gitconfig.Scope) bool { return s == gitconfig.System || s == gitconfig.Global }
	onlyShared := isShared(pl.scope) && (w.include == nil || isShared(w.include.Scope))
	return slices.DeleteFunc(config.Under(w.holds), func(e gitconfig.Entry) bool {
		return e.Section != "credential" || onlyShared && !isShared(e.Scope)
	})
}

// comesFrom reports whether an entry comes from an include.
func comesFrom(e gitconfig.Entry, included []gitconfig.Entry) bool {
	return slices.ContainsFunc(gitconfig.Everything(included), func(i gitconfig.Entry) bool {
		return i.Is(e.Key) && i.Value == e.Value && i.Origin == e.Origin
	})
}

// probes returns URLs to check: one for each target, and one for each credential.*
// pattern within a target.
func probes(cache gitconfig.Cache, targets []Target, entries []gitconfig.Entry) []string {
	var urls []string
	add := func(pattern string) {
		url := strings.ReplaceAll(gitconfig.AsURL(pattern), "*", "any")
		if !hasPath(url) {
			url = strings.TrimRight(url, "/") + "/v1/repos/any"
		}
		if !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	for _, t := range targets {
		add(t.URL)
	}
	for _, e := range entries {
		if e.Section == "credential" && e.Subsection != "" && !slices.Contains(urls, e.Subsection) &&
			slices.ContainsFunc(targets, func(t Target) bool { return cache.Covers(t.URL, gitconfig.AsURL(e.Subsection)) }) {
			add(e.Subsection)
		}
	}
	return urls
}

// helperFor returns the helper of the last target that matches a URL; that target
// resets the list of those before it.
func helperFor(targets []Target, url string) (helper string) {
	for _, t := range targets {
		if gitconfig.Matches(t.URL, url) {
			helper = t.Helper
		}
	}
	return helper
}

// changesOtherSettings reports whether a setting other than the targets' credential
// settings would have a different value in one of the situations.
func changesOtherSettings(situations []situation, base, after gitconfig.Configuration, b Block) bool {
	isOfBlock := func(e gitconfig.Entry) bool {
		return e.Section == "include" || e.Section == "includeif" || e.Section == "credential" ||
			e.Section == "http" && slices.ContainsFunc(b.Targets, func(t Target) bool { return t.URL == e.Subsection })
	}
	last := func(c gitconfig.Configuration, w situation) map[string]string {
		values := map[string]string{}
		for _, e := range c.Under(w.holds) {
			if !isOfBlock(e) {
				values[strings.ToLower(e.Section)+"\x00"+e.Subsection+"\x00"+strings.ToLower(e.Name)] = e.Value
			}
		}
		return values
	}
	others := &otherHosts{targets: b.Targets, outside: map[string]bool{}, matches: map[[2]string]bool{}}
	for _, w := range situations {
		was, is := last(base, w), last(after, w)
		for key, value := range was {
			if is[key] != value {
				return true
			}
		}
		if others.differ(base.Under(w.holds), after.Under(w.holds)) {
			return true
		}
	}
	return false
}

// overlapping returns a situation for each include that the block repeats and each
// other conditional include that git may read together with it.
func (pl *planner) overlapping(situations []situation, base gitconfig.Configuration) (all []situation) {
	isRepeated := func(include gitconfig.ConditionalInclude) bool {
		return slices.ContainsFunc(situations, func(w situation) bool { return w.namesHelper && w.include.Same(include) })
	}
	for _, include := range base.ConditionalIncludes() {
		if isRepeated(include) {
			continue
		}
		for _, w := range situations {
			if w.namesHelper && pl.together(*w.include, include) {
				all = append(all, situation{conditions: slices.Concat(w.conditions, pl.conditions(include))})
			}
		}
	}
	return all
}

// An otherHosts compares the credentials of URLs that no target matches. It matches
// each pattern only once: a configuration can have hundreds of them.
type otherHosts struct {
	targets []Target
	outside map[string]bool    // by pattern: it is not within a target
	matches map[[2]string]bool // by pattern and URL
}

// differ reports whether git would use other helpers or another username for a URL.
func (o *otherHosts) differ(before, after []gitconfig.Entry) bool {
	was, is := o.of(before), o.of(after)
	same := func(x, y gitconfig.Entry) bool { return x.Is(y.Key) && x.Value == y.Value }
	if slices.EqualFunc(was, is, same) {
		return false
	}
	urls := []string{"https://other.invalid/any"}
	for _, e := range was {
		if url := strings.ReplaceAll(gitconfig.AsURL(e.Subsection), "*", "any"); e.Subsection != "" && !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	for _, url := range urls {
		x, y := o.credential(was, url), o.credential(is, url)
		if !slices.Equal(distinctHelpers(x), distinctHelpers(y)) || x.UseHTTPPath != y.UseHTTPPath || x.Username.Value != y.Username.Value {
			return true
		}
	}
	return false
}

// of returns the credential entries that are not within a target.
func (o *otherHosts) of(entries []gitconfig.Entry) (all []gitconfig.Entry) {
	for _, e := range entries {
		if e.Section != "credential" {
			continue
		}
		outside, known := o.outside[e.Subsection]
		if !known {
			within := func(t Target) bool { return gitconfig.Covers(t.URL, gitconfig.AsURL(e.Subsection)) }
			outside = e.Subsection == "" || !slices.ContainsFunc(o.targets, within)
			o.outside[e.Subsection] = outside
		}
		if outside {
			all = append(all, e)
		}
	}
	return all
}

// credential returns what entries set for a URL.
func (o *otherHosts) credential(entries []gitconfig.Entry, url string) gitconfig.Credential {
	var matching []gitconfig.Entry
	for _, e := range entries {
		key := [2]string{e.Subsection, url}
		matches, known := o.matches[key]
		if !known {
			matches = e.Subsection == "" || gitconfig.Matches(e.Subsection, url)
			o.matches[key] = matches
		}
		if matches {
			e.Subsection = ""
			matching = append(matching, e)
		}
	}
	return gitconfig.CredentialOf(matching, url, gitconfig.Proactive)
}

// distinctHelpers returns the helper lines in git's order without duplicates,
// because git stops at the first helper that answers.
func distinctHelpers(c gitconfig.Credential) (lines []string) {
	for _, e := range c.Helpers {
		if !slices.Contains(lines, e.Value) {
			lines = append(lines, e.Value)
		}
	}
	return lines
}
