package setup

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
)

// A plan is what a configuration file is to contain.
type plan struct {
	text  []byte
	block Block
	// kept are the conditional includes whose helper for CodeCommit git used before,
	// and still uses.
	kept []gitconfig.ConditionalInclude
	// resetTexts are the contents of the files that the block's Resets include.
	resetTexts map[string][]byte
}

// A PrecedenceError is returned when a block would change which helper git uses
// in the folders of a conditional include, wherever it is written.
type PrecedenceError struct {
	Include gitconfig.ConditionalInclude
}

func (e *PrecedenceError) Error() string {
	return fmt.Sprintf("nothing was changed: setup would override the helper that %s names for CodeCommit where %s applies",
		e.Include.IncludedFile, cli.Quote(e.Include.Subsection))
}

// Hints returns how to avoid the conflict.
func (e *PrecedenceError) Hints() []cli.Hint {
	return []cli.Hint{
		cli.Advice("move that includeIf to the end of " + e.Include.File()),
		cli.RunThis("setup --folder DIR").When("or, for other folders only"),
	}
}

// A planner finds the place for a block in a file.
type planner struct {
	config gitconfig.Configuration
	scope  gitconfig.Scope
	file   string
	// resetTexts are the contents of the files of all Resets tried, by path.
	resetTexts map[string][]byte
	// inFolders are the targets of each folder of the block.
	inFolders map[string][]Target // by condition
}

// plan places a block in a file, of which text is the content without the
// settings that the block replaces. Where is the place that it has now; -1 for
// none.
//
// Git reads settings in order, and all helpers before an empty one are forgotten.
// So the place decides: after whatever else names a helper for the same URLs,
// but before conditional includes that name a helper for CodeCommit, which keep
// precedence in their folders; where these do not forget earlier helpers, the block
// does it under their condition. If there is no such place, these includes are
// repeated after the block, unless that changes other settings.
func (pl *planner) plan(text []byte, where int, b Block) (plan, error) {
	base, err := pl.config.With(pl.scope, pl.file, text)
	if err != nil {
		return plan{}, err
	}
	if b.empty() {
		return plan{text: text}, nil
	}
	w := pl.worlds(base, b)
	pl.resetTexts = map[string][]byte{}
	best, bestFaults := plan{}, -1
	leastFaults := -1 // of any place, whatever it breaks
	var refused *gitconfig.ConditionalInclude
	evaluate := func(at int, b Block) (p plan, faults int, broken []world, err error) {
		p = plan{text: insert(text, at, b), block: b, resetTexts: pl.resetTexts}
		after, err := pl.config.With(pl.scope, pl.file, p.text)
		if err != nil {
			return plan{}, 0, nil, err
		}
		for _, world := range w {
			n, keeps, breaks := pl.check(world, base, after, b)
			if faults += n; breaks {
				broken = append(broken, world)
			}
			if keeps {
				p.kept = append(p.kept, *world.include)
			}
		}
		if len(b.Repeated) > 0 && changesOthers(w, base, after, b) {
			isNaming := func(w world) bool { return w.names }
			broken = append(broken, w[slices.IndexFunc(w, isNaming)]) // whose include is repeated
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
	for _, world := range w {
		if world.names && pl.repeatable(world.include.Entry) {
			b.Repeated = append(b.Repeated, Folder{Condition: world.include.Conditions[len(world.include.Conditions)-1], File: filepath.ToSlash(world.include.IncludedFile)})
		}
	}
	if len(b.Repeated) > 0 {
		if done, err := try(len(text), b); done || err != nil {
			return best, err
		}
	}
	if refused != nil && (bestFaults < 0 || bestFaults > leastFaults) {
		return plan{}, &PrecedenceError{Include: *refused}
	}
	return best, nil
}

// places are where a block can be, likely ones first: where it is, at the end,
// before the first conditional include of the file, and before each other include
// from the last to the first.
func (pl *planner) places(text []byte, where int) []int {
	places := []int{len(text)}
	if where >= 0 && where != len(text) {
		places = []int{where, len(text)}
	}
	items, _ := gitconfig.Parse(text) // With has parsed it
	var includes []int
	first := -1
	for i, item := range items {
		if item.Kind != gitconfig.Header || item.Section != "include" && item.Section != "includeif" {
			continue
		}
		at := item.Start
		for i > 0 && items[i-1].Kind == gitconfig.Comment && items[i-1].End == at {
			i-- // a comment about the include stays with it
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

// resets are the includes that make git forget the targets' helpers in worlds
// where it should use that of an include, for the URLs of that include only; nil if
// that is not possible.
func (pl *planner) resets(worlds []world) (resets []Folder, err error) {
	for _, w := range worlds {
		if !w.names || len(w.conditions) != 1 || !pl.repeatable(w.include.Entry) {
			return nil, nil
		}
		file := resetFile(pl.file, w.urls)
		pl.resetTexts[file] = []byte(resetBlock(w.urls).format("\n"))
		if pl.config, err = pl.config.WithFile(file, pl.resetTexts[file]); err != nil {
			return nil, err
		}
		if f := (Folder{Condition: w.conditions[0], File: file}); !slices.Contains(resets, f) {
			resets = append(resets, f)
		}
	}
	return resets, nil
}

// repeatable reports whether the condition of an include means the same in the
// planner's file: a folder that begins with "./" is relative to the file's own.
func (pl *planner) repeatable(include gitconfig.Entry) bool {
	_, path, _ := strings.Cut(include.Subsection, ":")
	return !strings.HasPrefix(path, "./") || filepath.Dir(include.File()) == filepath.Dir(pl.file)
}

// A world is a set of conditions that are true at the same time.
type world struct {
	conditions []string
	include    *gitconfig.ConditionalInclude // nil where no condition is true
	names      bool                          // the include names a helper for CodeCommit
	included   []gitconfig.Entry             // of all such includes with these conditions
	urls       []string                      // the patterns within targets for which they name a helper
	folder     string                        // the condition of a folder of the block
}

func (w world) holds(condition string) bool { return slices.Contains(w.conditions, condition) }

// worlds are those to look at: without any condition, and with that of each
// include that says something about a target.
func (pl *planner) worlds(base gitconfig.Configuration, b Block) []world {
	all := []world{{}}
	targets := slices.Clone(b.Targets)
	for _, f := range b.Folders {
		targets = append(targets, pl.inFolders[f.Condition]...)
		all = append(all, world{conditions: []string{f.Condition}, folder: f.Condition})
	}
	for _, include := range base.ConditionalIncludes() {
		if pl.scope == gitconfig.Local && include.Scope != gitconfig.Local {
			continue // a repository's own setting is meant to differ
		}
		says, names := speaks(include.Included, targets)
		if says {
			all = append(all, world{conditions: include.Conditions, include: &include, names: names})
		}
	}
	for i, w := range all {
		for _, other := range all {
			if w.names && other.names && slices.Equal(w.conditions, other.conditions) {
				all[i].included = append(all[i].included, other.include.Included...)
			}
		}
		all[i].urls = helperURLs(all[i].included, targets)
	}
	return all
}

// helperURLs are the patterns, each within a target, for which entries name a
// helper.
func helperURLs(entries []gitconfig.Entry, targets []Target) (urls []string) {
	for _, e := range gitconfig.Everything(entries) {
		if e.Section != "credential" || !strings.EqualFold(e.Name, "helper") || e.Value == "" {
			continue
		}
		for _, t := range targets {
			url := t.URL
			switch {
			case e.Subsection != "" && gitconfig.Covers(t.URL, asURL(e.Subsection)):
				url = e.Subsection
			case e.Subsection != "" && !gitconfig.Covers(e.Subsection, t.URL):
				continue
			}
			if !slices.Contains(urls, url) {
				urls = append(urls, url)
			}
		}
	}
	return urls
}

// speaks reports whether entries say something about the credentials for a
// target, and whether they name a helper for CodeCommit.
func speaks(entries []gitconfig.Entry, targets []Target) (says, names bool) {
	for _, e := range gitconfig.Everything(entries) {
		name := strings.ToLower(e.Name)
		if e.Section != "credential" || name != "helper" && name != "usehttppath" {
			continue
		}
		for _, t := range targets {
			within := e.Subsection != "" && gitconfig.Covers(t.URL, asURL(e.Subsection))
			if !within && e.Subsection != "" && !gitconfig.Covers(e.Subsection, t.URL) {
				continue
			}
			says = true
			if name == "helper" && e.Value != "" {
				names = names || within || namesCodeCommit(e.Value)
			}
		}
	}
	return says, names
}

// asURL makes a URL of a pattern that may be only a host.
func asURL(pattern string) string {
	if strings.Contains(pattern, "://") {
		return pattern
	}
	return "https://" + pattern
}

// check reports in how many ways git would not use this helper alone, whether the
// include of a world keeps precedence for a URL, and whether its helper would be
// replaced.
func (pl *planner) check(w world, base, after gitconfig.Configuration, b Block) (faults int, keeps, breaks bool) {
	entries, before := credentialEntries(after.Under(w.holds)), credentialEntries(base.Under(w.holds))
	targets := slices.Concat(b.Targets, pl.inFolders[w.folder])
	for _, url := range probes(targets, before) {
		want := lastFor(targets, url)
		if want == "" {
			continue
		}
		got := gitconfig.CredentialOf(entries, url, gitconfig.Proactive)
		if w.names {
			old := gitconfig.CredentialOf(before, url, gitconfig.Proactive)
			if answers := answering(old.Helpers, targets); isIn(answers, w.included) {
				if answering(got.Helpers, targets).Value != answers.Value || old.UseHTTPPath && !got.UseHTTPPath {
					return faults, false, true
				}
				keeps = keeps || isIn(answers, w.include.Included)
				continue
			}
		}
		if len(got.Helpers) != 1 || got.Helpers[0].Value != want || !got.UseHTTPPath {
			faults++
		}
	}
	return faults, keeps, false
}

// answering is the first of helpers that is meant for CodeCommit, or else the
// first one: a keychain before it has no password until this helper's is stored.
// It is zero for no helpers.
func answering(helpers []gitconfig.Entry, targets []Target) gitconfig.Entry {
	isMeant := func(e gitconfig.Entry) bool {
		within := func(t Target) bool { return gitconfig.Covers(t.URL, asURL(e.Subsection)) }
		return namesCodeCommit(e.Value) || e.Subsection != "" && slices.ContainsFunc(targets, within)
	}
	if i := slices.IndexFunc(helpers, isMeant); i >= 0 {
		return helpers[i]
	}
	if len(helpers) > 0 {
		return helpers[0]
	}
	return gitconfig.Entry{}
}

// credentialEntries are the entries that CredentialOf looks at.
func credentialEntries(entries []gitconfig.Entry) []gitconfig.Entry {
	return slices.DeleteFunc(entries, func(e gitconfig.Entry) bool { return e.Section != "credential" })
}

// isIn reports whether an entry comes from an include.
func isIn(e gitconfig.Entry, included []gitconfig.Entry) bool {
	return slices.ContainsFunc(gitconfig.Everything(included), func(i gitconfig.Entry) bool {
		return i.Is(e.Key) && i.Value == e.Value && i.Origin == e.Origin
	})
}

// probes are URLs for which git uses a target: one for each target, and for each
// pattern of credential.* within one.
func probes(targets []Target, entries []gitconfig.Entry) []string {
	var urls []string
	add := func(pattern string) {
		url := strings.ReplaceAll(asURL(pattern), "*", "any")
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
			slices.ContainsFunc(targets, func(t Target) bool { return gitconfig.Covers(t.URL, asURL(e.Subsection)) }) {
			add(e.Subsection)
		}
	}
	return urls
}

// lastFor is the helper of the last target for a URL: git forgets those before
// it.
func lastFor(targets []Target, url string) (helper string) {
	for _, t := range targets {
		if gitconfig.Matches(t.URL, url) {
			helper = t.Helper
		}
	}
	return helper
}

// changesOthers reports whether a setting that is not about credentials would
// have another value where the condition of an include is true.
func changesOthers(worlds []world, base, after gitconfig.Configuration, b Block) bool {
	isOfBlock := func(e gitconfig.Entry) bool {
		return e.Section == "include" || e.Section == "includeif" || e.Section == "credential" ||
			e.Section == "http" && slices.ContainsFunc(b.Targets, func(t Target) bool { return t.URL == e.Subsection })
	}
	last := func(c gitconfig.Configuration, w world) map[string]string {
		values := map[string]string{}
		for _, e := range c.Under(w.holds) {
			if !isOfBlock(e) {
				values[strings.ToLower(e.Section)+"\x00"+e.Subsection+"\x00"+strings.ToLower(e.Name)] = e.Value
			}
		}
		return values
	}
	for _, w := range worlds {
		was, is := last(base, w), last(after, w)
		for key, value := range was {
			if is[key] != value {
				return true
			}
		}
	}
	return false
}
