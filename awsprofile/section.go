package awsprofile

import (
	"bytes"
	"unicode/utf8"

	"git-credential-codecommit/internal/shell"
)

// A section is a header and the lines after it. The lines are parsed only if the
// chain uses the section: a file may contain thousands of others.
//
// It contains offsets in the file, which are at most maxFileSize. It is small,
// because a get spends much of its time on the first access to each page of memory.
type section struct {
	header, headerEnd int32 // the text between the brackets; equal if they are not closed
	indent            int32 // of the header, in characters
	start             int32 // of the header's line
	body              int32 // start of the line after the header
	end               int32 // of the section
	line              int32 // number of the header's line, from 1
}

// header returns the text between the brackets of the section's header; nil if they
// are not closed.
func (f *file) header(s *section) []byte {
	if s.header == s.headerEnd {
		return nil
	}
	return f.text[s.header:s.headerEnd]
}

// maxSections is the maximum number of section headers in a file: more than fit in
// 10 MiB with a setting in each.
const maxSections = 350_000

// split returns the sections of a file. Lines before the first header belong to no
// section.
//
// A line that starts with a bracket but is not a header still ends the section
// above it. The AWS CLI rejects a file with such a line; ignoring the line would
// add the settings below it to the wrong profile.
//
// errTooManySections is returned if there are more than maxSections.
func split(text []byte) ([]section, error) {
	const usualSize = 64 // bytes; most sections are longer, so the slice rarely grows
	sections := make([]section, 0, len(text)/usualSize+1)
	line, counted := 1, 0 // line is the number of the line at offset counted
	var walk lines        // iterates over the latest section, only as far as necessary
	for at := 0; at < len(text); {
		bracket := bytes.IndexByte(text[at:], '[')
		if bracket < 0 {
			break
		}
		bracket += at
		start := at + bytes.LastIndexByte(text[at:bracket], '\n') + 1
		end := len(text)
		if i := bytes.IndexByte(text[bracket:], '\n'); i >= 0 {
			end = bracket + i
		}
		at = min(end+1, len(text))
		if len(trimSpace(text[start:bracket])) > 0 {
			continue
		}
		indent := utf8.RuneCount(text[start:bracket])
		if indent > 0 && len(sections) > 0 {
			for walk.offset < start {
				walk.next()
			}
			if walk.inValue && indent > walk.indent {
				continue // it is part of a value
			}
		}
		walk = lines{text: text, offset: at, indent: indent}
		s := section{indent: int32(indent), start: int32(start), body: int32(at), end: int32(len(text))}
		// A comment may follow the last bracket.
		if closing := bracket + bytes.LastIndexByte(text[bracket:end], ']'); closing > bracket+1 {
			s.header, s.headerEnd = int32(bracket+1), int32(closing)
		}
		if last := len(sections) - 1; last >= 0 {
			if s.header == s.headerEnd && sections[last].header == sections[last].headerEnd {
				continue // still outside of all sections
			}
			sections[last].end = s.start
		}
		if len(sections) == maxSections {
			return nil, errTooManySections
		}
		line += bytes.Count(text[counted:start], []byte("\n"))
		counted = start
		s.line = int32(line)
		sections = append(sections, s)
	}
	return sections, nil
}

// A naming returns the name that a header gives to its section; ok is false for
// headers of other kinds.
type naming func(header []byte) (name []byte, ok bool)

// configProfile is the naming of profiles in the config file: [profile NAME] and
// [default].
func configProfile(header []byte) ([]byte, bool) {
	if bytes.HasPrefix(header, []byte("profile")) {
		return secondWord(header)
	}
	return header, string(header) == "default"
}

// credentialsProfile is the naming of profiles in the credentials file: [NAME].
func credentialsProfile(header []byte) ([]byte, bool) {
	return header, len(header) > 0 && string(header) != defaultsHeader
}

// defaultsHeader is the header of the section whose settings apply to all sections
// of the file, a feature of Python's configparser.
const defaultsHeader = "DEFAULT"

func defaultsSection(header []byte) ([]byte, bool) {
	return header, string(header) == defaultsHeader
}

// ssoSession is the naming of [sso-session NAME] in the config file.
func ssoSession(header []byte) ([]byte, bool) {
	if bytes.HasPrefix(header, []byte("sso-session")) {
		return secondWord(header)
	}
	return nil, false
}

// servicesSection is the naming of [services NAME] in the config file.
func servicesSection(header []byte) ([]byte, bool) {
	if bytes.HasPrefix(header, []byte("services")) {
		return secondWord(header)
	}
	return nil, false
}

// secondWord returns the second of exactly two words. As in the AWS CLI, words may
// be quoted, and only the beginning of the first one matters.
func secondWord(header []byte) ([]byte, bool) {
	words, start, end := 0, 0, 0
	inWord := false
	for i, c := range header {
		switch c {
		case '\'', '"', '\\':
			words, err := shell.Split(string(header))
			if err != nil || len(words) != 2 {
				return nil, false
			}
			return []byte(words[1]), true
		case ' ', '\t', '\r', '\n':
			inWord = false
		default:
			if !inWord {
				words++
				start = i
			}
			inWord = true
			end = i + 1
		}
	}
	return header[start:end], words == 2
}

// find returns the sections with that name, in the order of the file.
func (f *file) find(nameOf naming, name string) (found []section) {
	for i := range f.sections {
		s := &f.sections[i]
		if n, ok := nameOf(f.header(s)); ok && string(n) == name {
			found = f.together(found, *s)
		}
	}
	return found
}

// together adds a section to earlier ones with the same name. If two headers write
// the name differently, such as [default] and [profile default], only the later one
// applies. The AWS CLI rejects a file with two equal headers; here, as in the other
// AWS SDKs, their settings are merged.
func (f *file) together(found []section, s section) []section {
	if len(found) > 0 && !bytes.Equal(f.header(&found[0]), f.header(&s)) {
		found = nil
	}
	return append(found, s)
}

// profile returns the sections of the profile of that name.
func (f *file) profile(name string) []section { return f.lookup(&f.profiles, f.nameOf, name) }

// session returns the sections of the sso-session of that name.
func (f *file) session(name string) []section { return f.lookup(&f.sessions, ssoSession, name) }

// An index contains the sections of one kind by name.
type index struct {
	lookups int
	found   map[string][]section // nil until there have been many lookups
}

// lookup is like find, for any number of names.
func (f *file) lookup(x *index, nameOf naming, name string) []section {
	// Most chains are short: searching all headers takes less time than building an
	// index. A long chain in a large file needs the index.
	const withoutIndex = 16
	if x.lookups++; x.lookups <= withoutIndex {
		return f.find(nameOf, name)
	}
	if x.found == nil {
		n := 0
		for i := range f.sections {
			if _, ok := nameOf(f.header(&f.sections[i])); ok {
				n++
			}
		}
		x.found = make(map[string][]section, n)
		for i, s := range f.sections {
			if name, ok := nameOf(f.header(&s)); ok {
				if found, ok := x.found[string(name)]; ok {
					x.found[string(name)] = f.together(found, s)
				} else {
					x.found[string(name)] = f.sections[i : i+1 : i+1]
				}
			}
		}
	}
	return x.found[name]
}
