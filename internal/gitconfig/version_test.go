package gitconfig

import "testing"

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Version{
		"git version 2.39.5":                   {2, 39, 5},
		"git version 2.39.5 (Apple Git-154)\n": {2, 39, 5},
		"git version 2.45.1.windows.1":         {2, 45, 1},
		"git version 2.55.GIT":                 {2, 55, 0},
		"git version 2.46.0-rc1":               {2, 46, 0},
		"git version 1.7.9":                    {1, 7, 9},
	} {
		if got, ok := parseVersion(text); !ok || got != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "git version", "git version x", "2.39.5"} {
		if got, ok := parseVersion(text); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}
