package gitconfig

import "strings"

// Rewrite returns the URL that git uses for an address, to fetch or to push, and
// the url.BASE.insteadOf or url.BASE.pushInsteadOf entry that rewrites it. Without
// such an entry it returns the address and a zero Entry. If several entries match,
// the longest value applies.
//
// See alias_url in git's remote.c.
func Rewrite(entries []Entry, address string, push bool) (url string, by Entry) {
	if push {
		if url, by = rewrite(entries, address, "pushinsteadof"); by.Name != "" {
			return url, by
		}
	}
	return rewrite(entries, address, "insteadof")
}

func rewrite(entries []Entry, address, name string) (url string, by Entry) {
	for _, e := range entries {
		if e.Section == "url" && strings.EqualFold(e.Name, name) && strings.HasPrefix(address, e.Value) && (by.Name == "" || len(e.Value) > len(by.Value)) {
			by = e
		}
	}
	return by.Subsection + strings.TrimPrefix(address, by.Value), by
}
