package awsprofile

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// A lineKind is the kind of a line within a section.
type lineKind int

const (
	blank        lineKind = iota
	settingLine           // name = value
	continuation          // continues the value of the setting above
	malformed             // anything else; the AWS CLI then rejects the whole file
)

// lines iterates over the lines of a section and classifies them like the AWS CLI,
// which uses Python's configparser.RawConfigParser.
//
// A line that is indented deeper than the setting above it continues that setting's
// value, even if it looks like a section header or a setting. Comments take a whole
// line. Comments and malformed lines do not end a value.
// https://docs.python.org/3.11/library/configparser.html#supported-ini-file-structure
type lines struct {
	text   []byte
	offset int // of the next line
	number int // of the current line

	indent  int  // indentation of the setting or header that deeper lines would continue
	inValue bool // a deeper line would continue a setting

	kind      lineKind
	content   []byte // the current line without the spaces around it
	delimiter int    // index of the delimiter in content, if the line is a setting
}

// next advances to the next line that is not a comment. It returns false at the end
// of the section.
func (l *lines) next() bool {
	for l.offset < len(l.text) {
		line := l.text[l.offset:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end]
		}
		l.offset += len(line) + 1
		l.number++
		l.content = trimSpace(line)
		if len(l.content) > 0 && (l.content[0] == '#' || l.content[0] == ';') {
			continue
		}
		l.classify(line)
		return true
	}
	return false
}

func (l *lines) classify(line []byte) {
	if len(l.content) == 0 {
		l.kind = blank
		return
	}
	indent := indentation(line)
	if l.inValue && indent > l.indent {
		l.kind = continuation
		return
	}
	l.indent = indent
	l.delimiter = bytes.IndexAny(l.content, "=:")
	switch {
	case l.delimiter < 0:
		l.kind = malformed
	case l.delimiter == 0: // a value without a name
		l.kind = malformed
		l.inValue = false
	default:
		l.kind = settingLine
		l.inValue = true
	}
}

// indentation returns the number of characters before the first non-space
// character.
func indentation(line []byte) int {
	return utf8.RuneCount(line[:len(line)-len(bytes.TrimLeftFunc(line, isSpace))])
}

func trimSpace(line []byte) []byte { return bytes.TrimFunc(line, isSpace) }

// isSpace matches the same characters as Python's str.isspace. Unlike Unicode's
// White_Space, it includes the four information separators.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1C <= r && r <= 0x1F
}
