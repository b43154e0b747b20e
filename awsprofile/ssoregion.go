package awsprofile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/internal/cli"
)

// noRegion is like fault, for SSO settings. NoRegion is true if only the region is
// missing.
func (p *profile) noRegion(name, problem string, noRegion bool) error {
	return &ConfigError{Profile: p.name, Setting: name, At: p.settings[name].at, Problem: problem, NoRegion: noRegion}
}

// SetSSORegion writes a sign-in's sso_region to the section of the config file that
// configures the sign-in, and preserves every other byte.
func (f *Files) SetSSORegion(s SSOSession, region string) error {
	return f.edit(func(text []byte) ([]byte, error) {
		config := f.files().config
		sections := config.session(s.Name)
		if s.Name == "" {
			sections = config.profile(s.Profile)
		}
		if len(sections) == 0 { // the profile is only in the credentials file
			return nil, cli.WithHints(fmt.Errorf("sso_region = %s must be added at %s", region, s.At), s.At.Edit()...)
		}
		own := map[string]assignment{} // settings, without those of [DEFAULT]
		if d := config.collectAll(sections, own); d != (defect{}) {
			return nil, d.asError(s.Profile)
		}
		if found, _ := config.settings(sections); found["sso_region"].value == region {
			return nil, nil // another process has written it
		}
		lines := splitLines(text)
		setting := "sso_region = " + region
		if at := own["sso_region"].at.Line; at > 0 {
			indent, end := around(lines[at-1])
			lines[at-1] = indent + setting + end
			return []byte(strings.Join(lines, "")), nil
		}
		// Insert the line above the first setting, with the same indentation. Below
		// a setting, a line that is indented more would continue that setting's
		// value.
		at, indent := config.firstSetting(sections[0]), ""
		if at > 0 {
			indent, _ = around(lines[at-1])
		} else {
			at = int(sections[0].line) + 1
		}
		_, end := around(lines[at-2])
		if end == "" {
			end = "\n"
			lines[at-2] += end
		}
		return []byte(strings.Join(slices.Insert(lines, at-1, indent+setting+end), "")), nil
	})
}

// firstSetting returns the number of the line with a section's first setting; 0 if
// there is none.
func (f *file) firstSetting(sec section) int {
	walk := lines{text: f.text[:sec.end], offset: int(sec.body), number: int(sec.line), indent: int(sec.indent)}
	for walk.next() {
		if walk.kind == settingLine {
			return walk.number
		}
	}
	return 0
}

// splitLines returns the lines of a file with their endings: LF, CR LF or CR, as in
// normalize.
func splitLines(text []byte) (lines []string) {
	for len(text) > 0 {
		end := bytes.IndexAny(text, "\r\n") + 1
		switch {
		case end == 0:
			end = len(text)
		case text[end-1] == '\r' && end < len(text) && text[end] == '\n':
			end++
		}
		lines = append(lines, string(text[:end]))
		text = text[end:]
	}
	return lines
}

// around returns the spaces before a line, and its ending.
func around(line string) (indent, end string) {
	text := strings.TrimRight(line, "\r\n")
	return text[:len(text)-len(strings.TrimLeftFunc(text, isSpace))], line[len(text):]
}
