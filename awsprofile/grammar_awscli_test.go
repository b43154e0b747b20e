//go:build compare

package awsprofile

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// If the AWS CLI accepts a file, both read the same settings.
func TestSameGrammarAsTheAWSCLI(t *testing.T) {
	t.Parallel()
	if err := exec.Command("python3", "-c", "import botocore").Run(); err != nil {
		t.Skip("python3 with botocore is not installed")
	}
	const count = 4000
	r := rand.New(rand.NewPCG(differentialSeed(t), 3))
	tokens := []string{
		"\n", "\n", "\n", "\n", "\n[profile x]\n", "\n[profile y]\n", "\n[default]\n", "[profile 'x']", "[DEFAULT]\n",
		"role_arn", "region", "sts", "Region", "=", "=", " = ", ":", " ", "  ", "\t", "#", ";", `"`, "`", `"""`, "'", `\`, "v", "w=1",
		"[", "]", "-", "%(region)s", "\r\n", "\r", "\u00a0", "\u3000", "\x1c", "\x1f", "\v", "\f", "é", "\u2028",
	}
	var texts []string
	var in bytes.Buffer
	for range count {
		text := "[profile x]\n"
		for range 1 + r.IntN(20) {
			text += tokens[r.IntN(len(tokens))]
		}
		texts = append(texts, text)
		line, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command("python3", filepath.Join("testdata", "grammar.py"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i, text := range texts {
		var want map[string]map[string]string
		if err := json.Unmarshal([]byte(answers[i]), &want); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			continue
		}
		body := normalize([]byte(text))
		f := &file{name: "config", text: body, nameOf: configProfile}
		if f.sections, err = split(body); err != nil {
			t.Fatal(err)
		}
		f.defaults = f.find(defaultsSection, defaultsHeader)
		if slices.ContainsFunc(f.sections, func(s section) bool { return f.header(&s) == nil }) {
			continue // "[name = value": a setting for the AWS CLI, an open header here
		}
		read++
		for _, profile := range []string{"x", "y", "default"} {
			got, d := valuesOf(f, profile)
			maps.DeleteFunc(want[profile], func(name, _ string) bool { return !known(name) })
			if !maps.Equal(got, want[profile]) || d != (defect{}) {
				t.Errorf("case %d: profile %s in %q: got %q, defect %v; AWS CLI: %q", i, profile, text, got, d, want[profile])
			}
		}
	}
	t.Logf("compared %d of %d files, those that the AWS CLI reads", read, count)
}
