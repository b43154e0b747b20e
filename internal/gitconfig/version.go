package gitconfig

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// A Version is a version of git.
type Version struct{ Major, Minor, Patch int }

// The first versions of git with a feature that matters to a credential helper.
var (
	// Wildcards: a "*" in credential.<url> matches one label of the host.
	Wildcards = Version{Major: 2, Minor: 26}
	// FileVariables: GIT_CONFIG_GLOBAL and GIT_CONFIG_SYSTEM.
	FileVariables = Version{Major: 2, Minor: 32}
	// Proactive: http.proactiveAuth, and answers with authtype and credential,
	// which no other helper stores.
	Proactive = Version{Major: 2, Minor: 46}
)

// Version asks git for its version.
func (g Git) Version(ctx context.Context) (Version, error) {
	out, err := g.Output(ctx, "version")
	if err != nil {
		return Version{}, err
	}
	v, ok := parseVersion(out)
	if !ok {
		return Version{}, fmt.Errorf("git version: %q is not a version", strings.TrimSpace(out))
	}
	return v, nil
}

// parseVersion parses "git version 2.39.5 (Apple Git-154)": vendors append words
// and further numbers.
func parseVersion(s string) (v Version, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimSpace(s), "git version ")
	if !ok {
		return Version{}, false
	}
	s, _, _ = strings.Cut(s, " ")
	parts := strings.Split(s, ".")
	for i, to := range []*int{&v.Major, &v.Minor, &v.Patch} {
		if i == len(parts) {
			break
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return v, i > 1 // 2.55.GIT is 2.55
		}
		*to = n
	}
	return v, len(parts) > 1
}

// AtLeast reports whether v is other or newer.
func (v Version) AtLeast(other Version) bool {
	if v.Major != other.Major {
		return v.Major > other.Major
	}
	if v.Minor != other.Minor {
		return v.Minor > other.Minor
	}
	return v.Patch >= other.Patch
}

// String returns 2.39.5, or 2.46 for 2.46.0.
func (v Version) String() string {
	if v.Patch == 0 {
		return fmt.Sprintf("%d.%d", v.Major, v.Minor)
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}
