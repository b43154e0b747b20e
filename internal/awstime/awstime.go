// Package awstime reads times as AWS's programs write them.
package awstime

import "time"

// layouts are the forms in which AWS, its programs and compatible programs write times.
// All of them allow fractions of a second after the seconds. The letters of a zone
// are literal: time.Parse would take an unknown zone for UTC.
var layouts = [...]string{
	time.RFC3339,
	"2006-01-02T15:04:05UTC", // the AWS CLI
	"2006-01-02T15:04:05-0700",
	"2006-01-02T15:04:05-07",
	"2006-01-02T15:04Z07:00",
	"20060102T150405Z07:00",
	"2006-01-02 15:04:05Z07:00", // Python's str(datetime)
	"2006-01-02 15:04:05 UTC",
	"Mon, 02 Jan 2006 15:04:05 GMT", // RFC 1123
	"Mon, 02 Jan 2006 15:04:05 UTC",
	time.RFC1123Z,
}

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
