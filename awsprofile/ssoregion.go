package awsprofile

import (
	"bytes"
	"fmt"
	"maps"
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
// configures the sign-in, and preserves every other byte. It returns an error if one
// line cannot do that without changing the meaning of others.
func (f *Files) SetSSORegion(s SSOSession, region string) error {
	byHand := cli.WithHints(fmt.Errorf("sso_region = %s must be added at %s", region, s.At), s.At.Edit()...)
	sectionsIn := func(config *file) []section {
		if s.Name == "" {
			return config.profile(s.Profile)
		}
		return config.session(s.Name)
	}
	return f.edit(func(text []byte) ([]byte, error) {
		config := f.files().config
		sections := sectionsIn(config)
		if len(sections) == 0 { // the profile is only in the credentials file
			return nil, byHand
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
		} else {
			lines = config.insert(lines, sections[0], setting)
		}
		changed := []byte(strings.Join(lines, ""))
		after := &file{name: config.name, nameOf: config.nameOf}
		if err := after.set(bytes.Clone(changed)); err != nil {
			return nil, err
		}
		// For example, a header that is indented would continue the new setting.
		if len(after.sections) != len(config.sections) || !config.differOnlyInRegion(sections, after, sectionsIn(after), region) {
			return nil, byHand
		}
		return changed, nil
	})
}

// insert inserts a setting above the first one of a section, with the same
// indentation. Below a setting, a line that is indented more would continue that
// setting's value.
func (f *file) insert(lines []string, sec section, setting string) []string {
	at, indent := f.firstSetting(sec), ""
	if at > 0 {
		indent, _ = around(lines[at-1])
	} else {
		at = int(sec.line) + 1
	}
	_, end := around(lines[at-2])
	if end == "" {
		end = "\n"
		lines[at-2] += end
	}
	return slices.Insert(lines, at-1, indent+setting+end)
}

// differOnlyInRegion reports whether sections of f have the same settings in another
// version of the file, apart from sso_region, which has the given value there.
func (f *file) differOnlyInRegion(sections []section, other *file, others []section, region string) bool {
	before, _ := f.settings(sections)
	after, _ := other.settings(others)
	if after["sso_region"].value != region {
		return false
	}
	delete(before, "sso_region")
	delete(after, "sso_region")
	return maps.EqualFunc(before, after, func(a, b setting) bool { return a.value == b.value })
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
