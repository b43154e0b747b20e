package awsclient

import (
	"net/http"
	"testing"
	"time"
)

func TestClockTakesOnlyPlausibleDates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ seen, want time.Duration }{
		{30 * time.Second, 0},
		{20 * time.Minute, 20 * time.Minute},
		{-20 * time.Minute, -20 * time.Minute},
		{300 * 24 * time.Hour, 300 * 24 * time.Hour}, // a virtual machine that slept
		{400 * 24 * time.Hour, 0},
		{-400 * 24 * time.Hour, 0},
	} {
		clock := NewClock(func() time.Time { return now })
		clock.See(now.Add(c.seen).Format(http.TimeFormat))
		if got := clock.Skew(); got != c.want {
			t.Errorf("%s: skew %s, want %s", c.seen, got, c.want)
		}
	}
	for _, date := range []string{"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "today", ""} {
		clock := NewClock(func() time.Time { return now })
		clock.See(date)
		if got := clock.Skew(); got != 0 {
			t.Errorf("%q: skew %s", date, got)
		}
	}
}
