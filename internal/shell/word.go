// Package shell splits command lines into words, and quotes words for command
// lines.
package shell

import "strings"

// Word returns s as one word of a POSIX command line, quoted if necessary.
func Word(s string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@+=,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
