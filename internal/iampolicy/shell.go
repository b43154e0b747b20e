package iampolicy

import (
	"strings"

	"git-credential-codecommit/internal/shell"
)

// shellLine returns a command on one line, quoted for a shell.
func shellLine(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shell.Word(w)
	}
	return strings.Join(quoted, " ")
}

// comment turns every line of text into a comment in the syntax of shells, YAML and
// Terraform.
func comment(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
	}
	return b.String()
}
