package command

import (
	"strings"

	"git-credential-codecommit/internal/doctor"
)

// Signs of the report, one for each status. They are UTF-8 whatever the locale:
// scripts look for them.
var signs = map[doctor.Status]struct{ sign, colour string }{
	doctor.OK:      {"✓", "\x1b[32m"},
	doctor.Warning: {"!", "\x1b[33m"},
	doctor.Failed:  {"✗", "\x1b[31m"},
	doctor.Skipped: {"-", "\x1b[2m"},
}

const plain = "\x1b[0m"

// reportText is the report for people: a line a check, and under it what mends
// what is wrong.
func reportText(report doctor.Report, colours bool) string {
	var b strings.Builder
	for i, e := range report.Repositories {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(oneLine(e.URL))
		if e.Remote != "" {
			b.WriteString(" (remote " + oneLine(e.Remote) + ")")
		}
		b.WriteByte('\n')
		for _, c := range e.Checks {
			sign := signs[c.Status].sign
			if colours {
				sign = signs[c.Status].colour + sign + plain
			}
			b.WriteString(sign + " " + oneLine(c.Summary) + "\n")
			for _, command := range c.Run {
				b.WriteString("    run: " + oneLine(command) + "\n")
			}
			for _, note := range c.Notes {
				b.WriteString("    " + oneLine(note) + "\n")
			}
		}
	}
	return b.String()
}

// colours says whether the report is coloured: on a terminal that can, unless
// NO_COLOR is set (https://no-color.org).
func (p Process) colours() bool {
	return p.StdoutIsTerminal != nil && p.StdoutIsTerminal() && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb" && p.getenv("TERM") != ""
}
