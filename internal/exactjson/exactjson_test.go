package exactjson

import (
	"bytes"
	"encoding/json"
	"testing"
)

// An object has the same members and values that encoding/json finds.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{}`, ` {"a":1} `, `{"a": "b", "A": "c", "a": "d"}`, "{\"a\":\n[1, {\"b\": \"]}\\\"\"}],\t\"c\": -1.5e3 , \"d\":null,\"e\":true}", `{"": {"": {}}}`,
		`{"\u0061": "\ud83d\ude00\ud83d \\", "é": "` + "\xff" + `"}`, `null`, `[]`, `"a"`, `1`, ``, `{`, `{"a":1}}`, `{"a" "b"}`, `{"a":[[],[{}]],"b":"\\"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, data) })
}

func checkParse(t *testing.T, data []byte) {
	t.Helper()
	var want map[string]json.RawMessage
	valid := json.Unmarshal(data, &want) == nil && want != nil
	got, err := Parse(data)
	if (err == nil) != valid || len(got) != len(want) {
		t.Fatalf("%q: %v; valid %v, %d members, want %d", data, err, valid, len(got), len(want))
	}
	for name, value := range want {
		if !bytes.Equal(got[name], value) {
			t.Fatalf("%q: %q is %q; want %q", data, name, got[name], value)
		}
		var s string
		if json.Unmarshal(value, &s) != nil {
			s = ""
		}
		if text := got.Text(name); text != s {
			t.Fatalf("%q: %q is the text %q; want %q", data, name, text, s)
		}
		var texts []string
		_ = json.Unmarshal(value, &texts)
		if got := got.Texts(name); len(texts) > 0 && len(got) > 0 && got[0] != texts[0] {
			t.Fatalf("%q: %q", data, got)
		}
		var inner map[string]json.RawMessage
		_ = json.Unmarshal(value, &inner)
		if o := got.Object(name); (o == nil) != (inner == nil) || len(o) != len(inner) {
			t.Fatalf("%q: %q has %d members, want %d", data, name, len(o), len(inner))
		}
		if len(inner) > 0 {
			checkParse(t, value)
		}
	}
}

func TestNilObject(t *testing.T) {
	t.Parallel()
	var o Object
	if o.Text("a") != "" || o.Texts("a") != nil || o.Object("a") != nil {
		t.Error("it has members")
	}
}
