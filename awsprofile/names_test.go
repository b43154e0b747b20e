package awsprofile

import (
	"slices"
	"testing"
)

func TestProfiles(t *testing.T) {
	t.Parallel()
	w := world{
		config:      "[profile b]\n[default]\n[profile 'a b']\n[sso-session s]\n[services v]\n[preview]\n[DEFAULT]\n[profile b]\n[profile open\n",
		credentials: "[c]\n[b]\n[DEFAULT]\n",
	}
	got, err := Profiles(w.environment(t))
	if want := []string{"a b", "b", "c", "default"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestSimilarNames(t *testing.T) {
	t.Parallel()
	names := []string{"default", "dev", "production", "staging", "Team"}
	for wanted, want := range map[string]string{
		"prodution": "production", "produktion": "production", "PRODUCTION": "production", "team": "Team",
		"stage": "", "x": "", "de": "", "dev1": "dev", "completely-different": "",
	} {
		if got := similar(wanted, names); got != want {
			t.Errorf("%q: got %q; want %q", wanted, got, want)
		}
	}
}
