package command

import (
	"strings"
	"testing"
	"unicode/utf8"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/doctor"
)

func TestReportText(t *testing.T) {
	t.Parallel()
	report := doctor.NewReport([]doctor.Examination{{
		URL: "https://example.com/\x1b[2Jx", Remote: "origin",
		Checks: []doctor.Check{
			{Status: doctor.OK, Summary: "right"},
			{Status: doctor.Warning, Summary: "worth knowing"},
			{Status: doctor.Failed, Summary: "wrong\nreally", Run: []doctor.Command{doctor.Shown("fix it")}, Notes: []string{"or not"}},
			{Status: doctor.Skipped, Summary: "not checked"},
		},
	}})
	want := "https://example.com/?[2Jx (remote origin)\n✓ right\n! worth knowing\n✗ wrong?really\n    run: fix it\n    or not\n- not checked\n"
	if got := reportText(report, false, 0); got != want {
		t.Errorf("%q", got)
	}
	want = "https://example.com/?[2Jx (remote origin)\n\x1b[32m✓\x1b[0m right\n\x1b[33m!\x1b[0m worth knowing\n\x1b[31m✗\x1b[0m wrong?really\n    run: fix it\n    or not\n\x1b[2m-\x1b[0m not checked\n"
	if got := reportText(report, true, 80); got != want {
		t.Errorf("%q", got)
	}
}

// On a terminal of 80 columns, no line of text is longer, no word is broken, and
// continuation lines are indented, so that only the marks are on the left.
// The likelier cause comes before the commands, and a reason why several checks were
// skipped is printed once.
func TestReportTextOrder(t *testing.T) {
	t.Parallel()
	skipped := doctor.Check{Status: doctor.Skipped, Summary: "not checked: a reason"}
	report := doctor.NewReport([]doctor.Examination{{URL: "u", Checks: []doctor.Check{
		{Status: doctor.Failed, Summary: "no", Run: []doctor.Command{doctor.Shown("command")}, Notes: []string{"first", "second"}, NoteFirst: true},
		skipped, skipped,
		{Status: doctor.Failed, Summary: "no", Run: []doctor.Command{doctor.Shown("command")}, Notes: []string{"note"}},
		skipped,
	}}})
	const want = "u\n✗ no\n    first\n    run: command\n    second\n- not checked: a reason\n✗ no\n    run: command\n    note\n- not checked: a reason\n"
	if got := reportText(report, false, 0); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestReportTextWrapsAtWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 40) + strings.Repeat("x", 100)
	report := doctor.NewReport([]doctor.Examination{{URL: "u", Checks: []doctor.Check{
		{Status: doctor.Failed, Summary: long, Run: []doctor.Command{doctor.Shown(long)}, Notes: []string{long}},
	}}})
	for _, columns := range []int{40, 80, 120} {
		text := reportText(report, false, columns)
		for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
			switch {
			case strings.HasPrefix(line, "    run: "):
				if line != "    run: "+long {
					t.Errorf("%d columns: a command is broken: %q", columns, line)
				}
				continue
			case utf8.RuneCountInString(line) > columns && strings.TrimSpace(line) != strings.Repeat("x", 100):
				t.Errorf("%d columns: %q", columns, line)
			case i > 1 && !strings.HasPrefix(line, "  "):
				t.Errorf("%d columns: not indented: %q", columns, line)
			}
		}
		if words := strings.Fields(text); len(words) != 1+1+41+1+41+41 {
			t.Errorf("%d columns: %d words", columns, len(words))
		}
	}
}

func TestColours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		columns int
		env     map[string]string
		want    bool
	}{
		"a terminal":        {80, map[string]string{"TERM": "xterm"}, true},
		"no terminal":       {0, map[string]string{"TERM": "xterm"}, false},
		"NO_COLOR":          {80, map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		"NO_COLOR is empty": {80, map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
		"a dumb terminal":   {80, map[string]string{"TERM": "dumb"}, false},
		"an unknown one":    {80, nil, false},
	} {
		p := cli.Process{
			StdoutColumns: func() int { return c.columns },
			LookupEnv:     func(name string) (string, bool) { v, ok := c.env[name]; return v, ok },
		}
		if got := colours(p); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
