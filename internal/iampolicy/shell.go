package iampolicy

import (
	"strings"

	"git-credential-codecommit/internal/shell"
)

// shellLine writes a command on one line.
func shellLine(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shell.Word(w)
	}
	return strings.Join(quoted, " ")
}

// comment turns every line of text into a comment of a shell, of YAML and of
// Terraform.
func comment(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
	}
	return b.String()
}
