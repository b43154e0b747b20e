package gitconfig

import (
	"bytes"
	"fmt"
	"strings"
)

// An ItemKind is the kind of an Item.
type ItemKind int

const (
	Header  ItemKind = iota // [section "subsection"]
	Setting                 // name = value
	Comment                 // a comment on a separate line
)

// An Item is part of a configuration file. Whitespace, line endings and comments
// after other items are not items.
type Item struct {
	Kind    ItemKind
	Key            // without Name for a header; zero for a comment
	Value   string // of a setting; the text of a comment
	NoValue bool   // the setting has no "="; its value is "true"
	// Start and End are byte offsets: the lines that contain the item.
	Start, End int
	// Alone is false if the lines contain other items or, for headers, a comment.
	Alone bool
}

// SyntaxError is returned for a file that git cannot parse.
type SyntaxError struct{ Line int }

func (e *SyntaxError) Error() string { return fmt.Sprintf("bad config line %d", e.Line) }

// byteOrderMark is the UTF-8 byte order mark that a file may start with.
const byteOrderMark = "\uFEFF"

// maxItems limits the items of a file, and the entries of all files with their
// includes: fifty times those of the largest configuration seen.
const maxItems = 30_000

// A limitError is returned for a file or a configuration that exceeds a limit.
type limitError struct{ error }

// Parse splits a configuration file into items, as git parses it. The error is a
// SyntaxError or a limitError.
//
// See git_parse_source in git's config.c.
func Parse(text []byte) ([]Item, error) {
	s := scanner{text: text, line: 1}
	if bytes.HasPrefix(text, []byte(byteOrderMark)) {
		s.pos = len(byteOrderMark)
	}
	for {
		if len(s.items) > maxItems {
			return nil, &limitError{fmt.Errorf("it has more than %d sections, settings and comments", maxItems)}
		}
		start := s.pos
		s.begin = s.lineStart
		switch c := s.next(); {
		case c == '\n' && s.eof:
			return s.items, nil
		case isBlank(c):
		case c == '#' || c == ';':
			s.comment(start)
		case c == '[':
			if !s.header(start) {
				return nil, &SyntaxError{s.line}
			}
		case isLetter(c):
			s.pos = start
			line := s.line
			if !s.setting(start) {
				return nil, &SyntaxError{line}
			}
		default:
			return nil, &SyntaxError{s.line}
		}
	}
}

// A scanner reads the content of a file byte by byte.
type scanner struct {
	text    []byte
	pos     int
	line    int
	eof     bool
	section Key
	items   []Item

	// A line may be long and contain many items, so it is searched for its start
	// and end only once.
	lineStart int // of the line at pos
	begin     int // start of the line that contains the start of the current item
	lineEnd   int // end of the line that contains the end of the latest item
}

// next returns the next byte. CRLF and the end of the file are returned as LF.
func (s *scanner) next() byte {
	if s.pos == len(s.text) {
		s.eof = true
		return '\n'
	}
	c := s.text[s.pos]
	s.pos++
	if c == '\r' && s.pos < len(s.text) && s.text[s.pos] == '\n' {
		s.pos++
		c = '\n'
	}
	if c == '\n' {
		s.line++
		s.lineStart = s.pos
	}
	return c
}

// add adds an item that ends at the current position.
func (s *scanner) add(item Item, start int) {
	item.Start = s.begin
	if s.pos > s.lineEnd {
		s.lineEnd = s.pos
		if s.text[s.pos-1] != '\n' {
			s.lineEnd += indexLineEnd(s.text[s.pos:])
		}
	}
	item.End = s.lineEnd
	if item.Start == 0 && bytes.HasPrefix(s.text, []byte(byteOrderMark)) {
		item.Start = len(byteOrderMark)
	}
	first := len(s.items) == 0 || s.items[len(s.items)-1].Start != item.Start
	item.Alone = first && len(bytes.TrimSpace(s.text[item.Start:start])) == 0 && len(bytes.TrimSpace(s.text[s.pos:item.End])) == 0
	s.items = append(s.items, item)
}

func (s *scanner) comment(start int) {
	for s.next() != '\n' {
	}
	text := strings.TrimRight(string(s.text[start:s.pos]), "\r\n")
	before := s.text[s.begin:start]
	if before = bytes.TrimPrefix(before, []byte(byteOrderMark)); len(bytes.TrimSpace(before)) == 0 {
		s.add(Item{Kind: Comment, Value: text}, start)
	}
}

// header reads a section header after its opening bracket.
func (s *scanner) header(start int) bool {
	var name strings.Builder
	for {
		c := s.next()
		switch {
		case s.eof, c == ']' && name.Len() == 0:
			return false
		case c == ']':
			s.section = parseKey(name.String() + ".")
			s.add(Item{Kind: Header, Key: s.section}, start)
			return true
		case isBlank(c):
			subsection, ok := s.subsection(c)
			if !ok {
				return false
			}
			s.section = Key{Section: name.String(), Subsection: subsection}
			s.add(Item{Kind: Header, Key: s.section}, start)
			return true
		case !isKeyByte(c) && c != '.':
			return false
		}
		name.WriteString(lower(string(c)))
	}
}

// subsection reads the quoted name and the closing bracket. C is the blank before
// it.
func (s *scanner) subsection(c byte) (string, bool) {
	for isBlank(c) {
		if c == '\n' {
			return "", false
		}
		c = s.next()
	}
	if c != '"' {
		return "", false
	}
	var name []byte
	for {
		switch c = s.next(); c {
		case '\n':
			return "", false
		case '"':
			return string(name), s.next() == ']'
		case '\\':
			if c = s.next(); c == '\n' {
				return "", false
			}
		}
		name = append(name, c)
	}
}

// setting reads a key and its value.
func (s *scanner) setting(start int) bool {
	var name []byte
	c := s.next()
	for !s.eof && isKeyByte(c) {
		name = append(name, c)
		c = s.next()
	}
	for c == ' ' || c == '\t' {
		c = s.next()
	}
	item := Item{Kind: Setting, Key: s.section, Value: "true", NoValue: true}
	item.Name = lower(string(name))
	if s.section == (Key{}) {
		item.Section, item.Name = item.Name, "" // like parseKey for a key without a dot
	}
	if c != '\n' {
		if c != '=' {
			return false
		}
		var ok bool
		if item.Value, ok = s.value(); !ok {
			return false
		}
		item.NoValue = false
	}
	s.add(item, start)
	return true
}

// value reads the value after "=", up to the end of the line.
// See parse_value in git's config.c.
func (s *scanner) value() (string, bool) {
	var value []byte
	inQuotes, inComment, kept := false, false, 0 // kept is the length without trailing spaces
	for {
		c := s.next()
		switch {
		case c == '\n':
			text, _, _ := strings.Cut(string(value[:kept]), "\x00") // git's C string ends at a NUL
			return text, !inQuotes
		case inComment:
			continue
		case isBlank(c) && !inQuotes:
			if len(value) > 0 {
				value = append(value, c)
			}
			continue
		case !inQuotes && (c == ';' || c == '#'):
			inComment = true
			continue
		case c == '\\':
			kept = len(value) // including the spaces before it
			switch c = s.next(); c {
			case '\n':
				continue
			case 't':
				c = '\t'
			case 'b':
				c = '\b'
			case 'n':
				c = '\n'
			case '\\', '"':
			default:
				return "", false
			}
			value = append(value, c)
		case c == '"':
			inQuotes = !inQuotes
		default:
			value = append(value, c)
		}
		kept = len(value)
	}
}

// FormatValue formats a value as git writes it, quoted if necessary.
// See write_pair in git's config.c.
func FormatValue(value string) string {
	quote := ""
	if strings.HasPrefix(value, " ") || strings.HasSuffix(value, " ") || strings.ContainsAny(value, ";#\r") {
		quote = `"`
	}
	if strings.ContainsAny(value, "\\\"\n\t") {
		value = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(value)
	}
	return quote + value + quote
}

// FormatHeader formats the header of a section with a subsection.
func FormatHeader(section, subsection string) string {
	subsection = strings.ReplaceAll(subsection, `\`, `\\`)
	return "[" + section + ` "` + strings.ReplaceAll(subsection, `"`, `\"`) + `"]`
}

// indexLineEnd returns the length of the first line, including its line ending.
func indexLineEnd(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// isBlank matches the same bytes as git's isspace.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isLetter(c byte) bool  { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isKeyByte(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' || c == '-' }
