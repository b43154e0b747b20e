package gitconfig

import "strings"

// Matches reports whether git applies the settings of section.PATTERN to a URL.
//
// A pattern that is a complete URL matches if scheme, host and port are equal ("*"
// matches one label of the host), the username, if present, is the URL's, and the
// path is the URL's path or a folder above it. A pattern that is part of a URL
// (example.com, https://, /path) matches if each part equals the URL's; only
// credential.* accepts such patterns.
//
// See urlmatch_config_entry in git's urlmatch.c.
func Matches(pattern, address string) bool {
	_, ok := newMatcher(address).match(pattern)
	return ok
}

// Covers reports whether the settings of section.PATTERN apply to every URL that
// another pattern matches.
func Covers(pattern, other string) bool {
	m := matcher{credential: parseCredential(other)}
	m.url, m.valid = normalizeURL(other, true)
	_, ok := m.match(pattern)
	return ok
}

// HasWildcard reports whether a pattern contains a "*", which git supports since
// version Wildcards.
func HasWildcard(pattern string) bool {
	_, plain := normalizeURL(pattern, false)
	_, ok := normalizeURL(pattern, true)
	return ok && !plain
}

// A matcher compares patterns with one URL.
type matcher struct {
	url        normalURL
	valid      bool // git accepts url
	credential credentialParts
}

// newMatcher returns a matcher for a URL, as git compares URLs for http.* settings.
func newMatcher(address string) matcher {
	m := matcher{credential: parseCredential(address)}
	m.url, m.valid = normalizeURL(address, false)
	return m
}

// newCredentialMatcher returns a matcher for a URL, as git compares URLs for
// credential.* settings: it splits the URL, decodes each part and joins them again.
//
// See credential_apply_config in git's credential.c.
func newCredentialMatcher(address string) matcher {
	m := matcher{credential: parseCredential(address)}
	m.url, m.valid = normalizeURL(m.credential.format(), false)
	return m
}

// A matchRank says how specific a match is; git uses it to order patterns that
// match the same URL.
// See cmp_matches in git's urlmatch.c.
type matchRank struct {
	host, path int // lengths of the pattern's host and path, with a final slash
	user       bool
}

func (r matchRank) less(other matchRank) bool {
	if r.host != other.host {
		return r.host < other.host
	}
	if r.path != other.path {
		return r.path < other.path
	}
	return !r.user && other.user
}

// match reports whether a pattern matches the URL, and how specific the match is.
func (m matcher) match(pattern string) (rank matchRank, ok bool) {
	p, whole := normalizeURL(pattern, true)
	switch {
	case !whole:
		return matchRank{}, parsePartial(pattern).matches(m.credential)
	case !m.valid, p.scheme != m.url.scheme, p.port != m.url.port,
		p.hasUser && (!m.url.hasUser || p.user != m.url.user), !matchHost(p.host, m.url.host):
		return matchRank{}, false
	}
	path := matchPath(p.path, m.url.path)
	return matchRank{host: len(p.host), path: path, user: p.hasUser}, path > 0
}

// matchHost compares two hosts label by label. A trailing dot makes no difference.
// See match_host in git's urlmatch.c.
func matchHost(pattern, host string) bool {
	for host != "" && pattern != "" {
		var p, h string
		p, pattern = cutLabel(pattern)
		h, host = cutLabel(host)
		if p != "*" && p != h {
			return false
		}
	}
	return host == "" && pattern == ""
}

// matchPath returns the length of the match, including the slash after it; 0 if
// there is none.
// See url_match_prefix in git's urlmatch.c.
func matchPath(pattern, path string) int {
	if pattern == "/" {
		return 1
	}
	if pattern[len(pattern)-1] == '/' {
		pattern = pattern[:len(pattern)-1]
	}
	if len(path) < len(pattern) || path[:len(pattern)] != pattern {
		return 0
	}
	if len(path) == len(pattern) || path[len(pattern)] == '/' {
		return len(pattern) + 1
	}
	return 0
}

// AsURL returns a pattern as a URL: the pattern may be just a host name.
func AsURL(pattern string) string {
	if strings.Contains(pattern, "://") {
		return pattern
	}
	return "https://" + pattern
}
