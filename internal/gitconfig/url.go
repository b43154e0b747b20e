package gitconfig

import "strings"

// WithoutPassword takes out of a URL what is a password, or could be one: all
// from the first colon to the last "@", since a password may hold "@" and "/"
// that nobody has written percent-encoded. The user name stays.
func WithoutPassword(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if ok {
		scheme += "://"
	} else {
		scheme, rest = "", url
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return url
	}
	user, _, _ := strings.Cut(rest[:at], ":")
	return scheme + user + rest[at:]
}
