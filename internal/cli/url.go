package cli

import "strings"

// hidden replaces the user part of a URL.
const hidden = "***"

// RedactURL returns a URL as it may be shown: with "***" in place of a user part
// that could be a secret. That part may be a session token (AKID%TOKEN), the token
// of another service (ghp_...), or a username and password. Only "git" and the
// profile in a codecommit:// URL remain, the latter up to a ":" or "%".
//
// The user part ends at the last "@": tokens and passwords may contain "/" and
// "@" that are not percent-encoded. RedactURL accepts any text, such as a
// configuration key that contains a URL or a remote's name.
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

// takesProfile reports whether the user part of a URL with a scheme is the name
// of an AWS profile: codecommit://PROFILE@NAME, codecommit::REGION://PROFILE@NAME.
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

// RedactText returns a text with RedactURL applied to each URL in it. A URL ends
// at a space, not at a quotation mark: its user part may contain one.
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
