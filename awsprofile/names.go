package awsprofile

import (
	"bytes"
	"slices"
	"strings"

	"git-credential-codecommit/internal/spelling"
)

// Profiles lists the names of the profiles in both files, sorted.
func Profiles(env Environment) ([]string, error) {
	fs := openFiles(env)
	return fs.names(), fs.unread()
}

func (fs *files) names() []string {
	var names []string
	for _, f := range []*file{fs.config, fs.credentials} {
		for _, s := range f.sections {
			if name, ok := f.nameOf(s.header); ok {
				names = append(names, string(name))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// notFound is the error for a profile that neither file knows, with what may
// help to find the slip.
func (fs *files) notFound(name, variable string) error {
	names := fs.names()
	e := &ProfileNotFoundError{Profile: name, Variable: variable, Similar: similar(name, names), Profiles: names}
	for _, f := range []*file{fs.config, fs.credentials} {
		if f.path != "" {
			e.Files = append(e.Files, f.name)
		}
		if f.unread != nil {
			e.Unread = append(e.Unread, f.unread)
		}
	}
	// [NAME] in the config file is no profile, nor is [profile NAME] in the
	// credentials file one of that name.
	if at, ok := fs.config.misnamed(credentialsProfile, name); ok {
		e.Misnamed = at
	} else if at, ok := fs.credentials.misnamed(configProfile, name); ok {
		e.Misnamed = at
	} else if at, ok := fs.config.misnamed(unquotedProfile, name); ok {
		e.Misnamed, e.Unquoted = at, true
	}
	return e
}

// unquotedProfile is how people write a name with spaces: [profile MY NAME].
func unquotedProfile(header []byte) ([]byte, bool) {
	word, name, ok := bytes.Cut(header, []byte(" "))
	name = trimSpace(name)
	return name, ok && string(word) == "profile" && bytes.IndexByte(name, ' ') > 0
}

// misnamed finds a section that has the name by another naming than the
// file's, or whose header has no closing bracket.
func (f *file) misnamed(other naming, name string) (Position, bool) {
	for _, s := range f.sections {
		header := s.header
		if header == nil {
			line, _, _ := bytes.Cut(f.text[s.start:], []byte("\n"))
			header = trimSpace(bytes.TrimLeft(trimSpace(line), "["))
		}
		for _, nameOf := range []naming{other, configProfile} {
			if n, ok := nameOf(header); ok && string(n) == name {
				return f.position(s.start), true
			}
		}
	}
	return Position{}, false
}

// position is the line at an offset.
func (f *file) position(offset int) Position {
	return Position{File: f.name, Line: 1 + bytes.Count(f.text[:offset], []byte("\n"))}
}

// maxSimilar is the longest name that is compared with others, in bytes: the time
// that a comparison takes grows with the square of it.
const maxSimilar = 128

// similar returns the name that differs from the given one only by case, else the
// one with the fewest changed letters, at most one in three; "" for none.
func similar(given string, names []string) string {
	best, least := "", len(given)/3+1
	if len(given) > maxSimilar {
		return ""
	}
	for _, name := range names {
		if strings.EqualFold(name, given) {
			return name
		}
		if d := spelling.Distance(given, name, least); d < least {
			best, least = name, d
		}
	}
	return best
}
