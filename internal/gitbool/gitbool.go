// Package gitbool parses booleans as git does.
package gitbool

import (
	"strconv"
	"strings"
)

// Parse parses a boolean setting or variable of git: true, yes and on; false, no,
// off and the empty value; or an integer, of which only 0 is false. Ok is false for
// anything else, which git rejects. A setting without a value ("[core] bare", not
// "bare =") is true; callers must handle that case.
//
// See VALUES in git-config(1), and git_parse_maybe_bool in git's parse.c.
func Parse(value string) (b, ok bool) {
	switch strings.ToLower(value) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, true
	}
	return parseInt(value)
}

// parseInt parses an integer with git's units k, m and g.
func parseInt(value string) (b, ok bool) {
	digits := strings.TrimLeft(value, " \t\n\v\f\r") // strtoimax skips them
	if digits != "" && strings.ContainsRune("kKmMgG", rune(digits[len(digits)-1])) {
		digits = digits[:len(digits)-1]
	}
	sign := ""
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		sign, digits = digits[:1], digits[1:]
	}
	if digits == "" || digits[0] == '_' || strings.ContainsAny(digits, "_oObB-+") {
		return false, false
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(sign, "+")+digits, 0, 32)
	return err == nil && n != 0, err == nil
}
