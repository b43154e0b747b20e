// Package exactjson reads JSON objects by the exact names of their members:
// encoding/json would fill a struct from "accesskeyid" too, and the last one would
// win.
package exactjson

import (
	"encoding/json"
	"errors"
)

// An Object is a JSON object by the names of its members. The nil Object has none.
type Object map[string]json.RawMessage

// Parse reads a JSON object.
func Parse(data []byte) (o Object, err error) {
	if err = json.Unmarshal(data, &o); err == nil && o == nil {
		err = errors.New("not an object")
	}
	return o, err
}

// Text returns the string with that name; "" if it is absent, null or not a string.
func (o Object) Text(name string) string {
	var s string
	_ = json.Unmarshal(o[name], &s)
	return s
}

// Texts returns the strings of the array with that name; nil if it is absent or not
// an array of strings.
func (o Object) Texts(name string) []string {
	var s []string
	if json.Unmarshal(o[name], &s) != nil {
		return nil
	}
	return s
}

// Object returns the object with that name; empty if it is absent or not an object.
func (o Object) Object(name string) Object {
	inner, _ := Parse(o[name])
	return inner
}
