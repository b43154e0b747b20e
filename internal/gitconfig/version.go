package gitconfig

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

type Version struct{ Major, Minor, Patch int }

// The first versions of git with features that matter to a credential helper.
var (
	// Wildcards: "*" in credential.<url> matches one label of the host name.
	Wildcards = Version{Major: 2, Minor: 26}
	// FileVariables: GIT_CONFIG_GLOBAL and GIT_CONFIG_SYSTEM.
	FileVariables = Version{Major: 2, Minor: 32}
	// Proactive: http.proactiveAuth, and the authtype and credential attributes in
	// answers, which other helpers never store.
	Proactive = Version{Major: 2, Minor: 46}
)

// Version returns git's version. The error is a RunError if git failed.
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

// parseVersion parses the output of git version, for example "git version 2.39.5
// (Apple Git-154)": vendors append words and numbers.
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

// AtLeast reports whether v is the same as or newer than other.
func (v Version) AtLeast(other Version) bool {
	if v.Major != other.Major {
		return v.Major > other.Major
	}
	if v.Minor != other.Minor {
		return v.Minor > other.Minor
	}
	return v.Patch >= other.Patch
}

// String returns, for example, 2.39.5, or 2.46 for 2.46.0.
func (v Version) String() string {
	if v.Patch == 0 {
		return fmt.Sprintf("%d.%d", v.Major, v.Minor)
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}
