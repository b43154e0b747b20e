package gitconfig

import (
	"slices"
	"strings"
)

// Foresee is what counts once the commands of Setup have run, where effective
// is what counts now. It takes what a file includes for lines of its own.
func Foresee(scope Scope, effective []Entry, targets []Target) []Entry {
	rank := slices.Index(order, scope)
	from := func(rank int) int {
		i := slices.IndexFunc(effective, func(e Entry) bool { return slices.Index(order, e.Scope) >= rank })
		if i < 0 {
			return len(effective)
		}
		return i
	}
	begin, end := from(rank), from(rank+1)
	return slices.Concat(effective[:begin], planSetup(scope, effective[begin:end], targets).entries, effective[end:])
}

// Displaced lists the helper lines for a region, a repository or the like that
// would count, were it not for what Setup wrote for targets.
func Displaced(entries []Entry, targets []Target) []Entry {
	isTargets := func(e Entry) bool {
		return slices.ContainsFunc(targets, func(t Target) bool { return e.Is(helperKey(t.URL)) })
	}
	others := slices.DeleteFunc(slices.Clone(entries), isTargets)
	var displaced []Entry
	for _, e := range others {
		if !e.Is(helperKey(e.Subsection)) || isTarget(e.Subsection) && IsOurs(e.Value) {
			continue
		}
		url := e.Subsection
		if !strings.Contains(url, "://") {
			url = "https://" + url
		}
		covered := slices.ContainsFunc(targets, func(t Target) bool { return Covers(t.URL, url) })
		counts := func(entries []Entry) bool {
			isIt := func(h Entry) bool { return h.Is(e.Key) && h.Value == e.Value && h.Origin == e.Origin }
			return slices.ContainsFunc(CredentialOf(entries, url, Proactive).Helpers, isIt)
		}
		if covered && counts(others) && !counts(entries) {
			displaced = append(displaced, e)
		}
	}
	return displaced
}
