package gitconfig

import (
	"fmt"
	"strconv"
	"strings"
)

// A normalURL is a URL normalized as git compares it. The character sets have the
// names that git's urlmatch.c uses.
type normalURL struct {
	scheme, user, host, port string
	hasUser                  bool   // true if there is a username, even an empty one
	path                     string // starts with a slash; includes query and fragment
}

const (
	alphabet      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits        = "0123456789"
	schemeChars   = alphabet + digits + "+.-"
	hostChars     = alphabet + digits + ".-_[:]"
	urlUnsafe     = " <>\"%{}|\\^`"
	urlReserved   = ":/?#[]@!$&'()*+,;="
	maxPort       = 65535
	maxPortDigits = 5
)

// normalizeURL normalizes a complete URL; ok is false if git would not accept it.
// With globs, labels of the host may be "*".
//
// It follows url_normalize_1 in git's urlmatch.c step by step.
func normalizeURL(s string, globs bool) (u normalURL, ok bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || span(scheme, schemeChars) < len(scheme) || span(scheme, alphabet) == 0 {
		return normalURL{}, false
	}
	u.scheme = lower(scheme)
	end := indexAny(rest, "/?#")
	authority, tail := rest[:end], rest[end:]
	if at := strings.IndexByte(authority, '@'); at >= 0 {
		u.hasUser = true
		user, ok := normalizeEscapes(authority[:at])
		if !ok {
			return normalURL{}, false
		}
		u.user, _, _ = strings.Cut(user, ":")
		authority = authority[at+1:]
	}
	if u.scheme != "file" && (authority == "" || authority[0] == ':') {
		return normalURL{}, false
	}
	host, port := authority, ""
	if colon := strings.LastIndexAny(authority, ":]"); colon >= 0 && authority[colon] == ':' {
		host, port = authority[:colon], authority[colon+1:]
	}
	allowed := hostChars
	if globs {
		allowed += "*"
	}
	if span(host, allowed) < len(host) {
		return normalURL{}, false
	}
	u.host = lower(host)
	if u.port, ok = normalizePort(u.scheme, port); !ok || u.host == "" && port != "" {
		return normalURL{}, false
	}
	u.path, ok = normalizePath(tail)
	return u, ok
}

// normalizePort returns a port without leading zeros; "" for the scheme's default
// port.
func normalizePort(scheme, port string) (string, bool) {
	if port == "" {
		return "", true
	}
	port = strings.TrimLeft(port, "0")
	if port == "" {
		return "", false // 0 is not allowed
	}
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return "", true
	}
	number, err := strconv.Atoi(port)
	if err != nil || span(port, digits) < len(port) || len(port) > maxPortDigits || number > maxPort {
		return "", false
	}
	return port, true
}

// normalizePath resolves the segments "." and ".." of a path and normalizes its
// escapes. Query and fragment are not split into segments.
func normalizePath(s string) (string, bool) {
	end := indexAny(s, "?#")
	path, query := strings.TrimPrefix(s[:end], "/"), s[end:]
	out := "/"
	for {
		raw, rest, more := strings.Cut(path, "/")
		segment, ok := normalizeEscapes(raw)
		if !ok {
			return "", false
		}
		skipSlash := false
		switch segment {
		case ".":
			if out == "/" {
				skipSlash = true
			} else {
				out = out[:len(out)-1]
			}
		case "..":
			if out == "/" {
				return "", false
			}
			slash := strings.LastIndexByte(out[:len(out)-1], '/')
			if slash == 0 {
				out, skipSlash = "/", true
			} else {
				out = out[:slash]
			}
		default:
			out += segment
		}
		if !more {
			break
		}
		if path = rest; !skipSlash {
			out += "/"
		}
	}
	query, ok := normalizeEscapes(query)
	return out + query, ok
}

// normalizeEscapes writes percent escapes in upper case, and only where they are
// needed or where an escaped delimiter must stay escaped; ok is false for a "%"
// without two hexadecimal digits.
//
// See append_normalized_escapes in git's urlmatch.c.
func normalizeEscapes(s string) (out string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, escaped := s[i], false
		if c == '%' {
			if c, ok = unescape(s[i:]); !ok {
				return "", false
			}
			escaped = true
			i += 2
		}
		if isUnsafe(c, urlUnsafe) || escaped && strings.IndexByte(urlReserved, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

// isUnsafe reports whether a byte must be escaped in a URL: a control byte, a
// non-ASCII byte, or one of others.
func isUnsafe(c byte, others string) bool {
	return c <= 0x1f || c >= 0x7f || strings.IndexByte(others, c) >= 0
}

// unescape returns the byte that the percent escape at the start of s encodes.
func unescape(s string) (byte, bool) {
	if len(s) < len("%XX") {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:3], 16, 8)
	return byte(n), err == nil && strings.IndexByte("+-_", s[1]) < 0
}

// credentialParts are the parts of a URL in git's credential API. A nil part is
// absent.
type credentialParts struct{ protocol, host, path, username *string }

// parseCredential splits a URL as git does before it runs a helper.
// See credential_from_url_1 in git's credential.c.
func parseCredential(s string) credentialParts {
	protocol, _, ok := strings.Cut(s, "://")
	if !ok || protocol == "" {
		return credentialParts{}
	}
	c := parsePartial(s)
	if c.host == nil {
		c.host = new(string)
	}
	return c
}

// parsePartial is parseCredential for a pattern that may be only part of a URL.
func parsePartial(s string) (c credentialParts) {
	rest := s
	if protocol, after, ok := strings.Cut(s, "://"); ok {
		if rest = after; protocol != "" {
			c.protocol = &protocol
		}
	}
	end := indexAny(rest, "/?#")
	host, path := rest[:end], strings.TrimLeft(rest[end:], "/")
	if at := strings.IndexByte(host, '@'); at >= 0 {
		user, _, _ := strings.Cut(host[:at], ":")
		user = decode(user)
		c.username, host = &user, host[at+1:]
	}
	if host != "" {
		host = decode(host)
		c.host = &host
	}
	if path != "" {
		path = decode(path)
		for len(path) > 1 && path[len(path)-1] == '/' {
			path = path[:len(path)-1]
		}
		c.path = &path
	}
	return c
}

// matches reports whether each part that is present equals the other's.
// See credential_match in git's credential.c.
func (c credentialParts) matches(other credentialParts) bool {
	same := func(a, b *string) bool { return a == nil || b != nil && *a == *b }
	return same(c.protocol, other.protocol) && same(c.host, other.host) &&
		same(c.path, other.path) && same(c.username, other.username)
}

// format returns the URL that git compares with credential.* patterns.
// See credential_format in git's credential.c.
func (c credentialParts) format() string {
	const unsafe = urlUnsafe + ":?#[]@!$&'()*+,;="
	var b strings.Builder
	encode := func(s, unsafe string) {
		for i := range len(s) {
			if isUnsafe(s[i], unsafe) {
				fmt.Fprintf(&b, "%%%02X", s[i])
			} else {
				b.WriteByte(s[i])
			}
		}
	}
	if c.protocol == nil {
		return ""
	}
	b.WriteString(*c.protocol + "://")
	if c.username != nil && *c.username != "" {
		encode(*c.username, unsafe+"/")
		b.WriteByte('@')
	}
	if c.host != nil {
		b.WriteString(*c.host)
	}
	if c.path != nil {
		b.WriteByte('/')
		encode(*c.path, unsafe)
	}
	return b.String()
}

// decode replaces percent escapes; invalid ones and %00 are kept. Like git, it
// treats the text before a colon as a scheme and copies it.
// See url_decode_mem in git's url.c.
func decode(s string) string {
	var b strings.Builder
	start := max(strings.IndexByte(s, ':'), 0)
	b.WriteString(s[:start])
	for i := start; i < len(s); i++ {
		if s[i] == '%' {
			if c, ok := unescape(s[i:]); ok && c != 0 {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// span returns the length of the longest prefix of s that consists of chars.
func span(s, chars string) int {
	for i := range len(s) {
		if strings.IndexByte(chars, s[i]) < 0 {
			return i
		}
	}
	return len(s)
}

// indexAny returns the index of the first of chars in s; len(s) if there is none.
func indexAny(s, chars string) int {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return i
	}
	return len(s)
}

// lower converts ASCII letters to lower case, and keeps all other bytes.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

// cutLabel splits a host name after its first label.
func cutLabel(host string) (label, rest string) {
	label, rest, _ = strings.Cut(host, ".")
	return label, rest
}
