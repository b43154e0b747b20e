package command

import (
	"testing"

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
			{Status: doctor.Failed, Summary: "wrong\nreally", Run: []string{"mend it"}, Notes: []string{"or not"}},
			{Status: doctor.Skipped, Summary: "not checked"},
		},
	}})
	want := "https://example.com/?[2Jx (remote origin)\n✓ right\n! worth knowing\n✗ wrong?really\n    run: mend it\n    or not\n- not checked\n"
	if got := reportText(report, false); got != want {
		t.Errorf("%q", got)
	}
	want = "https://example.com/?[2Jx (remote origin)\n\x1b[32m✓\x1b[0m right\n\x1b[33m!\x1b[0m worth knowing\n\x1b[31m✗\x1b[0m wrong?really\n    run: mend it\n    or not\n\x1b[2m-\x1b[0m not checked\n"
	if got := reportText(report, true); got != want {
		t.Errorf("%q", got)
	}
}

func TestColours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		"a terminal":        {true, map[string]string{"TERM": "xterm"}, true},
		"no terminal":       {false, map[string]string{"TERM": "xterm"}, false},
		"NO_COLOR":          {true, map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		"NO_COLOR is empty": {true, map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
		"a dumb terminal":   {true, map[string]string{"TERM": "dumb"}, false},
		"an unknown one":    {true, nil, false},
	} {
		p := cli.Process{
			StdoutIsTerminal: func() bool { return c.terminal },
			LookupEnv:        func(name string) (string, bool) { v, ok := c.env[name]; return v, ok },
		}
		if got := colours(p); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
