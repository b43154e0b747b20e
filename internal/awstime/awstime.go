// Package awstime reads times as AWS's programs write them.
package awstime

import "time"

// layouts are RFC 3339, the AWS CLI's form with the letters UTC, and Python's
// str(datetime), all with or without fractions.
var layouts = [...]string{time.RFC3339, "2006-01-02T15:04:05UTC", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05Z07:00"}

// Parse reads a time. The error is that of RFC 3339.
func Parse(s string) (time.Time, error) {
	var first error
	for _, layout := range layouts {
		t, err := time.Parse(layout, s)
		if err == nil {
			return t, nil
		}
		if first == nil {
			first = err
		}
	}
	return time.Time{}, first
}
