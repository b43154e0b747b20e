package messages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/internal/spelling"
)

// A Row is the row of a message in the document.
type Row struct {
	Message
	When string // when the message occurs, written by hand; "" in a new row
}

// A Section is a heading of the document, the text below it, and its messages.
type Section struct {
	Title string
	Text  string
	Rows  []Row
}

// A Document is the content of doc/messages.md: a text, then sections with a table
// each. The last section lists hints that belong to several messages.
type Document struct {
	Text     string
	Sections []Section
	Hints    []string
}

const (
	tableHead  = "| message | when it occurs | hint |\n|---|---|---|\n"
	hintsTitle = "Hints that depend on the cause"
)

// Parse parses a document that String wrote.
func Parse(text string) Document {
	var d Document
	parts := strings.Split(text, "\n## ")
	d.Text = strings.TrimSpace(parts[0])
	for _, part := range parts[1:] {
		title, body, _ := strings.Cut(part, "\n")
		s := Section{Title: title}
		for line := range strings.Lines(body) {
			line = strings.TrimSpace(line)
			switch cells := splitRow(line); {
			case title == hintsTitle && strings.HasPrefix(line, "- "):
				d.Hints = append(d.Hints, uncode(line[len("- "):]))
			case len(cells) == 3 && strings.HasPrefix(cells[0], "`"):
				s.Rows = append(s.Rows, Row{Message{Text: uncode(cells[0])}, cells[1]})
			case line != "" && !strings.HasPrefix(line, "|"):
				s.Text += line + "\n"
			}
		}
		s.Text = strings.TrimSpace(s.Text)
		if title == hintsTitle {
			s.Rows = nil
		}
		d.Sections = append(d.Sections, s)
	}
	return d
}

// splitRow returns the cells of a table row; nil for other lines.
func splitRow(line string) []string {
	if !strings.HasPrefix(line, "|") || !strings.HasSuffix(line, "|") || len(line) < 2 {
		return nil
	}
	var cells []string
	start := 1
	for i := 1; i < len(line); i++ {
		if line[i] == '|' && line[i-1] != '\\' {
			cells = append(cells, strings.TrimSpace(line[start:i]))
			start = i + 1
		}
	}
	return cells
}

func (d Document) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Text)
	for _, s := range d.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n", s.Title)
		if s.Text != "" {
			fmt.Fprintf(&b, "%s\n\n", s.Text)
		}
		if s.Title == hintsTitle {
			for _, hint := range d.Hints {
				fmt.Fprintf(&b, "- %s\n", code(hint))
			}
			continue
		}
		b.WriteString(tableHead)
		for _, row := range s.Rows {
			hints := make([]string, len(row.Hints))
			for i, hint := range row.Hints {
				hints[i] = code(hint)
			}
			for _, cell := range []string{code(row.Text), row.When, strings.Join(hints, "<br>")} {
				b.WriteString(strings.TrimRight("| "+cell, " ") + " ")
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}

// code formats a text as code in a table.
func code(text string) string { return "`" + strings.ReplaceAll(text, "|", `\|`) + "`" }

func uncode(text string) string {
	return strings.ReplaceAll(strings.Trim(text, "`"), `\|`, "|")
}

// sectionOf returns the title of the section for new messages of a package. The row
// can be moved to another section by hand.
var sectionOf = map[string]string{
	"awsprofile":              "Profiles",
	"helper":                  "Requests from git",
	"install.sh":              "install.sh",
	"internal/awsclient":      "Network and AWS services",
	"internal/codecommit":     "Requests from git",
	"internal/command":        "Usage",
	"internal/doctor":         "The report of doctor",
	"internal/iampolicy":      "policy",
	"internal/remote":         "codecommit:// URLs",
	"internal/session":        "Sources of credentials",
	"internal/session/store":  "Stored sessions",
	"internal/setup":          "setup",
	"internal/permission":     "Files",
	"internal/shell":          "Profiles",
	"internal/gitconfig":      "Git's configuration",
	"internal/exactjson":      "Network and AWS services",
	"internal/identitycenter": "Sign-in",
}

// maxHints is how many hints a row shows. More hints have different causes, and are
// listed at the end of the document.
const maxHints = 5

// Update returns the document for the given messages, without rows of messages that
// no longer exist and with rows for new ones. A new message that resembles a
// removed one inherits its description.
func (d Document) Update(messages []Message) Document {
	byText := map[string]Message{}
	for _, m := range messages {
		byText[m.Text] = m
	}
	var gone []Row
	placed := map[string]bool{}
	hints := map[string]bool{}
	updated := Document{Text: d.Text}
	for _, s := range d.Sections {
		rows := s.Rows
		s.Rows = nil
		for _, row := range rows {
			m, ok := byText[row.Text]
			if placed[row.Text] { // a message that was reworded to equal another one
				continue
			}
			if !ok || m.IsHint {
				gone = append(gone, row)
				continue
			}
			placed[row.Text] = true
			s.Rows = append(s.Rows, Row{m, row.When})
		}
		updated.Sections = append(updated.Sections, s)
	}
	for _, m := range messages {
		switch {
		case m.IsHint:
			hints[m.Text] = true
		case !placed[m.Text]:
			i := updated.section(m.Package)
			updated.Sections[i].Rows = append(updated.Sections[i].Rows, Row{m, inherited(m.Text, gone)})
		}
	}
	for i := range updated.Sections {
		rows := updated.Sections[i].Rows
		for j := range rows {
			if len(rows[j].Hints) > maxHints {
				for _, hint := range rows[j].Hints {
					hints[hint] = true
				}
				rows[j].Hints = nil
			}
		}
		slices.SortStableFunc(rows, func(a, b Row) int { return compareTexts(a.Text, b.Text) })
	}
	for hint := range hints {
		updated.Hints = append(updated.Hints, hint)
	}
	slices.SortFunc(updated.Hints, compareTexts)
	return updated
}

// section returns the index of the section for new messages of a package.
func (d Document) section(dir string) int {
	title := cmp.Or(sectionOf[dir], "Files")
	return max(0, slices.IndexFunc(d.Sections, func(s Section) bool { return s.Title == title }))
}

// inherited returns the description of the most similar removed message; "" if none
// is similar.
func inherited(text string, gone []Row) string {
	when, least := "", len(text)/2
	for _, row := range gone {
		if d := spelling.Distance(text, row.Text, least); d < least {
			when, least = row.When, d
		}
	}
	return when
}

// compareTexts orders texts by their first word, ignoring case.
func compareTexts(a, b string) int {
	key := func(s string) string { return strings.ToLower(strings.TrimLeft(s, "… (\"'-:")) }
	return cmp.Or(strings.Compare(key(a), key(b)), strings.Compare(a, b))
}
