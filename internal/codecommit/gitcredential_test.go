package codecommit

import "testing"

func TestIsGitCredential(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"alice-at-111122223333":    true,
		"a-at-b-at-111122223333":   true,
		"alice+1-at-000000000000":  true,
		"alice":                    false,
		"":                         false,
		"-at-111122223333":         false,
		"alice-at-11112222333":     false,
		"alice-at-1111222233334":   false,
		"alice-at-11112222333x":    false,
		"alice-at-111122223333 ":   false,
		"alice-At-111122223333":    false,
		"alice-at-١١١١٢٢٢٢٣٣٣٣":    false,
		"alice-at-111122223333-at": false,
	} {
		if got := IsGitCredential(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
