// Package awstime parses times in the formats of AWS's programs.
package awstime

import "time"

// layouts are the formats in which AWS, its programs and compatible programs write
// times. All of them allow fractional seconds. Time zones are literal, because
// time.Parse would treat an unknown zone as UTC.
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

// Parse parses a time in any of the formats. The error is that of RFC 3339.
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
