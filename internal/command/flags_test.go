package command

import (
	"slices"
	"strings"
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
	// The last but one overflows to an hour if it is multiplied without a check.
	for _, s := range []string{"", "0", "899", "43201", "-3600", "1h0.5s", "1e4", "36028797018967568", "99999999999999999999"} {
		var d duration
		if err := d.Set(s); err == nil {
			t.Errorf("%q was parsed as %s", s, time.Duration(d))
		}
	}
}

// The help lists the flags in the order of their definition, the profile first.
func TestHelpListsFlagsInTheirOrder(t *testing.T) {
	t.Parallel()
	order := []string{"profile", "role-arn", "external-id", "mfa-serial", "role-session-name", "duration", "credential-source", "region", "account", "allow-host", "no-cache"}
	for _, args := range [][]string{{"--help"}, {"get", "--help"}, {"setup", "--help"}, {"help", "doctor"}} {
		_, help, _ := runPolicy(args...)
		var listed []string
		for line := range strings.Lines(help) {
			name, isFlag := strings.CutPrefix(line, "      --")
			if name, _, _ = strings.Cut(name, " "); isFlag && slices.Contains(order, name) {
				listed = append(listed, name)
			}
		}
		if !slices.Equal(listed, order) {
			t.Errorf("%s lists %s", args, listed)
		}
	}
}
