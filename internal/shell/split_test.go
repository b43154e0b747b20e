package shell

import (
	"errors"
	"slices"
	"testing"
)

// Expected words are what Python makes of the same string:
//
//	python3 -c 'import shlex, sys; print(shlex.split(sys.argv[1]))' "…"
func TestSplitPOSIX(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]string{
		"":                      nil,
		"  ":                    nil,
		"a b\tc\nd":             {"a", "b", "c", "d"},
		`'a b' "c d"`:           {"a b", "c d"},
		`a'b'"c"d`:              {"abcd"},
		`'' ""`:                 {"", ""},
		`a ''`:                  {"a", ""},
		`a\ b \\ \'`:            {"a b", `\`, "'"},
		`"a\"b\\c\d\$e"`:        {`a"b\c\d\$e`},
		`'a\b'`:                 {`a\b`},
		`a # b;c|d $HOME ~ *`:   {"a", "#", "b;c|d", "$HOME", "~", "*"},
		"/opt/é 'naïve\u00a0x'": {"/opt/é", "naïve\u00a0x"},
	} {
		got, err := Split(s)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v; want %q", s, got, err, want)
		}
	}
	for s, want := range map[string]error{
		`'a`: errNoClosingQuote, `a"`: errNoClosingQuote, `"a\"`: errNoClosingQuote, `a\`: errUnfinishedEscape, `"a\`: errUnfinishedEscape,
	} {
		if _, err := Split(s); !errors.Is(err, want) {
			t.Errorf("%q: %v; want %v", s, err, want)
		}
	}
}

// Expected words are what botocore makes of the same string:
//
//	python3 -c 'from botocore.compat import compat_shell_split as f; import sys; print(f(sys.argv[1], "win32"))' "…"
func TestSplitWindows(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]string{
		"":                                nil,
		" \t":                             nil,
		`C:\bin\x.exe --a b`:              {`C:\bin\x.exe`, "--a", "b"},
		`"C:\Program Files\x.exe" 'a b'`:  {`C:\Program Files\x.exe`, "'a", "b'"},
		`a\"b a\\"b c" \\d`:               {`a"b`, `a\b c`, `\\d`},
		`"" a""b`:                         {"", "ab"},
		`a\`:                              {`a\`},
		`"a\\" b`:                         {`a\`, "b"},
		`a\\\"b`:                          {`a\"b`},
		"a\nb":                            {"a\nb"},
		`one "two \"three\"" four\ five`:  {"one", `two "three"`, `four\`, "five"},
		`\\server\share\x "\\server\y z"`: {`\\server\share\x`, `\\server\y z`},
	} {
		got, err := SplitWindows(s)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v; want %q", s, got, err, want)
		}
	}
	if _, err := SplitWindows(`"a`); !errors.Is(err, errNoClosingQuote) {
		t.Errorf("open quote: %v", err)
	}
}
