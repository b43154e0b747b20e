package gitconfig

// Matches reports whether git applies the settings of section.PATTERN to a URL.
//
// A pattern that is a whole URL matches if scheme, host and port are equal ("*"
// matches one label of the host), its user name, if any, is the URL's, and its
// path is the URL's or a folder above it. Of a pattern that is only a part of a
// URL (example.com, https://, /path), which credential.* alone accepts, each part
// must be equal to the URL's.
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

// HasWildcard reports whether a pattern matches by a "*", which git supports
// from Wildcards on.
func HasWildcard(pattern string) bool {
	_, plain := normalizeURL(pattern, false)
	_, ok := normalizeURL(pattern, true)
	return ok && !plain
}

// A matcher compares patterns with one URL.
type matcher struct {
	url        normalURL
	valid      bool // url is one that git accepts
	credential credentialParts
}

// newMatcher compares with a URL as git's http.* settings do.
func newMatcher(address string) matcher {
	m := matcher{credential: parseCredential(address)}
	m.url, m.valid = normalizeURL(address, false)
	return m
}

// newCredentialMatcher compares with a URL as git's credential.* settings do:
// git takes the URL apart, decodes each part, and puts it together again.
//
// See credential_apply_config in git's credential.c.
func newCredentialMatcher(address string) matcher {
	m := matcher{credential: parseCredential(address)}
	m.url, m.valid = normalizeURL(m.credential.format(), false)
	return m
}

// A matchRank says how closely a pattern matches: git's order among patterns that
// match the same URL. See cmp_matches in git's urlmatch.c.
type matchRank struct {
	host, path int // length of the pattern's host, and of its path with a final slash
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

// match reports whether a pattern matches the URL, and how closely.
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

// matchHost compares two hosts label by label. A dot at the end makes no
// difference. See match_host in git's urlmatch.c.
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

// matchPath returns the length of the match, with the slash that ends it; 0 for
// none. See url_match_prefix in git's urlmatch.c.
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
