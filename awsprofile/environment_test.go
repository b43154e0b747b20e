package awsprofile

import "testing"

func TestExpandPath(t *testing.T) {
	t.Parallel()
	env := testEnvironment(map[string]string{"HOME": "/home/alice/", "A": "a", "B": "$A", "EMPTY": ""})
	for path, want := range map[string]string{
		"":                     "",
		"relative/x":           "relative/x",
		"~":                    "/home/alice",
		"~/x":                  "/home/alice/x",
		"/x/~":                 "/x/~",
		"~no-such-user-here/x": "~no-such-user-here/x",
		"$A/${A}b/$Ab":         "a/ab/$Ab",
		"$B":                   "$A",
		"[$EMPTY]":             "[]",
		"$ $/ ${A ${} $é":      "$ $/ ${A ${} $é",
		"${NOT}x":              "${NOT}x",
	} {
		if got := env.ExpandPath(path); got != want {
			t.Errorf("%q: got %q; want %q", path, got, want)
		}
	}
	homeless := testEnvironment(nil)
	if got := homeless.ExpandPath("~/x"); got != "" {
		t.Errorf("without a home folder: %q", got)
	}
	if got := homeless.ExpandPath("/x"); got != "/x" {
		t.Errorf("a home folder is not needed: %q", got)
	}
}
