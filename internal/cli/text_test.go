package cli

import (
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{ // what it returns, and what is expected
		{quote(`C:\Users\al`, true), `"C:\Users\al"`},
		{quote(`C:\Users\al`, false), `"C:\\Users\\al"`},
		{quote("a\x1b\"b", false), `"a\x1b\"b"`},
		{quote(strings.Repeat("x", maxQuoted+1), false), `"` + strings.Repeat("x", maxQuoted) + `"…`},
	} {
		if c[0] != c[1] {
			t.Errorf("%s, expected %s", c[0], c[1])
		}
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\nb\x1b[31mc\x7f":                    "a?b?[31mc?",
		"\u009b31m \u0085":                     "?31m ?",
		"profile\u202egnihtemos \u2066x\u2069": "profile?gnihtemos ?x?",
		"a\u2028b\u2029c\u200e\u200f\u061c":    "a?b?c???",
		"naïve \u00a0 日本 שלום ✓":               "naïve \u00a0 日本 שלום ✓",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q: %q, expected %q", text, got, want)
		}
	}
}
