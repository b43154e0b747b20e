package gitconfig

import (
	"bytes"
	"fmt"
	"strings"
)

// An ItemKind says what an Item is.
type ItemKind int

// The kinds of items.
const (
	Header  ItemKind = iota // [section "subsection"]
	Setting                 // name = value
	Comment                 // a comment on a line of its own
)

// An Item is a part of a configuration file. What is between items are spaces,
// line ends and comments after other items.
type Item struct {
	Kind    ItemKind
	Key            // without Name for a header; zero for a comment
	Value   string // of a setting; the text of a comment
	NoValue bool   // the setting has no "="; its value is "true"
	// Start and End are the bytes of the lines that the item is on.
	Start, End int
	// Alone is false if the item shares its lines with other items or, except for
	// settings, with a comment.
	Alone bool
}

// SyntaxError is returned for a file that git cannot read.
type SyntaxError struct{ Line int }

func (e *SyntaxError) Error() string { return fmt.Sprintf("bad config line %d", e.Line) }

// byteOrderMark may be at the beginning of a file.
const byteOrderMark = "\uFEFF"

// Parse takes a configuration file apart, as git does.
//
// See git_parse_source in git's config.c.
func Parse(text []byte) ([]Item, error) {
	s := scanner{text: text, line: 1}
	if bytes.HasPrefix(text, []byte(byteOrderMark)) {
		s.pos = len(byteOrderMark)
	}
	for {
		start := s.pos
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

// A scanner reads a file byte by byte.
type scanner struct {
	text    []byte
	pos     int
	line    int
	eof     bool
	section Key
	items   []Item
}

// next returns the next byte; a line end for CRLF and for the end of the file.
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
	}
	return c
}

// add adds an item that extends from start to the current position.
func (s *scanner) add(item Item, start int) {
	item.Start = bytes.LastIndexByte(s.text[:start], '\n') + 1
	item.End = s.pos
	if s.pos == 0 || s.text[s.pos-1] != '\n' {
		item.End += indexLineEnd(s.text[s.pos:])
	}
	if item.Start == 0 && bytes.HasPrefix(s.text, []byte(byteOrderMark)) {
		item.Start = len(byteOrderMark)
	}
	lead := s.text[item.Start:start]
	trail := s.text[s.pos:item.End]
	item.Alone = len(bytes.TrimSpace(lead)) == 0 && len(bytes.TrimSpace(trail)) == 0
	s.items = append(s.items, item)
}

func (s *scanner) comment(start int) {
	for s.next() != '\n' {
	}
	text := strings.TrimRight(string(s.text[start:s.pos]), "\r\n")
	before := s.text[bytes.LastIndexByte(s.text[:start], '\n')+1 : start]
	if before = bytes.TrimPrefix(before, []byte(byteOrderMark)); len(bytes.TrimSpace(before)) == 0 {
		s.add(Item{Kind: Comment, Value: text}, start)
	}
}

// header reads a section header, of which the bracket has been read.
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

// subsection reads the quoted name and the closing bracket.
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

// setting reads a name and its value.
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
		item.Section, item.Name = item.Name, "" // as parseKey takes a key without a dot
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

// value reads what follows the "=", to the end of the line.
// See parse_value in git's config.c.
func (s *scanner) value() (string, bool) {
	var value []byte
	inQuotes, inComment, kept := false, false, 0 // kept is the length without the spaces at the end
	for {
		c := s.next()
		switch {
		case c == '\n':
			text, _, _ := strings.Cut(string(value[:kept]), "\x00") // where git's string ends
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
			kept = len(value) // also of spaces before it
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

// FormatValue writes a value as git does: in quotes where they are needed.
// See write_pair in git's config.c.
func FormatValue(value string) string {
	quote := ""
	if strings.HasPrefix(value, " ") || strings.HasSuffix(value, " ") || strings.ContainsAny(value, ";#\r") {
		quote = `"`
	}
	return quote + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(value) + quote
}

// FormatHeader writes the header of a section that has a subsection.
func FormatHeader(section, subsection string) string {
	return "[" + section + ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(subsection) + `"]`
}

// indexLineEnd is the length of the first line of text, with its end.
func indexLineEnd(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// isBlank reports what git's isspace does.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isLetter(c byte) bool  { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isKeyByte(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' || c == '-' }
