// Package jsonnames checks that JSON members are read only by their exact names.
package jsonnames

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// another changes the values of a file to ones that must not be used.
var another = strings.NewReplacer("EXAMPLE", "ANOTHER", "T06:", "T05:", `"1`, `"2`, "1", "2")

// Check checks a reader of a JSON file that contains each of these member names
// once. A member whose name differs in case must be neither accepted in its place
// nor used if it follows. Read returns the values that it uses, or an error.
func Check(t *testing.T, file string, names []string, read func(file string) (string, error)) {
	t.Helper()
	want, err := read(file)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, name := range names {
		member := regexp.MustCompile(fmt.Sprintf(`%q: ("[^"]*"|\{[^{}]*\}|\[[^\[\]]*\]|[0-9]+)`, name))
		found := member.FindAllStringSubmatch(file, -1)
		if len(found) != 1 {
			t.Errorf("%q: %d members", name, len(found))
			continue
		}
		exact, value := found[0][0], found[0][1]
		for _, spelling := range spellings(name) {
			alone := strings.Replace(file, exact, fmt.Sprintf("%q: %s", spelling, value), 1)
			if got, err := read(alone); err == nil && got == want {
				t.Errorf("%q is accepted instead of %q", spelling, name)
			}
			after := strings.Replace(file, exact, fmt.Sprintf("%s, %q: %s", exact, spelling, another.Replace(value)), 1)
			if got, err := read(after); err != nil || got != want {
				t.Errorf("%q after %q: read %q, %v; want %q", spelling, name, got, err, want)
			}
		}
		// If a name occurs twice, Python and therefore the AWS CLI use the last one.
		twice := strings.Replace(file, exact, fmt.Sprintf("%q: %s, %s", name, another.Replace(value), exact), 1)
		if got, err := read(twice); err != nil || got != want {
			t.Errorf("%q twice: read %q, %v; want the last one, %q", name, got, err, want)
		}
	}
}

// spellings returns a name in other cases.
func spellings(name string) (others []string) {
	title := strings.ToUpper(name[:1]) + name[1:]
	camel := strings.ToLower(name[:1]) + name[1:]
	for _, s := range []string{strings.ToLower(name), strings.ToUpper(name), title, camel} {
		if s != name {
			others = append(others, s)
		}
	}
	return others
}
