package gitconfig

import "testing"

func TestWithoutPassword(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://example.com/x":                  "https://example.com/x",
		"https://example.com:8443/x":             "https://example.com:8443/x",
		"https://alice@example.com/x":            "https://alice@example.com/x",
		"https://alice:hunter2@example.com/x":    "https://alice@example.com/x",
		"https://alice:hun@ter2@example.com/x":   "https://alice@example.com/x",
		"https://alice:hun/ter?2@example.com/x":  "https://alice@example.com/x",
		"alice:hunter2@example.com/x":            "alice@example.com/x",
		"codecommit::us-east-2://dev@MyDemoRepo": "codecommit::us-east-2://dev@MyDemoRepo",
		"codecommit://dev:hunter2@MyDemoRepo":    "codecommit://dev@MyDemoRepo",
		"nothing":                                "nothing",
	} {
		if got := WithoutPassword(url); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}
