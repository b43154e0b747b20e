package gitconfig

import (
	"net/url"
	"strings"
)

// Matches says whether the settings of credential.PATTERN count for a URL, as
// git decides it: with a pattern that is a whole URL, scheme, host and port
// must be the same ("*" stands for one label of the host), its user name if it
// has one, and its path must be the URL's or lead up to it; a pattern that is a
// part of a URL (example.com, https://, /path) must have its parts equal.
//
// A pattern may stand in the URL's place: it is matched by those patterns that
// count for all of its URLs.
//
// See match_urls in git's urlmatch.c and match_partial_url in its credential.c.
func Matches(pattern, address string) bool {
	u, ok := parseURL(address)
	if !ok {
		return false
	}
	if p, ok := parseURL(pattern); ok {
		return p.scheme == u.scheme && p.port == u.port && sameHost(p.host, u.host) &&
			(p.user == "" || p.user == u.user) && leadsTo(p.path, u.path)
	}
	return parsePartialURL(pattern).matches(u)
}

// HasWildcard says whether a pattern matches by a "*", which git knows only
// from Wildcards on.
func HasWildcard(pattern string) bool {
	u, ok := parseURL(pattern)
	return ok && strings.Contains(u.host, "*")
}

// urlParts are a URL's, normalised as far as git compares them.
type urlParts struct {
	scheme, user, host, port string
	path                     string // without slashes at its ends
}

// parseURL takes a whole URL apart; ok is false when git would not take it for
// one.
func parseURL(s string) (u urlParts, ok bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" {
		return urlParts{}, false
	}
	u.scheme = strings.ToLower(scheme)
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority := rest[:end]
	u.path = cleanPath(rest[end:])
	if at := strings.IndexByte(authority, '@'); at >= 0 {
		u.user, _, _ = strings.Cut(authority[:at], ":")
		authority = authority[at+1:]
	}
	u.host, u.port = authority, ""
	if colon := strings.LastIndexByte(authority, ':'); colon >= 0 && !strings.HasSuffix(authority, "]") {
		u.host, u.port = authority[:colon], strings.TrimLeft(authority[colon+1:], "0")
	}
	if u.scheme == "https" && u.port == "443" || u.scheme == "http" && u.port == "80" {
		u.port = ""
	}
	u.host = strings.ToLower(u.host)
	return u, u.host != "" && !strings.ContainsAny(u.host, " %")
}

func cleanPath(path string) string {
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	return strings.Trim(path, "/")
}

// sameHost compares two hosts label by label.
func sameHost(pattern, host string) bool {
	p, h := strings.Split(pattern, "."), strings.Split(host, ".")
	if len(p) != len(h) {
		return false
	}
	for i := range p {
		if p[i] != h[i] && p[i] != "*" {
			return false
		}
	}
	return true
}

// leadsTo says whether a pattern's path is that of a URL, or of a folder above
// it.
func leadsTo(pattern, path string) bool {
	return pattern == "" || pattern == path || strings.HasPrefix(path, pattern+"/")
}

// parsePartialURL takes apart what may be no more than a part of a URL.
func parsePartialURL(s string) urlParts {
	var u urlParts
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	u.scheme = scheme
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	u.host, u.path = rest[:end], cleanPath(rest[end:])
	if at := strings.IndexByte(u.host, '@'); at >= 0 {
		u.user, _, _ = strings.Cut(u.host[:at], ":")
		u.host = u.host[at+1:]
	}
	return u
}

// matches says whether every part that is there is the URL's own, exactly.
func (want urlParts) matches(have urlParts) bool {
	same := func(want, have string) bool { return want == "" || want == have }
	return same(want.scheme, have.scheme) && same(want.host, have.host) &&
		same(want.path, have.path) && same(want.user, have.user)
}
