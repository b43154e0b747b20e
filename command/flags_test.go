package command

import (
	"testing"
	"time"
)

func TestDurationIsBetweenAWSsBounds(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{"900": 15 * time.Minute, "43200": 12 * time.Hour, "1h30m": 90 * time.Minute, "5400s": 90 * time.Minute} {
		var d duration
		if err := d.Set(s); err != nil || time.Duration(d) != want {
			t.Errorf("%s: %s, %v", s, time.Duration(d), err)
		}
	}
	// The last but one is an hour when it is multiplied without looking.
	for _, s := range []string{"", "0", "899", "43201", "-3600", "1h0.5s", "1e4", "36028797018967568", "99999999999999999999"} {
		var d duration
		if err := d.Set(s); err == nil {
			t.Errorf("%q is taken for %s", s, time.Duration(d))
		}
	}
}
