package doctor

import "testing"

func TestNetrcLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want int
	}{
		"nothing":                     {"", 0},
		"the host":                    {"machine HOST login a password b", 1},
		"its name in another case":    {"machine host login a password b", 1},
		"over lines":                  {"\r\n\nmachine\r\n\tHOST\r\n\tlogin a\r\n", 4},
		"a login alone":               {"machine HOST login a", 1},
		"after another":               {"machine x login a password b\nmachine HOST login a password b", 2},
		"every host":                  {"machine x login a password b\ndefault login a password b", 2},
		"another host":                {"machine HOST.example.com login a password b", 0},
		"neither login nor password":  {"machine HOST\nmachine x login a password b", 0},
		"a comment":                   {" # machine HOST login a password b\nmachine x login a", 0},
		"a machine that has no name":  {"machine", 0},
		"a host that is another word": {"machine x login HOST password HOST", 0},
	} {
		if got := netrcLine(tt.text, "HOST"); got != tt.want {
			t.Errorf("%s: line %d, want %d", name, got, tt.want)
		}
	}
}
