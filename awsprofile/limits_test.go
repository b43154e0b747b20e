package awsprofile

import (
	"os"
	"strings"
	"testing"
)

// A file above the limits could not be read afterwards.
func TestEditRefusesToExceedTheLimits(t *testing.T) {
	t.Parallel()
	for _, before := range []string{
		strings.Repeat("#", maxFileSize-40),
		strings.Repeat("[a]\n", maxSections),
	} {
		f := filesOf(t, before)
		_, err := f.AddProfile(NewProfile{Name: "a", SourceProfile: "b", Role: Role{ARN: "arn:aws:iam::111122223333:role/R"}})
		after, readErr := os.ReadFile(f.ConfigPath())
		if err == nil || !strings.HasPrefix(err.Error(), "cannot write ") || readErr != nil || string(after) != before {
			t.Errorf("%v, %v, %d bytes", err, readErr, len(after))
		}
	}
}
