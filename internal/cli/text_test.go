package cli

import (
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		quote(`C:\Users\al`, true):                     `"C:\Users\al"`,
		quote(`C:\Users\al`, false):                    `"C:\\Users\\al"`,
		quote("a\x1b\"b", false):                       `"a\x1b\"b"`,
		quote(strings.Repeat("x", maxQuoted+1), false): `"` + strings.Repeat("x", maxQuoted) + `"…`,
	} {
		if got != want {
			t.Errorf("%s, expected %s", got, want)
		}
	}
}
