package command

import (
	"strings"

	"git-credential-codecommit/internal/cli"
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
		b.WriteString(cli.OneLine(e.URL))
		if e.Remote != "" {
			b.WriteString(" (remote " + cli.OneLine(e.Remote) + ")")
		}
		b.WriteByte('\n')
		for _, c := range e.Checks {
			sign := signs[c.Status].sign
			if colours {
				sign = signs[c.Status].colour + sign + plain
			}
			b.WriteString(sign + " " + cli.OneLine(c.Summary) + "\n")
			for _, command := range c.Run {
				b.WriteString("    run: " + cli.OneLine(command) + "\n")
			}
			for _, note := range c.Notes {
				b.WriteString("    " + cli.OneLine(note) + "\n")
			}
		}
	}
	return b.String()
}

// colours says whether the report is coloured: on a terminal that can, unless
// NO_COLOR is set (https://no-color.org).
func colours(p cli.Process) bool {
	return p.StdoutIsTerminal != nil && p.StdoutIsTerminal() && p.Getenv("NO_COLOR") == "" && p.Getenv("TERM") != "dumb" && p.Getenv("TERM") != ""
}
