package awsprofile

import (
	"bytes"
	"slices"
	"strings"
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
		sections := config.find(ssoSession, s.Name)
		if s.Name == "" {
			sections = config.profile(s.Profile)
		}
		found, d := config.settings(sections)
		switch {
		case d != (defect{}):
			return nil, d.asError(s.Profile)
		case found == nil:
			return nil, &NoSSOError{Session: s.Name, Profile: s.Profile}
		case found["sso_region"].value == region:
			return nil, nil
		}
		lines := slices.Collect(strings.Lines(string(text)))
		header := int(sections[0].line)
		end := "\n"
		if strings.HasSuffix(lines[header-1], "\r\n") {
			end = "\r\n"
		}
		line := strings.Join([]string{"sso_region", "=", region}, " ") + end
		if at := found["sso_region"].at.Line; at > 0 {
			lines[at-1] = line
			return []byte(strings.Join(lines, "")), nil
		}
		if !strings.HasSuffix(lines[header-1], "\n") {
			lines[header-1] += end
		}
		return bytes.Join([][]byte{
			[]byte(strings.Join(lines[:header], "")),
			[]byte(line),
			[]byte(strings.Join(lines[header:], "")),
		}, nil), nil
	})
}
