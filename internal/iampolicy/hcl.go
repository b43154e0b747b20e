package iampolicy

import (
	"bytes"
	"encoding/json"
	"strings"
)

// This file writes Terraform's configuration language, as far as it is needed, in
// the layout of terraform fmt:
// https://developer.hashicorp.com/terraform/language/syntax/configuration.

// An argument is NAME = EXPRESSION in a block or an object. The expression may have
// several lines.
type argument struct{ name, expression string }

// A block is a Terraform block: its type and labels as text, and its arguments.
type block struct {
	header    string
	arguments []argument
	inner     []block
}

func (b block) String() string {
	body := arguments(b.arguments)
	for _, inner := range b.inner {
		if body != "" {
			body += "\n"
		}
		body += inner.String()
	}
	return b.header + " {\n" + indent(body) + "}\n"
}

// arguments returns arguments as text, with the equals signs of consecutive
// one-line arguments aligned.
func arguments(list []argument) string {
	var b strings.Builder
	for len(list) > 0 {
		run, width := 0, 0
		for run < len(list) && !strings.Contains(list[run].expression, "\n") {
			width = max(width, len(list[run].name))
			run++
		}
		for _, a := range list[:run] {
			b.WriteString(a.name + strings.Repeat(" ", width-len(a.name)) + " = " + a.expression + "\n")
		}
		if list = list[run:]; len(list) > 0 {
			b.WriteString(list[0].name + " = " + list[0].expression + "\n")
			list = list[1:]
		}
	}
	return b.String()
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// hclString returns a string literal in which ${ and %{ have no special meaning:
// https://developer.hashicorp.com/terraform/language/expressions/strings.
func hclString(s string) string {
	quoted := string(mustJSON(json.Marshal(s)))
	quoted = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(quoted)
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quoted)
}

const hclName pattern = `^[A-Za-z][A-Za-z0-9_]*$`

// hclJSON returns jsonencode of an object, for a value v that marshals to JSON.
func hclJSON(v any) string {
	d := json.NewDecoder(bytes.NewReader(mustJSON(json.Marshal(v))))
	return "jsonencode(" + hclValue(d) + ")"
}

// hclValue returns the next value of a JSON document as an expression. It keeps the
// order of the keys.
func hclValue(d *json.Decoder) string {
	switch token, _ := d.Token(); token {
	case json.Delim('{'):
		var list []argument
		for d.More() {
			key, _ := d.Token()
			name := key.(string)
			if !hclName.matches(name) {
				name = hclString(name)
			}
			list = append(list, argument{name, hclValue(d)})
		}
		_, _ = d.Token() // the closing brace
		return "{\n" + indent(arguments(list)) + "}"
	case json.Delim('['):
		var items []string
		for d.More() {
			items = append(items, hclValue(d))
		}
		_, _ = d.Token() // the closing bracket
		return hclList(items...)
	default:
		return hclString(token.(string))
	}
}

// hclList returns a list of expressions, on one line if it has one short item.
func hclList(items ...string) string {
	if len(items) == 1 {
		return "[" + items[0] + "]"
	}
	return "[\n" + indent(strings.Join(items, ",\n")+"\n") + "]"
}
