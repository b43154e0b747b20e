package codecommit

import (
	"fmt"
	"strings"
)

// A Repository is what the path of a URL names.
type Repository struct {
	// Name is a CodeCommit repository's name, or OWNER/REPO at CodeConnections.
	Name string
	// Path is the path to sign: as git sent it, without a trailing slash.
	Path string
	// Account is the account that owns the connection; "" for CodeCommit,
	// whose URLs do not name the account.
	Account string
	// Connection is the connection's ID; "" for CodeCommit.
	Connection string
}

// ParsePath reads the path of a repository on ep as git sends it in a
// credential request: without a leading slash and percent-decoded. It accepts
// one slash after the repository's name, which cargo sends. See the function
// ParsePath for the form of paths at CodeCommit, and parseConnectionsPath for
// the form at CodeConnections. The error says what is wrong with path.
func (ep Endpoint) ParsePath(path string) (Repository, error) {
	bare, slash := strings.CutSuffix(path, "/")
	if ep.Connections {
		return parseConnectionsPath(bare, ep.Region)
	}
	name, ok := ParsePath(bare)
	if !ok || slash && bare != repositoryPrefix+name { // git-lfs sends no trailing slash
		return Repository{}, fmt.Errorf("%.200q is not the path of a CodeCommit repository", path)
	}
	return Repository{Name: name, Path: bare}, nil
}

// repositoryPrefix starts the path of every CodeCommit repository.
const repositoryPrefix = "v1/repos/"

// ParsePath reads the path of a CodeCommit repository (without a leading slash)
// and returns the repository's name. ok is false if path has neither form:
//
//	v1/repos/NAME
//	v1/repos/NAME/info/lfs[/...]
//
// git-lfs requests the second one. The name may end in .git: such a path is
// signed like any other, and the service decides whether it exists.
func ParsePath(path string) (repository string, ok bool) {
	rest, ok := strings.CutPrefix(path, repositoryPrefix)
	if !ok {
		return "", false
	}
	name, tail, more := strings.Cut(rest, "/")
	if !isName(name) || more && !isLFSPath(tail) {
		return "", false
	}
	return name, true
}

// maxRepositoryLen is CodeCommit's limit on repository names, in characters:
// https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html.
const maxRepositoryLen = 100

// DotGit is an ending that repository names cannot have, see the same page.
const DotGit = ".git"

// CheckRepository returns an error that says why name cannot be the name of a
// CodeCommit repository, or nil if it can.
func CheckRepository(name string) error {
	bare, dotGit := strings.CutSuffix(name, DotGit)
	switch {
	case !isName(bare):
		return fmt.Errorf("%.200q is not a repository name: 1 to 100 letters, digits, dots, underscores and hyphens", name)
	case dotGit:
		return fmt.Errorf("%q ends in .git, which CodeCommit repository names cannot: write %q", name, bare)
	}
	return nil
}

// isName reports whether name is 1 to 100 letters, digits, dots, underscores and
// hyphens, but neither "." nor "..".
func isName(name string) bool {
	return len(name) > 0 && len(name) <= maxRepositoryLen && name != "." && name != ".." && only(name, isNameByte)
}

func isNameByte(b byte) bool {
	return isHostByte(b) || 'A' <= b && b <= 'Z' || b == '.' || b == '_'
}

// maxLFSPathLen is well above the longest path of git-lfs,
// info/lfs/locks/ID/unlock, in bytes.
const maxLFSPathLen = 1024

// isLFSPath reports whether path, below the repository, is one that git-lfs
// requests: info/lfs, info/lfs/objects/batch, info/lfs/locks/ID/unlock. See
// https://github.com/git-lfs/git-lfs/tree/main/docs/api.
func isLFSPath(path string) bool {
	rest, ok := strings.CutPrefix(path, "info/lfs")
	if !ok || len(path) > maxLFSPathLen {
		return false
	}
	if rest == "" {
		return true
	}
	if rest[0] != '/' {
		return false
	}
	for segment := range strings.SplitSeq(rest[1:], "/") {
		if segment == "" || segment == "." || segment == ".." || !only(segment, isNameByte) {
			return false
		}
	}
	return true
}
