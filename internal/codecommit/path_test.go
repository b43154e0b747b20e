package codecommit

import (
	"strings"
	"testing"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"v1/repos/MyDemoRepo":                               "MyDemoRepo",
		"v1/repos/MyDemoRepo.git":                           "MyDemoRepo.git",
		"v1/repos/a":                                        "a",
		"v1/repos/...":                                      "...",
		"v1/repos/A.b_c-1":                                  "A.b_c-1",
		"v1/repos/" + strings.Repeat("a", 100):              strings.Repeat("a", 100),
		"v1/repos/MyDemoRepo/info/lfs":                      "MyDemoRepo",
		"v1/repos/MyDemoRepo.git/info/lfs/objects/batch":    "MyDemoRepo.git",
		"v1/repos/MyDemoRepo/info/lfs/locks/some_id/unlock": "MyDemoRepo",
	} {
		if got, ok := ParsePath(path); !ok || got != want {
			t.Errorf("ParsePath(%q) = %q, %v, want %q", path, got, ok, want)
		}
	}
}

func TestParsePathRefuses(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"nothing":                     "",
		"the folder":                  "v1/repos",
		"an empty name":               "v1/repos/",
		"a dot":                       "v1/repos/.",
		"two dots":                    "v1/repos/..",
		"a leading slash":             "/v1/repos/MyDemoRepo",
		"a trailing slash":            "v1/repos/MyDemoRepo/",
		"a double slash":              "v1//repos/MyDemoRepo",
		"another version":             "v2/repos/MyDemoRepo",
		"a folder above":              "x/v1/repos/MyDemoRepo",
		"a path below":                "v1/repos/MyDemoRepo/info/refs",
		"lfs spelt otherwise":         "v1/repos/MyDemoRepo/info/lfsx",
		"lfs with a trailing slash":   "v1/repos/MyDemoRepo/info/lfs/",
		"lfs with an empty segment":   "v1/repos/MyDemoRepo/info/lfs//objects",
		"lfs that climbs up":          "v1/repos/MyDemoRepo/info/lfs/../../../Other",
		"lfs with a line feed":        "v1/repos/MyDemoRepo/info/lfs/a\nb",
		"lfs without end":             "v1/repos/MyDemoRepo/info/lfs/" + strings.Repeat("a", 2000),
		"a space in the name":         "v1/repos/My DemoRepo",
		"a percent sign in the name":  "v1/repos/My%20DemoRepo",
		"a question mark in the name": "v1/repos/MyDemoRepo?x",
		"a line feed in the name":     "v1/repos/MyDemoRepo\n",
		"a NUL in the name":           "v1/repos/MyDemoRepo\x00",
		"a letter that is not ASCII":  "v1/repos/MyDémoRepo",
		"a name that is too long":     "v1/repos/" + strings.Repeat("a", 101),
		"letters of another case":     "V1/Repos/MyDemoRepo",
	} {
		if got, ok := ParsePath(path); ok {
			t.Errorf("%s: ParsePath(%q) = %q", name, path, got)
		}
	}
}

func TestCheckRepository(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"MyDemoRepo", "a", "...", "A.b_c-1", "git", "My.github", strings.Repeat("a", 100)} {
		if err := CheckRepository(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"":                       "is not a repository name",
		".":                      "is not a repository name",
		"..":                     "is not a repository name",
		".git":                   "is not a repository name",
		"My DemoRepo":            "is not a repository name",
		"My DemoRepo.git":        "is not a repository name",
		strings.Repeat("a", 101): "is not a repository name",
		"MyDemoRepo.git":         `: write "MyDemoRepo"`,
	} {
		if err := CheckRepository(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", name, err, want)
		}
	}
	if err := CheckRepository(strings.Repeat("/", 1000)); len(err.Error()) > 400 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

// Git removes a trailing slash, and cargo sends one: the signature covers the path
// without it.
func TestTrailingSlashOfAPath(t *testing.T) {
	t.Parallel()
	var ep Endpoint
	for _, path := range []string{"v1/repos/MyDemoRepo", "v1/repos/MyDemoRepo/"} {
		want := Repository{Name: "MyDemoRepo", Path: "v1/repos/MyDemoRepo"}
		if got, err := ep.ParsePath(path); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", path, got, err, want)
		}
	}
	for _, path := range []string{"v1/repos/MyDemoRepo//", "v1/repos/", "v1/repos/MyDemoRepo/info/lfs/", "/"} {
		if got, err := ep.ParsePath(path); err == nil {
			t.Errorf("%s: %+v", path, got)
		}
	}
}
