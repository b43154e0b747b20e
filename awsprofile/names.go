package awsprofile

import (
	"bytes"
	"slices"
	"strings"

	"git-credential-codecommit/internal/spelling"
)

// Profiles returns the names of the profiles in both files, sorted. The error is for
// the first file that cannot be read.
func Profiles(env Environment) ([]string, error) {
	fs := openFiles(env)
	return fs.names(), fs.unread()
}

func (fs *files) names() []string {
	names := append(fs.config.names(fs.config.nameOf), fs.credentials.names(fs.credentials.nameOf)...)
	slices.Sort(names)
	return slices.Compact(names)
}

// names returns the names of the sections of one kind, sorted.
func (f *file) names(nameOf naming) []string {
	names := make([]string, 0, len(f.sections))
	for _, s := range f.sections {
		if name, ok := nameOf(f.header(&s)); ok {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// notFound returns the error for a profile that is in neither file, with details
// that help to find a typo.
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
	// [NAME] in the config file is not a profile, and [profile NAME] in the
	// credentials file is a profile with another name.
	if at, ok := fs.config.misnamed(credentialsProfile, name); ok {
		e.Misnamed = at
	} else if at, ok := fs.credentials.misnamed(configProfile, name); ok {
		e.Misnamed = at
	} else if at, ok := fs.config.misnamed(unquotedProfile, name); ok {
		e.Misnamed, e.Unquoted = at, true
	}
	return e
}

// unquotedProfile returns the name in a header such as [profile MY NAME], in which
// users forget the quotes.
func unquotedProfile(header []byte) ([]byte, bool) {
	word, name, ok := bytes.Cut(header, []byte(" "))
	name = trimSpace(name)
	return name, ok && string(word) == "profile" && bytes.IndexByte(name, ' ') > 0
}

// misnamed finds a section that would have the name in the other file, or with a
// closing bracket.
func (f *file) misnamed(other naming, name string) (Position, bool) {
	for _, s := range f.sections {
		header := f.header(&s)
		if header == nil {
			line, _, _ := bytes.Cut(f.text[s.start:], []byte("\n"))
			header = trimSpace(bytes.TrimLeft(trimSpace(line), "["))
		}
		for _, nameOf := range []naming{other, configProfile} {
			if n, ok := nameOf(header); ok && string(n) == name {
				return f.position(int(s.start)), true
			}
		}
	}
	return Position{}, false
}

// position returns the position of the line at an offset.
func (f *file) position(offset int) Position {
	return Position{File: f.name, Line: 1 + bytes.Count(f.text[:offset], []byte("\n"))}
}

// maxSimilar is the longest name that is compared with others, in bytes, because
// the time of a comparison grows with the square of the length.
const maxSimilar = 128

// maxSimilarWork limits the comparisons with one name, in pairs of bytes: a tenth
// of a second, or 100,000 names of typical length.
const maxSimilarWork = 20 << 20

// similar returns the name that differs from the given one only in case, else the
// one with the fewest changed letters, at most a third; "" if there is none.
func similar(given string, names []string) string {
	best, least := "", len(given)/3+1
	if len(given) > maxSimilar {
		return ""
	}
	work := 0
	for _, name := range names {
		if strings.EqualFold(name, given) {
			return name
		}
		if work += len(name) * len(given); work > maxSimilarWork {
			continue
		}
		if d := spelling.Distance(given, name, least); d < least {
			best, least = name, d
		}
	}
	return best
}
