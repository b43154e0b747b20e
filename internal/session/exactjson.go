package session

import (
	"encoding/json"
	"errors"
)

// An object is a JSON object by the exact names of its members: encoding/json
// would fill a struct from "accesskeyid" too, and the last one would win.
type object map[string]json.RawMessage

// exactObject reads a JSON object.
func exactObject(data []byte) (o object, err error) {
	if err = json.Unmarshal(data, &o); err == nil && o == nil {
		err = errors.New("not an object")
	}
	return o, err
}

// text is the string with that name; "" if it is absent, null or not a string.
func (o object) text(name string) string {
	var s string
	_ = json.Unmarshal(o[name], &s)
	return s
}

// object is the object with that name; empty if it is absent or not an object.
func (o object) object(name string) object {
	inner, _ := exactObject(o[name])
	return inner
}
