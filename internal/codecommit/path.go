package codecommit

import (
	"fmt"
	"strings"
)

// ParsePath reads path as git sends it in a credential request (no leading
// slash) and returns the repository's name. ok is false when path is not that
// of a repository:
//
//	v1/repos/NAME
//	v1/repos/NAME/info/lfs[/...]
//
// The second form is what git-lfs asks with. The name may end in .git: git's
// request is signed as it is, and the service says that there is none.
func ParsePath(path string) (repository string, ok bool) {
	rest, ok := strings.CutPrefix(path, "v1/repos/")
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

// DotGit is how a repository's name may not end, see the same page.
const DotGit = ".git"

// CheckRepository says what keeps name from being a repository's; nil for
// nothing.
func CheckRepository(name string) error {
	bare, dotGit := strings.CutSuffix(name, DotGit)
	switch {
	case !isName(bare):
		return fmt.Errorf("%.200q is not a repository's name: 1 to 100 letters, digits, dots, underscores and hyphens", name)
	case dotGit:
		return fmt.Errorf("%q ends in .git, which no repository's name in CodeCommit does: write %q", name, bare)
	}
	return nil
}

// isName says whether name is 1 to 100 letters, digits, dots, underscores and
// hyphens, but neither "." nor "..".
func isName(name string) bool {
	return len(name) > 0 && len(name) <= maxRepositoryLen && name != "." && name != ".." && only(name, isNameByte)
}

func isNameByte(b byte) bool {
	return isHostByte(b) || 'A' <= b && b <= 'Z' || b == '.' || b == '_'
}

// maxLFSPathLen is far above git-lfs's longest, .../locks/ID/unlock.
const maxLFSPathLen = 1024

// isLFSPath says whether path, below the repository, is one that git-lfs
// asks for: info/lfs, info/lfs/objects/batch, info/lfs/locks/ID/unlock. See
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
