package doctor

import (
	"testing"

	"git-credential-codecommit/internal/gitconfig"
)

// Everything after the first word of another helper's line may be secret.
func TestNameOf(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"store":                          "store",
		"store --file x":                 "store …",
		"!f() { echo password=secret; }": "!f() …",
		"!AWS_SECRET_ACCESS_KEY=secret":  "!AWS_SECRET_ACCESS_KEY …",
		"":                               `""`,
	} {
		if got := nameOf(gitconfig.Entry{Value: value}); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
}
