package helper

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A RemoteURL is what a URL for the remote helper says.
type RemoteURL struct {
	Region     string // "" when the URL names none
	Profile    string // "" when the URL names none
	Repository string
}

// remoteScheme begins a URL that names no region.
const remoteScheme = "codecommit"

// ParseRemoteURL takes apart a URL as git hands it to a remote helper (see
// gitremote-helpers(7), INVOCATION). Of the two forms
//
//	codecommit://[PROFILE@]REPOSITORY
//	codecommit::REGION://[PROFILE@]REPOSITORY
//
// git passes the first one whole and of the second one what stands behind
// "codecommit::", which a person might leave there. One slash at the end is allowed. The profile reaches to the
// last "@", is taken literally, and may hold anything that can be printed. What
// regions and repositories are called is not for this package to know: neither
// is empty, and that is all.
func ParseRemoteURL(url string) (RemoteURL, error) {
	scheme, rest, ok := strings.Cut(strings.TrimPrefix(url, remoteScheme+"::"), "://")
	if !ok {
		return RemoteURL{}, errors.New(`it holds no "://"`)
	}
	if scheme == "" {
		return RemoteURL{}, errors.New(`no region stands before "://"`)
	}
	u := RemoteURL{Repository: strings.TrimSuffix(rest, "/")}
	if scheme != remoteScheme {
		u.Region = scheme
	}
	if at := strings.LastIndexByte(u.Repository, '@'); at >= 0 {
		u.Profile, u.Repository = u.Repository[:at], u.Repository[at+1:]
		if u.Profile == "" {
			return RemoteURL{}, errors.New(`no profile stands before "@"`)
		}
		if !showable(u.Profile) {
			return RemoteURL{}, errors.New("its profile holds a character that cannot be printed")
		}
	}
	if u.Repository == "" {
		return RemoteURL{}, errors.New("it names no repository")
	}
	return u, nil
}

// showable says whether s is UTF-8 without control characters, line breaks
// and invisible characters: it can stand on a command line and in a message.
func showable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
