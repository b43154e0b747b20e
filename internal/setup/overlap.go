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

// together reports whether git may read two includes in the same repository, as far
// as the folders in their conditions show.
func (pl *planner) together(x, y gitconfig.ConditionalInclude) bool {
	for _, a := range x.Chain {
		for _, b := range y.Chain {
			if !foldersMeet(pl.written(a), pl.written(b), pl.home) {
				return false
			}
		}
	}
	return true
}

// Overlap reports whether git may read two includes in the same repository, as far as
// the folders in their conditions show. Home is the folder that replaces "~".
func Overlap(x, y gitconfig.ConditionalInclude, home string) bool {
	return (&planner{home: home}).together(x, y)
}

// foldersMeet reports whether the patterns of two conditions may match the same
// folder; true if they are not both for absolute folders.
func foldersMeet(x, y, home string) bool {
	var folders [2]string
	for i, condition := range []string{x, y} {
		_, pattern, isFolder := strings.Cut(condition, "gitdir:")
		if !isFolder {
			return true
		}
		if rest, ok := strings.CutPrefix(pattern, "~/"); ok {
			pattern = filepath.ToSlash(home) + "/" + rest
		}
		if !filepath.IsAbs(filepath.FromSlash(pattern)) {
			return true
		}
		if at := strings.IndexAny(pattern, `*?[\`); at >= 0 {
			pattern = pattern[:at]
		}
		folders[i] = pattern
		if real, err := filepath.EvalSymlinks(filepath.FromSlash(pattern)); err == nil && strings.HasSuffix(pattern, "/") {
			folders[i] = filepath.ToSlash(real) + "/"
		}
	}
	return strings.HasPrefix(folders[0], folders[1]) || strings.HasPrefix(folders[1], folders[0])
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
