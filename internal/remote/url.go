// Package remote implements the remote helper for codecommit:// URLs, which git
// runs as git-remote-codecommit (see gitremote-helpers(7)). It runs git's https
// transport for the corresponding https URL, with this program as the only
// credential helper.
package remote

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
)

// A URL is a codecommit:// URL.
type URL struct {
	Region     string // in lower case; "" if the URL has none
	Profile    string // "" if the URL has none
	Repository string
}

// scheme is the scheme of URLs without a region.
const scheme = "codecommit"

// formsHint shows the two forms of codecommit:// URLs.
var formsHint = cli.Advice("use codecommit://[PROFILE@]REPOSITORY or codecommit::REGION://[PROFILE@]REPOSITORY")

// IsURL reports whether git passes the URL to git-remote-codecommit.
func IsURL(url string) bool {
	return strings.HasPrefix(url, scheme+"://") || strings.HasPrefix(url, scheme+"::")
}

// Parse parses a codecommit:// URL as the user types it, or as git passes it to a
// remote helper (see INVOCATION in gitremote-helpers(7)), and checks region and
// repository name. The error has hints that show the correct form.
func Parse(url string) (URL, error) {
	if hint, ok := plainURLHint(url); ok {
		return URL{}, cli.WithHints(errors.New("codecommit:// takes a repository name, not a URL"), hint, formsHint)
	}
	u, err := parse(url)
	switch {
	case err != nil:
	case u.Region != "" && !codecommit.ValidRegion(u.Region):
		err = fmt.Errorf("%s is not a region, such as us-east-2", cli.Quote(u.Region))
	default:
		err = codecommit.CheckRepository(u.Repository)
	}
	if err != nil {
		return URL{}, cli.WithHints(fmt.Errorf("malformed URL: %w", err), formsHint)
	}
	u.Region = strings.ToLower(u.Region)
	return u, nil
}

// parse splits a URL of one of these forms:
//
//	codecommit://[PROFILE@]REPOSITORY
//	codecommit::REGION://[PROFILE@]REPOSITORY
//
// Git passes the first one unchanged, and the second one without "codecommit::".
// One trailing slash is allowed. The profile ends at the last "@", is taken
// literally and may contain any printable character. Region and repository must not
// be empty, and are not checked otherwise.
func parse(url string) (URL, error) {
	region, rest, ok := strings.Cut(strings.TrimPrefix(url, scheme+"::"), "://")
	if !ok {
		return URL{}, errors.New(`it has no "://"`)
	}
	if region == "" {
		return URL{}, errors.New(`it has no region before "://"`)
	}
	u := URL{Repository: strings.TrimSuffix(rest, "/")}
	if region != scheme {
		u.Region = region
	}
	if at := strings.LastIndexByte(u.Repository, '@'); at >= 0 {
		u.Profile, u.Repository = u.Repository[:at], u.Repository[at+1:]
		if u.Profile == "" {
			return URL{}, errors.New(`it has no profile before "@"`)
		}
		if !printable(u.Profile) {
			return URL{}, errors.New("its profile contains a non-printable character")
		}
	}
	if u.Repository == "" {
		return URL{}, errors.New("it names no repository")
	}
	return u, nil
}

// printable reports whether s is valid UTF-8 without control characters, line
// breaks and invisible characters, so that it can appear in commands and messages.
func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// plainURLHint reports whether "codecommit:" precedes a complete URL, and returns
// what to write instead. The hint does not show the URL, which may contain a
// password.
func plainURLHint(url string) (hint cli.Hint, ok bool) {
	outer, rest, _ := strings.Cut(strings.TrimPrefix(url, scheme+"::"), "://")
	_, inner, nested := strings.Cut(rest, "://")
	if nested {
		rest = inner
	}
	authority, path, _ := strings.Cut(rest, "/")
	ep, ours := codecommit.ParseEndpoint(authority[strings.LastIndexByte(authority, '@')+1:])
	if !nested && !ours && outer != "https" && outer != "http" && outer != "ssh" {
		return cli.Hint{}, false
	}
	if repository, ok := codecommit.ParsePath(strings.TrimSuffix(path, "/")); ours && ok {
		u := URL{Region: ep.Region, Repository: strings.TrimSuffix(repository, codecommit.DotGit)}
		return cli.Advice("write " + u.String() + ", or the URL alone"), true
	}
	return cli.Advice("write the URL alone, without codecommit: before it"), true
}

// String returns the URL in the form that a person types.
func (u URL) String() string {
	s := scheme + "://"
	if u.Region != "" {
		s = scheme + "::" + u.Region + "://"
	}
	if u.Profile != "" {
		s += u.Profile + "@"
	}
	return s + u.Repository
}

// https returns the repository's https URL on a host.
func (u URL) https(host string) string { return "https://" + host + "/v1/repos/" + u.Repository }
