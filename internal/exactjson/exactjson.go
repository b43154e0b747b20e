// Package exactjson parses JSON objects by the exact names of their members.
// encoding/json would also fill a struct from "accesskeyid", and the last member
// would win.
package exactjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// An Object is a JSON object, by the names of its members. If a name is repeated,
// the last member applies. A nil Object is empty.
type Object map[string]json.RawMessage

var errNoObject = errors.New("not a JSON object")

// Parse parses a JSON object. Its members share memory with data: every get with a
// stored session calls Parse, so the text is checked once and not copied.
func Parse(data []byte) (Object, error) {
	if !json.Valid(data) {
		return nil, errNoObject
	}
	o := members(data)
	if o == nil {
		return nil, errNoObject
	}
	return o, nil
}

// Text returns the string with a name; "" if it is absent, null or not a string.
func (o Object) Text(name string) string { return text(o[name]) }

// Texts returns the array of strings with a name; nil if it is absent or anything
// else.
func (o Object) Texts(name string) []string {
	var s []string
	if json.Unmarshal(o[name], &s) != nil {
		return nil
	}
	return s
}

// Object returns the object with a name; nil if it is absent or not an object.
func (o Object) Object(name string) Object { return members(o[name]) }

// members returns the members of valid JSON; nil if it is not an object.
func members(data []byte) Object {
	const between = " \t\r\n,:" // what separates names and values
	data = bytes.TrimLeft(data, between)
	if len(data) == 0 || data[0] != '{' {
		return nil
	}
	o := Object{}
	for {
		if data = bytes.TrimLeft(data[1:], between); data[0] == '}' {
			return o
		}
		name := data[:end(data)]
		data = bytes.TrimLeft(data[len(name):], between)
		value := data[:end(data)]
		o[text(name)] = json.RawMessage(value)
		data = data[len(value)-1:]
	}
}

// end returns the length of the value at the start of valid JSON.
func end(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default: // a number, true, false or null, or a part of an object or array
			if depth > 0 {
				continue
			}
			if next := bytes.IndexAny(data[i:], " \t\r\n,]}"); next >= 0 {
				return i + next
			}
			return len(data)
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(data)
}

// text returns the string that a value of valid JSON represents; "" if it is not a
// string.
func text(value []byte) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(value, &s)
	return s
}
