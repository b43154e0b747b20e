package gitconfig

import (
	"context"
	"errors"
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitbool"
)

// A Credential is git's configuration of the credentials for one URL.
type Credential struct {
	// Helpers run in this order until one answers; git sends store and erase to
	// all of them.
	Helpers []Entry
	// Reset is the last empty helper, which makes git forget the helpers before it;
	// zero for none.
	Reset Entry
	// UseHTTPPath reports whether git sends the path of the URL to helpers;
	// HTTPPath is the entry that sets it, zero for none.
	UseHTTPPath bool
	HTTPPath    Entry
	// Username is the entry of a configured user name; zero for none.
	Username Entry
}

// CredentialOf returns what entries, in the order in which git reads them, set for
// a URL. Git uses every entry that matches: only the order matters, not the
// pattern, and an empty helper makes git forget those before it.
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

// isTrue reads a boolean. Git fails if the value is not a boolean.
func isTrue(s string) bool {
	b, ok := gitbool.Parse(s)
	return b || !ok
}

// ForURL returns the value of a key such as http.proxy that applies to a URL; ""
// if there is none. Kind is one of git's types, such as "path", or "" for text.
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

// ValueFor returns the value of a key such as http.proactiveAuth that applies to a
// URL; "" if there is none.
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

// entriesFor returns the entries that git reads for a URL one after the other. For
// most keys the last one applies, for some (http.extraHeader) all of them. An entry
// is skipped if an earlier one has a closer pattern: one with a longer host, or
// else a longer path.
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

// Authorization returns the entry that makes git send an Authorization header with
// every request for a URL; ok is false if there is none. An empty header removes
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

// EmptyAuth reports whether git before Proactive answers the first 401 of a URL
// with an empty user name, as networks with Kerberos require it. CodeCommit refuses
// that with a 403, after which git runs no helper.
func EmptyAuth(entries []Entry, address string) bool {
	value := ValueFor(entries, "http", "emptyAuth", address)
	return value != "auto" && isTrue(value)
}

// Unverified returns the entry that makes git accept any certificate for a URL; ok
// is false if git verifies certificates.
func Unverified(entries []Entry, address string) (e Entry, ok bool) {
	e = EntryFor(entries, "http", "sslVerify", address)
	return e, e.Name != "" && !isTrue(e.Value)
}
