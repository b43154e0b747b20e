package command

import (
	"strings"
	"unicode/utf8"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/doctor"
)

// signs are the marks for each status. They are UTF-8 in every locale, because
// scripts look for them.
var signs = map[doctor.Status]struct{ sign, colour string }{
	doctor.OK:      {"✓", "\x1b[32m"},
	doctor.Warning: {"!", "\x1b[33m"},
	doctor.Failed:  {"✗", "\x1b[31m"},
	doctor.Skipped: {"-", "\x1b[2m"},
}

const plain = "\x1b[0m"

// Indentation in columns, and the minimum width of a terminal for wrapped lines.
const (
	signIndent = 2
	textIndent = 4
	minColumns = 40
)

// reportText returns the report for people: one line per check, followed by
// commands and notes. Lines longer than columns wrap at spaces, so that nothing
// hides the marks; with 0 columns they do not wrap. Commands never wrap, so that
// they can be copied.
func reportText(report doctor.Report, colours bool, columns int) string {
	var b strings.Builder
	for i, e := range report.Repositories {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(cli.OneLine(e.URL))
		if e.Remote != "" {
			b.WriteString(" (remote " + cli.OneLine(e.Remote) + ")")
		}
		b.WriteByte('\n')
		for i, c := range e.Checks {
			if i > 0 && c.Status == doctor.Skipped && c.Summary == e.Checks[i-1].Summary {
				continue // several checks were skipped for the same reason
			}
			sign := signs[c.Status].sign
			if colours {
				sign = signs[c.Status].colour + sign + plain
			}
			b.WriteString(sign + " ")
			writeWrapped(&b, cli.OneLine(c.Summary), signIndent, columns)
			notes := c.Notes
			if c.NoteFirst && len(notes) > 0 {
				writeNote(&b, notes[0], columns)
				notes = notes[1:]
			}
			for _, command := range c.Run {
				b.WriteString(strings.Repeat(" ", textIndent) + "run: " + cli.OneLine(command.String()) + "\n")
			}
			for _, note := range notes {
				writeNote(&b, note, columns)
			}
		}
	}
	return b.String()
}

// writeNote writes a note below a check.
func writeNote(b *strings.Builder, note string, columns int) {
	b.WriteString(strings.Repeat(" ", textIndent))
	writeWrapped(b, cli.OneLine(note), textIndent, columns)
}

// writeWrapped writes text that starts at column indent, and a newline. Text beyond
// columns wraps at spaces and continues at column indent.
func writeWrapped(b *strings.Builder, text string, indent, columns int) {
	if columns < minColumns {
		b.WriteString(text + "\n")
		return
	}
	at := indent
	for i, word := range strings.Split(text, " ") {
		width := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+width > columns:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += width
	}
	b.WriteByte('\n')
}

// colours reports whether to colour the report: on a terminal that supports it,
// unless NO_COLOR is set (https://no-color.org).
func colours(p cli.Process) bool {
	return p.StdoutColumns != nil && p.StdoutColumns() > 0 && p.Getenv("NO_COLOR") == "" && p.Getenv("TERM") != "dumb" && p.Getenv("TERM") != ""
}
