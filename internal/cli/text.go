package cli

// All messages for people are printed by this file. The rules: one line for what
// failed and where, in lower case and without a full stop, then at most two hints,
// each a command to type or one imperative sentence. External text is quoted, and
// URLs are redacted. No secrets, no error texts from an SDK, no stack traces.

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
)

// maxHints is how many hints are printed after an error.
const maxHints = 2

// Report prints err to standard error, if it is not nil, and returns the exit code.
func (p Process) Report(err error) int {
	if err == nil {
		return ExitOK
	}
	if errors.Is(err, ErrReported) {
		return ExitFailed
	}
	p.print("error", err, HintsOf(err))
	var e *Error
	if errors.As(err, &e) && e.Exit != 0 {
		return e.Exit
	}
	return ExitFailed
}

// Warn prints a problem that does not make the command fail to standard error.
func (p Process) Warn(err error, hints ...Hint) { p.print("warning", err, hints) }

// print writes a line and its hints with a single write.
func (p Process) print(kind string, err error, hints []Hint) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", Name, kind, OneLine(RedactText(err.Error())))
	if len(hints) > 0 {
		program := p.Command()
		for _, hint := range hints[:min(len(hints), maxHints)] {
			fmt.Fprintf(&b, "%s: hint: %s\n", Name, OneLine(RedactText(hint.Text(program))))
		}
	}
	_, _ = io.WriteString(p.Stderr, b.String())
}

// OneLine replaces control characters, which could split the message or control the
// terminal, and characters that change the direction of text.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ', 0x7f <= r && r < 0xa0,
			r == 0x200e, r == 0x200f, r == 0x061c, 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069, // Unicode's Bidi_Control
			r == 0x2028, r == 0x2029: // line and paragraph separator
			return '?'
		}
		return r
	}, s)
}

// maxQuoted limits how many bytes of external text a message shows.
const maxQuoted = 200

// Quote quotes external text and truncates it to maxQuoted bytes.
func Quote(s string) string { return quote(s, runtime.GOOS == "windows") }

// quote is Quote. On Windows, backslashes are not doubled, because they separate
// the parts of a path.
func quote(s string, windows bool) string {
	more := ""
	if len(s) > maxQuoted {
		s, more = s[:maxQuoted], "…"
	}
	quoted := strconv.QuoteToASCII(s)
	if windows {
		quoted = strings.ReplaceAll(quoted, `\\`, `\`)
	}
	return quoted + more
}

// Say prints a line about progress, to standard error or to the terminal.
func Say(w io.Writer, text string) {
	_, _ = io.WriteString(w, Name+": "+OneLine(text)+"\n")
}
