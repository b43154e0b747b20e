package gitconfig

import (
	"slices"
	"testing"
)

// A helper that somebody named for one region or repository must not lose its
// place in silence.
func TestDisplaced(t *testing.T) {
	t.Parallel()
	const theirs = "[credential \"" + repository + "\"]\n\thelper = codecommit --profile bob\n"
	const region = "[credential \"https://git-codecommit.us-east-2.amazonaws.com\"]\n\thelper = " + alice + "\n"
	all, one := []Target{{URL: host, Helper: alice}}, []Target{{URL: repository, Helper: alice}}
	for name, c := range map[string]struct {
		before  string
		targets []Target
		after   string // added by hand later
		want    []string
	}{
		"a repository":                   {before: theirs, targets: all, want: []string{repository}},
		"a region":                       {before: region, targets: all, want: []string{"https://git-codecommit.us-east-2.amazonaws.com"}},
		"part of a URL":                  {before: "[credential \"git-codecommit.us-east-2.amazonaws.com\"]\n\thelper = store\n", targets: all, want: []string{"git-codecommit.us-east-2.amazonaws.com"}},
		"with a user's name":             {before: "[credential \"https://bob@git-codecommit.us-east-2.amazonaws.com\"]\n\thelper = store\n", targets: all, want: []string{"https://bob@git-codecommit.us-east-2.amazonaws.com"}},
		"behind what setup wrote":        {targets: all, after: theirs},
		"of no effect before":            {before: theirs + "[credential]\n\thelper =\n", targets: all},
		"for what setup was told":        {before: theirs, targets: one},
		"that setup wrote later":         {before: theirs, targets: slices.Concat(one, all)},
		"for another repository":         {before: theirs, targets: []Target{{URL: repository + "2", Helper: alice}}},
		"for everything":                 {before: "[credential]\n\thelper = store\n[credential \"https://\"]\n\thelper = store\n", targets: all},
		"for another host":               {before: "[credential \"https://example.com\"]\n\thelper = store\n", targets: all},
		"for the pattern that setup has": {before: "[credential \"" + host + "\"]\n\thelper = store\n", targets: all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := write(t, c.before)
			before := list(t, config)
			for i := range before {
				before[i].Scope = Global
			}
			for _, target := range c.targets {
				execute(t, config, Setup(Global, list(t, config), []Target{target}))
			}
			foreseen := before
			for _, target := range c.targets {
				foreseen = Foresee(Global, foreseen, []Target{target})
			}
			after := list(t, config)
			if !equal(foreseen, after) {
				t.Errorf("foresaw %v, got %v", foreseen, after)
			}
			if c.after != "" {
				after = append(after, list(t, write(t, c.after))...)
			}
			var got []string
			for _, e := range Displaced(after, c.targets) {
				got = append(got, e.Subsection)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("displaced: %q", got)
			}
		})
	}
}

// What setup will write to one scope stands between those around it.
func TestForeseeScopes(t *testing.T) {
	t.Parallel()
	entry := func(scope Scope) Entry {
		return Entry{Key: Key{Section: "credential", Name: "helper"}, Value: string(scope), Scope: scope}
	}
	system, local, command := entry(System), entry(Local), entry("command")
	got := Foresee(Global, []Entry{system, local, command}, []Target{{URL: host, Helper: alice}})
	var values []string
	for _, e := range got {
		if e.Section == "credential" && e.Name == "helper" {
			values = append(values, e.Value)
		}
	}
	if want := []string{"system", "", alice, "local", "command"}; !slices.Equal(values, want) {
		t.Errorf("%q", values)
	}
}
