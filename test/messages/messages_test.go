package messages

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "add and remove rows of doc/messages.md as the source requires")

const documentPath = "../../doc/messages.md"

// TestDocumentHasEveryMessage fails for a message that is missing in the document,
// a message that no longer exists, and a row without a description.
func TestDocumentHasEveryMessage(t *testing.T) {
	t.Parallel()
	messages, err := Read(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) < 400 {
		t.Fatalf("found only %d messages", len(messages))
	}
	text, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	document := Parse(string(text))
	want := document.Update(messages)
	if *update {
		if err := os.WriteFile(documentPath, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		document = want
	} else if string(text) != want.String() {
		reportDifference(t, document, want)
	}
	for _, section := range document.Sections {
		for _, row := range section.Rows {
			if strings.TrimSpace(row.When) == "" {
				t.Errorf("doc/messages.md, %s: describe when this occurs: %s", section.Title, row.Text)
			}
		}
	}
}

// reportDifference fails the test with the messages that one of the documents lacks.
func reportDifference(t *testing.T, have, want Document) {
	t.Helper()
	texts := func(d Document) []string {
		all := slices.Clone(d.Hints)
		for _, section := range d.Sections {
			for _, row := range section.Rows {
				all = append(all, row.Text)
			}
		}
		return all
	}
	for _, text := range texts(want) {
		if !slices.Contains(texts(have), text) {
			t.Errorf("doc/messages.md lacks: %s", text)
		}
	}
	for _, text := range texts(have) {
		if !slices.Contains(texts(want), text) {
			t.Errorf("doc/messages.md has a message that no longer exists: %s", text)
		}
	}
	t.Error("doc/messages.md differs from the source: run go test ./test/messages -update, and describe new messages")
}

func TestReadFindsMessagesInEveryForm(t *testing.T) {
	t.Parallel()
	messages, err := Read(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range messages {
		line := m.Text
		if m.IsHint {
			line = "hint: " + line
		}
		got = append(got, strings.Join(append([]string{line}, m.Hints...), " / "))
	}
	want := []string{
		"file … is missing", // errors.New of a sum, with a constant
		"install.sh: cannot read … / run: … --help",
		"profile … has no … / run: edit … / set … in the profile", // an error type with hints
		"hint: run: git-credential-codecommit doctor",
		"the source … is not one of: Environment",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestUpdateKeepsWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	const text = "# Messages\n\nText.\n\n## Usage\n\n| message | when it occurs | hint |\n|---|---|---|\n| `b is gone now` | never | |\n| `a \\| c is kept` | always | `old` |\n| `a \\| c is kept` | twice | |\n"
	got := Parse(text).Update([]Message{
		{Text: "a | c is kept", Hints: []string{"new"}},
		{Text: "b is gone today", Package: "internal/command"},
		{Text: "something else entirely, with words of its own", Package: "internal/command"},
	}).String()
	const want = "# Messages\n\nText.\n\n## Usage\n\n| message | when it occurs | hint |\n|---|---|---|\n| `a \\| c is kept` | always | `new` |\n| `b is gone today` | never | |\n| `something else entirely, with words of its own` | | |\n"
	if got != want {
		t.Errorf("got:\n%s", got)
	}
}
