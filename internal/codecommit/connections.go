package codecommit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// connectionsPrefix starts the path of every CodeConnections repository.
	connectionsPrefix = "git-http/"
	// maxConnectionsPathLen is in bytes. The longest paths belong to nested GitLab
	// groups: 20 levels of 255 bytes.
	maxConnectionsPathLen = 8192
	// maxConnectionIDLen is in bytes; a connection's ID is a UUID of 36.
	maxConnectionIDLen = 64
)

// parseConnectionsPath parses the path of a CodeConnections repository in region:
//
//	git-http/ACCOUNT/REGION/CONNECTION-ID/OWNER/REPO[.git][/info/lfs[/...]]
//
// REGION must equal region, so that a signature never covers two regions. OWNER may
// contain slashes (GitLab groups, Azure DevOps projects). OWNER and REPO are names
// at other providers; every printable character is accepted in them (Azure DevOps
// allows spaces), except:
//   - "?" and "#": the AWS CLI, whose signatures this program reproduces, does not
//     sign what follows them, and no provider allows them in names;
//   - ".", ".." and empty segments.
//
// See
// https://docs.aws.amazon.com/codepipeline/latest/userguide/connections-git-clone.html.
func parseConnectionsPath(path, region string) (Repository, error) {
	notOne := fmt.Errorf("%.200q is not the path of a CodeConnections repository", path)
	rest, ok := strings.CutPrefix(path, connectionsPrefix)
	if !ok || len(path) > maxConnectionsPathLen || !utf8.ValidString(path) || strings.ContainsFunc(path, unicode.IsControl) {
		return Repository{}, notOne
	}
	const fixed, names = 3, 2 // ACCOUNT, REGION, CONNECTION-ID; then at least OWNER and REPO
	segments := strings.Split(rest, "/")
	if len(segments) < fixed+names {
		return Repository{}, notOne
	}
	account, pathRegion, connection := segments[0], segments[1], segments[2]
	if !isAccount(account) || !isRegion(pathRegion) || !isConnectionID(connection) {
		return Repository{}, notOne
	}
	for _, s := range segments[fixed:] {
		if s == "" || s == "." || s == ".." || strings.ContainsAny(s, "?#") {
			return Repository{}, notOne
		}
	}
	if pathRegion != region {
		return Repository{}, fmt.Errorf("the URL's host is in region %s, but its path names region %s", region, pathRegion)
	}
	return Repository{
		Name:       strings.TrimSuffix(strings.Join(withoutLFS(segments[fixed:], names), "/"), DotGit),
		Path:       path,
		Account:    account,
		Connection: connection,
	}, nil
}

// withoutLFS drops the segments that git-lfs appends to a repository's path
// (info/lfs and more). The path itself has at least atLeast segments.
func withoutLFS(segments []string, atLeast int) []string {
	for i := atLeast; i+1 < len(segments); i++ {
		if segments[i] == "info" && segments[i+1] == "lfs" {
			return segments[:i]
		}
	}
	return segments
}

// isAccount reports whether s is an account ID.
func isAccount(s string) bool {
	const digits = 12
	return len(s) == digits && only(s, isDigit)
}

func isConnectionID(s string) bool {
	return len(s) > 0 && len(s) <= maxConnectionIDLen && s[0] != '-' &&
		only(s, func(b byte) bool { return isHostByte(b) || 'A' <= b && b <= 'Z' })
}
