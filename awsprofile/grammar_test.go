package awsprofile

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// parseProfile returns the settings of a profile in a config file, as name and
// value.
func parseProfile(t *testing.T, text, profile string) (found map[string]string, d defect) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return valuesOf(openFile("config", path, configProfile), profile)
}

func valuesOf(f *file, profile string) (found map[string]string, d defect) {
	s, d := f.settings(f.profile(profile))
	if s == nil {
		return nil, d
	}
	found = map[string]string{}
	for name, setting := range s {
		found[name] = setting.value
	}
	return found, d
}

func TestGrammar(t *testing.T) {
	t.Parallel()
	type values = map[string]string
	for name, test := range map[string]struct {
		text string
		want values
	}{
		"spaces around names and values":         {"[profile x]\n role_arn  =\ta b \t\n", values{"role_arn": "a b"}},
		"colon":                                  {"[profile x]\nrole_arn: a=b\n", values{"role_arn": "a=b"}},
		"equals sign before a colon":             {"[profile x]\nrole_arn=a:b\n", values{"role_arn": "a:b"}},
		"names in any case":                      {"[profile x]\nROLE_arn = a\n", values{"role_arn": "a"}},
		"comments are whole lines":               {"[profile x]\n# c\n ; c\nrole_arn = a # b ; c\n", values{"role_arn": "a # b ; c"}},
		"quotes belong to the value":             {"[profile x]\nrole_arn = \"a\"\nregion = 'b'\n", values{"role_arn": `"a"`, "region": "'b'"}},
		"one pair of quotes":                     {"[profile x]\nrole_arn = \"\"\n", values{"role_arn": `""`}},
		"three quotes":                           {"[profile x]\nrole_arn = \"\"\"a\"\"\"\nregion=\"\"\"\n", values{"role_arn": `"""a"""`, "region": `"""`}},
		"backquotes":                             {"[profile x]\nrole_arn = `a`\nregion = `b\n", values{"role_arn": "`a`", "region": "`b"}},
		"a backslash at the end":                 {"[profile x]\nrole_arn = a\\\nregion = b\n", values{"role_arn": `a\`, "region": "b"}},
		"nothing is interpolated":                {"[profile x]\nregion = a\nrole_arn = %(region)s\n", values{"region": "a", "role_arn": "%(region)s"}},
		"a quoted name is another name":          {"[profile x]\n\"role_arn\" = a\n`role_arn` = b\n", values{}},
		"a deeper line continues the value":      {"[profile x]\nrole_arn = a\n  region = b\n", values{"role_arn": "a\nregion = b"}},
		"equal indentation continues nothing":    {"[profile x]\n  role_arn = a\n  region = b\n", values{"role_arn": "a", "region": "b"}},
		"a deeper header continues the value":    {"[profile x]\nrole_arn = a\n [profile y]\n", values{"role_arn": "a\n[profile y]"}},
		"a deeper header after a header":         {"[profile y]\n  [profile x]\nrole_arn = a\n", values{"role_arn": "a"}},
		"comments within a value":                {"[profile x]\nrole_arn = a\n # c\n b\n", values{"role_arn": "a\nb"}},
		"blank lines within and after a value":   {"[profile x]\nrole_arn = a\n\n b\n\n \n", values{"role_arn": "a\n\nb"}},
		"nested settings":                        {"[profile x]\nsts =\n  a = 1\n  b = 2\nregion = r\n", values{"sts": "\na = 1\nb = 2", "region": "r"}},
		"CRLF":                                   {"[profile x]\r\nrole_arn = a\r\n", values{"role_arn": "a"}},
		"no line feed at the end":                {"[profile x]\nrole_arn = a", values{"role_arn": "a"}},
		"byte order mark":                        {"\uFEFF[profile x]\nrole_arn = a\n", values{"role_arn": "a"}},
		"comment after the header":               {"[profile x] # c\nrole_arn = a\n", values{"role_arn": "a"}},
		"bracket in a comment after the header":  {"[profile x] # [c]\nrole_arn = a\n", nil},
		"quoted profile name":                    {"[profile \"x\"]\nrole_arn = a\n", values{"role_arn": "a"}},
		"tabs in the header":                     {"[profile\tx\t]\nrole_arn = a\n", values{"role_arn": "a"}},
		"two names are none":                     {"[profile x y]\nrole_arn = a\n", nil},
		"no profile in front":                    {"[x]\nrole_arn = a\n", nil},
		"later spelling of the name wins":        {"[profile x]\nrole_arn = a\n[profile  x]\nregion = b\n", values{"region": "b"}},
		"doubled section":                        {"[profile x]\nrole_arn = a\nregion = b\n[profile x]\nrole_arn = c\n", values{"role_arn": "c", "region": "b"}},
		"doubled setting":                        {"[profile x]\nrole_arn = a\nROLE_ARN = b\n", values{"role_arn": "b"}},
		"DEFAULT is part of every section":       {"[profile x]\nrole_arn = a\n[DEFAULT]\nrole_arn = d\nregion = e\n", values{"role_arn": "a", "region": "e"}},
		"an open header ends the section":        {"[profile x]\nrole_arn = a\n[profile y\nrole_arn = b\n", values{"role_arn": "a"}},
		"an open header with a sign ends it too": {"[profile x]\nrole_arn = a\n[profile y = z\nrole_arn = b\n", values{"role_arn": "a"}},
		"garbage elsewhere":                      {"garbage\n= 1\n[profile y]\ngarbage\n[profile x]\nrole_arn = a\n[\x00\xff]\n", values{"role_arn": "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, d := parseProfile(t, test.text, "x")
			if !maps.Equal(got, test.want) || (got == nil) != (test.want == nil) || d != (defect{}) {
				t.Errorf("got %q, defect %v; want %q", got, d, test.want)
			}
		})
	}
}

func TestMalformedLinesAreNoticed(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"garbage", "role_arn arn", "= value", ": value"} {
		_, d := parseProfile(t, "[profile x]\n\n"+line+"\nregion = a\nmore\n", "x")
		if d.at != (Position{"config", 3}) {
			t.Errorf("%q: malformed line at %v", line, d)
		}
	}
}
