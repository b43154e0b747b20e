package cli

import "strings"

// hidden replaces the user part of a URL.
const hidden = "***"

// RedactURL returns a URL that is safe to show: "***" replaces a user part that
// could be a secret, such as a session token (AKID%TOKEN), the token of another
// service (ghp_...), or a username and password. Only "git", and the profile in a
// codecommit:// URL up to a ":" or "%", are kept.
//
// The user part ends at the last "@", because tokens and passwords may contain
// unescaped "/" and "@". RedactURL accepts any text, such as a configuration key
// that contains a URL, or the name of a remote.
func RedactURL(url string) string {
	at := strings.LastIndexByte(url, '@')
	if at < 0 {
		return url
	}
	prefix, user := "", url[:at]
	if scheme, rest, ok := strings.Cut(user, "://"); ok {
		prefix, user = scheme+"://", rest
		if takesProfile(scheme) && !strings.Contains(rest, "://") {
			if profile, _, _ := cutAny(rest, ":%"); profile != "" {
				return prefix + profile + url[at:]
			}
		}
	}
	if user == "git" {
		return url
	}
	return prefix + hidden + url[at:]
}

// takesProfile reports whether the user part of URLs with a scheme is an AWS
// profile: codecommit://PROFILE@NAME, codecommit::REGION://PROFILE@NAME.
func takesProfile(scheme string) bool {
	region, ok := strings.CutPrefix(scheme, "codecommit::")
	if !ok {
		return scheme == "codecommit"
	}
	switch strings.ToLower(region) {
	case "http", "https", "ssh": // a whole URL after codecommit::
		return false
	}
	return true
}

// cutAny is strings.Cut at the first of several characters.
func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// RedactText applies RedactURL to each URL in a text. A URL ends at a space, but
// not at a quotation mark, because its user part may contain one.
func RedactText(text string) string {
	if !strings.Contains(text, "://") || !strings.Contains(text, "@") {
		return text
	}
	const separators, quotes = " \t\n", "\"'`"
	var b strings.Builder
	for text != "" {
		end := strings.IndexAny(text, separators)
		if end < 0 {
			end = len(text)
		}
		word := text[:end]
		if scheme, _, ok := strings.Cut(word, "://"); ok {
			start := strings.LastIndexAny(scheme, quotes) + 1
			word = word[:start] + RedactURL(word[start:])
		}
		b.WriteString(word)
		if text = text[end:]; text != "" {
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	return b.String()
}
