package gitconfig

import (
	"context"
	"errors"
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitbool"
)

// A Credential is git's credential configuration for one URL.
type Credential struct {
	// Helpers run in this order until one answers; git sends store and erase to all
	// of them.
	Helpers []Entry
	// Reset is the last empty helper entry, which resets the list of helpers; zero
	// if there is none.
	Reset Entry
	// UseHTTPPath is true if git sends the URL's path to helpers. HTTPPath is the
	// entry that sets it; zero if none does.
	UseHTTPPath bool
	HTTPPath    Entry
	// Username is the entry that configures a username; zero if none does.
	Username Entry
}

// CredentialOf returns the credential settings for a URL. Entries are in the order
// in which git reads them. All matching entries apply, in order, however specific
// their patterns are, and an empty helper resets the list.
//
// See credential_apply_config in git's credential.c.
func CredentialOf(entries []Entry, address string, git Version) Credential {
	m := newCredentialMatcher(address)
	return credentialOf(entries, git, func(pattern string) bool {
		_, ok := m.match(pattern)
		return ok
	})
}

// A Cache remembers which patterns match which URLs, for callers that compare the same
// ones many times.
type Cache struct{ matches, covers map[[2]string]bool }

// NewCache returns an empty cache.
func NewCache() Cache { return Cache{map[[2]string]bool{}, map[[2]string]bool{}} }

// CredentialOf is like the function CredentialOf, for a git that supports wildcards.
func (c Cache) CredentialOf(entries []Entry, address string) Credential {
	return credentialOf(entries, Proactive, func(pattern string) bool {
		key := [2]string{pattern, address}
		ok, known := c.matches[key]
		if !known {
			_, ok = newCredentialMatcher(address).match(pattern)
			c.matches[key] = ok
		}
		return ok
	})
}

// Covers is like the function Covers.
func (c Cache) Covers(pattern, other string) bool {
	key := [2]string{pattern, other}
	ok, known := c.covers[key]
	if !known {
		ok = Covers(pattern, other)
		c.covers[key] = ok
	}
	return ok
}

// credentialOf returns the settings of the entries without a pattern, and of those
// whose pattern matches.
func credentialOf(entries []Entry, git Version, matches func(pattern string) bool) (c Credential) {
	for _, e := range entries {
		if e.Section != "credential" {
			continue
		}
		if e.Subsection != "" {
			if !matches(e.Subsection) || !git.AtLeast(Wildcards) && HasWildcard(e.Subsection) {
				continue
			}
		}
		switch strings.ToLower(e.Name) {
		case "helper":
			if e.Value == "" {
				c.Helpers, c.Reset = nil, e
				continue
			}
			c.Helpers = append(c.Helpers, e)
		case "usehttppath":
			c.UseHTTPPath, c.HTTPPath = isTrue(e.Value), e
		case "username":
			c.Username = e
		}
	}
	return c
}

// isTrue parses a boolean, and returns true for values at which git fails.
func isTrue(s string) bool {
	b, ok := gitbool.Parse(s)
	return b || !ok
}

// ForURL returns the value of a key such as http.proxy for a URL, as git config
// --get-urlmatch does; "" if it is not set. Kind is a type for --type, such as
// "path"; "" for none. The error is a RunError.
func (g Git) ForURL(ctx context.Context, kind, key, address string) (string, error) {
	args := []string{"config", "--get-urlmatch", key, address}
	if kind != "" {
		args = slices.Insert(args, 1, "--type="+kind)
	}
	out, err := g.Output(ctx, args...)
	var run *RunError
	if errors.As(err, &run) && run.Exit == 1 {
		return "", nil
	}
	return strings.TrimSuffix(out, "\n"), err
}

// ValueFor returns the value of a key such as http.proactiveAuth for a URL; "" if
// it is not set. Patterns are compared as for git's http.* settings.
func ValueFor(entries []Entry, section, name, address string) string {
	return EntryFor(entries, section, name, address).Value
}

// EntryFor returns the entry that applies to a URL; zero if there is none.
func EntryFor(entries []Entry, section, name, address string) (entry Entry) {
	if all := entriesFor(entries, section, name, address); len(all) > 0 {
		entry = all[len(all)-1]
	}
	return entry
}

// entriesFor returns the entries that git applies to a URL, in order. For most keys
// the last one applies, for some (http.extraHeader) all do. An entry is
// skipped if an earlier one has a more specific pattern: a longer host, or the same
// host and a longer path.
//
// See cmp_matches and urlmatch_config_entry in git's urlmatch.c.
func entriesFor(entries []Entry, section, name, address string) (all []Entry) {
	var closest matchRank
	m := newMatcher(address)
	for _, e := range entries {
		if e.Section != section || !strings.EqualFold(e.Name, name) {
			continue
		}
		var rank matchRank
		if e.Subsection != "" {
			var ok bool
			if rank, ok = m.match(e.Subsection); !ok || rank.path == 0 { // http.* ignores patterns that are not whole URLs
				continue
			}
		}
		if !rank.less(closest) {
			closest, all = rank, append(all, e)
		}
	}
	return all
}

// Authorization returns the entry that makes git send an Authorization header with
// every request for a URL; ok is false if there is none. An empty http.extraHeader
// resets the list of headers.
//
// See http_options in git's http.c.
func Authorization(entries []Entry, address string) (entry Entry, ok bool) {
	for _, e := range entriesFor(entries, "http", "extraHeader", address) {
		switch header, _, _ := strings.Cut(e.Value, ":"); {
		case e.Value == "":
			ok = false
		case strings.EqualFold(header, "authorization"):
			entry, ok = e, true
		}
	}
	return entry, ok
}

// EmptyAuth reports whether a git older than Proactive answers the first 401 with
// an empty username, as Kerberos requires. CodeCommit rejects that with a 403, and
// git then runs no helper.
func EmptyAuth(entries []Entry, address string) bool {
	value := ValueFor(entries, "http", "emptyAuth", address)
	return value != "auto" && isTrue(value)
}

// Unverified returns the entry that turns off certificate verification for a URL;
// ok is false if git verifies certificates.
func Unverified(entries []Entry, address string) (e Entry, ok bool) {
	e = EntryFor(entries, "http", "sslVerify", address)
	return e, e.Name != "" && !isTrue(e.Value)
}
