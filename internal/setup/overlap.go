package setup

import (
	"path/filepath"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
)

// An overlap says for which repositories below a folder git reads an include, as far
// as its conditions show.
type overlap int

const (
	none  overlap = iota
	some          // for some, or it depends on the repository
	every         // for every one
)

// overlapOf compares a folder of the block with the conditions of an include.
func (pl *planner) overlapOf(f Folder, include gitconfig.ConditionalInclude) overlap {
	folder, ok := folderOf(f.Condition)
	if !ok {
		return none
	}
	result := every
	for _, e := range include.Chain {
		result = min(result, overlapWith(folder, pl.written(e), pl.home))
	}
	return result
}

// overlapWith compares a folder, whose path ends in a slash, with the pattern of a
// condition. A pattern that ends in a slash matches everything below it, and one that
// is not an absolute path matches below any folder.
//
// See gitdir in git-config(1), Conditional includes.
func overlapWith(folder, condition, home string) overlap {
	keyword, pattern, _ := strings.Cut(condition, ":")
	if keyword == "gitdir/i" {
		folder, pattern, home = strings.ToLower(folder), strings.ToLower(pattern), strings.ToLower(home)
	} else if keyword != "gitdir" {
		return some // a branch, or a remote
	}
	if rest, ok := strings.CutPrefix(pattern, "~/"); ok {
		pattern = filepath.ToSlash(home) + "/" + rest
	}
	if !filepath.IsAbs(filepath.FromSlash(pattern)) {
		return some
	}
	pattern = strings.TrimSuffix(pattern, "**")
	literal, _, isGlob := strings.Cut(pattern, "*")
	if i := strings.IndexAny(literal, `?[\`); i >= 0 {
		literal, isGlob = literal[:i], true
	}
	resolved := literal
	if real, err := filepath.EvalSymlinks(filepath.FromSlash(strings.TrimSuffix(literal, "/"))); err == nil && strings.HasSuffix(literal, "/") && keyword == "gitdir" {
		resolved = filepath.ToSlash(real) + "/"
	}
	for _, path := range []string{literal, resolved} {
		switch {
		case strings.HasPrefix(folder, path) && strings.HasSuffix(path, "/") && !isGlob:
			return every
		case strings.HasPrefix(folder, path) && isGlob, strings.HasPrefix(path, folder):
			return some
		}
	}
	return none
}
