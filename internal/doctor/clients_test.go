package doctor

import (
	"net/url"
	"testing"

	"git-credential-codecommit/internal/gitconfig"
)

// libgit2's callers use the last helper of an exact key: they find what setup
// writes for the literal host, but not a pattern.
func TestLiteralHelper(t *testing.T) {
	t.Parallel()
	u, err := url.Parse("https://git-codecommit.us-east-2.amazonaws.com/v1/repos/X")
	if err != nil {
		t.Fatal(err)
	}
	const ours = "/usr/bin/git-credential-codecommit --profile x"
	entry := func(subsection, value string) gitconfig.Entry {
		return gitconfig.Entry{Key: gitconfig.Key{Section: "credential", Subsection: subsection, Name: "helper"}, Value: value}
	}
	for name, c := range map[string]struct {
		entries []gitconfig.Entry
		want    bool
	}{
		"a pattern":                  {[]gitconfig.Entry{entry("https://git-codecommit.*.amazonaws.com", ours)}, false},
		"the host":                   {[]gitconfig.Entry{entry("https://git-codecommit.us-east-2.amazonaws.com", ""), entry("https://git-codecommit.us-east-2.amazonaws.com", ours)}, true},
		"all hosts":                  {[]gitconfig.Entry{entry("", ours)}, true},
		"another host":               {[]gitconfig.Entry{entry("https://git-codecommit.eu-west-1.amazonaws.com", ours)}, false},
		"another helper for it last": {[]gitconfig.Entry{entry("", ours), entry("https://git-codecommit.us-east-2.amazonaws.com/", "store")}, false},
	} {
		x := &examination{Doctor: &Doctor{Entries: c.entries}}
		if got := x.hasLiteralHelper(u); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
