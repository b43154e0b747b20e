package gitconfig

import (
	"context"
	"errors"
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitbool"
)

// A Credential is what git's configuration says about the credentials for one
// URL.
type Credential struct {
	// Helpers are asked in this order until one answers; all of them are
	// told what to store and what to erase.
	Helpers []Entry
	// Reset is the last empty helper, which makes git forget those before it;
	// zero for none.
	Reset Entry
	// UseHTTPPath tells whether helpers learn the path of the URL, and
	// HTTPPath is the entry that says so; zero for none.
	UseHTTPPath bool
	HTTPPath    Entry
	// Username is the entry of a configured user name; zero for none.
	Username Entry
}

// CredentialOf is what entries, in the order in which git reads them, say for a
// URL. Git takes every entry that matches, whatever its pattern: the order
// alone counts, and an empty helper forgets those before it.
//
// See credential_apply_config in git's credential.c.
func CredentialOf(entries []Entry, address string, git Version) Credential {
	var c Credential
	m := newCredentialMatcher(address)
	for _, e := range entries {
		if e.Section != "credential" {
			continue
		}
		if e.Subsection != "" {
			if _, ok := m.match(e.Subsection); !ok || HasWildcard(e.Subsection) && !git.AtLeast(Wildcards) {
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

// isTrue reads a boolean. Git fails at what is none: then the value does not
// matter.
func isTrue(s string) bool {
	b, ok := gitbool.Parse(s)
	return b || !ok
}

// ForURL returns the value that counts for a URL of a key such as http.proxy;
// "" when there is none. Kind is one of git's types, such as "path", or "" for
// text.
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

// ValueFor is the value that counts for a URL of a key such as
// http.proactiveAuth; "" when there is none.
func ValueFor(entries []Entry, section, name, address string) string {
	return EntryFor(entries, section, name, address).Value
}

// EntryFor is the entry that counts for a URL; zero when there is none.
func EntryFor(entries []Entry, section, name, address string) (entry Entry) {
	if all := entriesFor(entries, section, name, address); len(all) > 0 {
		entry = all[len(all)-1]
	}
	return entry
}

// entriesFor are the entries that git takes for a URL, one after the other: that
// which counts is the last, where it is not all of them. Of the patterns that
// match, that with the longest host counts, then that with the longest path, then
// the last.
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
			if rank, ok = m.match(e.Subsection); !ok || rank.path == 0 { // which is a part of a URL
				continue
			}
		}
		if !rank.less(closest) {
			closest, all = rank, append(all, e)
		}
	}
	return all
}

// Authorization is an entry that has git send an Authorization header with every
// request for a URL; ok is false where there is none. An empty header takes back
// those before it.
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

// EmptyAuth says whether git before Proactive answers the first 401 of a URL
// with an empty user name, as networks with Kerberos want it. CodeCommit refuses
// that with a 403, after which git asks no helper.
func EmptyAuth(entries []Entry, address string) bool {
	value := ValueFor(entries, "http", "emptyAuth", address)
	return value != "auto" && isTrue(value)
}

// Unverified is the entry that has git check no certificate when it asks a URL;
// ok is false where git checks them.
func Unverified(entries []Entry, address string) (e Entry, ok bool) {
	e = EntryFor(entries, "http", "sslVerify", address)
	return e, e.Name != "" && !isTrue(e.Value)
}
