package spelling

import "testing"

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 3, 0},
		{"setup", "setup", 3, 0},
		{"stup", "setup", 3, 1},
		{"setpu", "setup", 3, 2},
		{"doctr", "doctor", 3, 1},
		{"kitten", "sitting", 9, 3},
		{"kitten", "sitting", 3, 3}, // not below the limit
		{"a", "abcd", 3, 3},
	} {
		if got := Distance(c.a, c.b, c.limit); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := Distance(c.b, c.a, c.limit); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
