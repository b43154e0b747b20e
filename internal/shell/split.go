package shell

import (
	"errors"
	"strings"
)

var (
	errNoClosingQuote   = errors.New("no closing quotation mark")
	errUnfinishedEscape = errors.New("unfinished backslash escape")
)

// wordSpaces are the characters that separate words.
const wordSpaces = " \t\r\n"

// Split splits a line into words like a POSIX shell, without expanding anything. It
// is Python's shlex.split(s, comments=False, posix=True). An unclosed quotation is
// an error.
// https://docs.python.org/3.11/library/shlex.html#parsing-rules
func Split(s string) (words []string, err error) {
	var word strings.Builder
	started := false // a word has started, possibly an empty word in quotes
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case strings.IndexByte(wordSpaces, c) >= 0:
			if started {
				words = append(words, word.String())
				word.Reset()
				started = false
			}
		case c == '\\':
			i++
			if i == len(s) {
				return nil, errUnfinishedEscape
			}
			word.WriteByte(s[i])
			started = true
		case c == '\'' || c == '"':
			end, err := quoted(&word, s[i+1:], c)
			if err != nil {
				return nil, err
			}
			i += end + 1
			started = true
		default:
			word.WriteByte(c)
			started = true
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words, nil
}

// quoted writes the text before the closing quote to word and returns the index of
// that quote. In double quotes, a backslash escapes a double quote or a backslash;
// before anything else it is literal.
func quoted(word *strings.Builder, s string, quote byte) (end int, err error) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == quote:
			return i, nil
		case s[i] == '\\' && quote == '"':
			i++
			if i == len(s) {
				return 0, errUnfinishedEscape
			}
			if s[i] != '"' && s[i] != '\\' {
				word.WriteByte('\\')
			}
			word.WriteByte(s[i])
		default:
			word.WriteByte(s[i])
		}
	}
	return 0, errNoClosingQuote
}

// SplitWindows splits a command line like the C runtime on Windows, and like
// botocore's compat_shell_split. Backslashes are literal unless a double quote
// follows them.
// https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
func SplitWindows(s string) (words []string, err error) {
	var word strings.Builder
	started, inQuotes := false, false
	backslashes := 0
	flush := func(n int) {
		for range n {
			word.WriteByte('\\')
		}
		started = started || n > 0
		backslashes = 0
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			backslashes++
		case c == '"':
			escaped := backslashes%2 == 1
			flush(backslashes / 2)
			started = true
			if escaped {
				word.WriteByte('"')
			} else {
				inQuotes = !inQuotes
			}
		case (c == ' ' || c == '\t') && !inQuotes:
			flush(backslashes)
			if started {
				words = append(words, word.String())
				word.Reset()
				started = false
			}
		default:
			flush(backslashes)
			word.WriteByte(c)
			started = true
		}
	}
	if inQuotes {
		return nil, errNoClosingQuote
	}
	flush(backslashes)
	if started {
		words = append(words, word.String())
	}
	return words, nil
}
