package codecommit

import (
	"fmt"
	"strings"
)

// A Repository is the repository that a URL's path identifies.
type Repository struct {
	// Name is the name of a CodeCommit repository, or OWNER/REPO for
	// CodeConnections.
	Name string
	// Path is the path to sign: as git sent it, without a trailing slash.
	Path string
	// Account is the account that owns the connection; "" for CodeCommit, whose
	// URLs do not contain an account.
	Account string
	// Connection is the connection's ID; "" for CodeCommit.
	Connection string
}

// ParsePath parses a repository's path on ep as git sends it in a credential
// request: without a leading slash, and percent-decoded. It accepts one slash after
// the repository's name, which cargo sends. For the form of paths, see the function
// ParsePath (CodeCommit) and parseConnectionsPath (CodeConnections). The error says
// what is wrong with the path.
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

// ParsePath parses the path of a CodeCommit repository, without a leading slash,
// and returns the repository's name. Ok is false unless the path has one of these
// forms:
//
//	v1/repos/NAME
//	v1/repos/NAME/info/lfs[/...]
//
// git-lfs uses the second one. The name may end in .git: such a path is signed like
// any other, and the service decides whether it exists.
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

// DotGit is a suffix that repository names cannot have:
// https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html.
const DotGit = ".git"

// CheckRepository returns an error that says why name cannot be the name of a
// CodeCommit repository; nil if it can.
func CheckRepository(name string) error {
	bare, dotGit := strings.CutSuffix(name, DotGit)
	switch {
	case !isName(bare):
		return fmt.Errorf("%.200q is not a repository name: 1 to 100 letters, digits, dots, underscores and hyphens", name)
	case dotGit:
		return fmt.Errorf("%q ends in .git, which CodeCommit does not allow in repository names: write %q", name, bare)
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

// maxLFSPathLen is in bytes, and more than git-lfs's longest path,
// info/lfs/locks/ID/unlock.
const maxLFSPathLen = 1024

// isLFSPath reports whether path, relative to the repository, is one of git-lfs's:
// info/lfs, info/lfs/objects/batch, info/lfs/locks/ID/unlock. See
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
