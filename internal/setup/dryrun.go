package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/internal/shell"
)

// commands are shell commands that make the edit: lines to append, or a patch.
func (e edit) commands() string {
	before, after := string(e.before), string(e.after)
	file := shell.Word(e.file)
	switch {
	case before == after && (e.before == nil) == (e.after == nil):
		return ""
	case e.after == nil:
		return "rm " + file + "\n"
	case strings.HasPrefix(after, before) && (before == "" || strings.HasSuffix(before, "\n")) && strings.HasSuffix(after, "\n"):
		return "cat >>" + file + " <<'EOF'\n" + after[len(before):] + "EOF\n"
	}
	return "patch --silent " + file + " <<'EOF'\n" + e.diff() + "EOF\n"
}

// contextLines is how many unchanged lines a diff shows.
const contextLines = 3

// diff is a unified diff with one hunk, from the first line that differs to the
// last.
// https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
func (e edit) diff() string {
	before, after := slices.Collect(strings.Lines(string(e.before))), slices.Collect(strings.Lines(string(e.after)))
	first := 0
	for first < min(len(before), len(after)) && before[first] == after[first] {
		first++
	}
	same := 0 // at the end
	for same < min(len(before), len(after))-first && before[len(before)-1-same] == after[len(after)-1-same] {
		same++
	}
	start, end := max(0, first-contextLines), max(0, same-contextLines)
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n@@ -%s +%s @@\n", e.file, e.file,
		hunkRange(start, len(before)-end-start), hunkRange(start, len(after)-end-start))
	lines := func(mark string, lines []string) {
		for _, line := range lines {
			b.WriteString(mark + line)
			if !strings.HasSuffix(line, "\n") {
				b.WriteString("\n\\ No newline at end of file\n")
			}
		}
	}
	lines(" ", before[start:first])
	lines("-", before[first:len(before)-same])
	lines("+", after[first:len(after)-same])
	lines(" ", before[len(before)-same:len(before)-end])
	return b.String()
}

func hunkRange(start, length int) string {
	if length > 0 {
		start++
	}
	return fmt.Sprintf("%d,%d", start, length)
}

// addition is what adds the new profile to the AWS config file, as commands of a
// shell; "" if it is there.
func (s *Setup) addition() (string, error) {
	there, err := s.AWS.HasProfile(*s.NewProfile)
	if there || err != nil {
		return "", s.profileError(err)
	}
	path := s.AWS.ConfigPath()
	if path == "" {
		return "", errors.New("there is no home folder for an AWS config file")
	}
	var b strings.Builder
	separator := ""
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		b.WriteString("umask 077 && mkdir -p " + shell.Word(filepath.Dir(path)) + "\n")
	case err == nil && info.Size() > 0:
		separator = "\n"
	}
	b.WriteString("cat >>" + shell.Word(path) + " <<'EOF'\n" + separator + s.NewProfile.Text() + "EOF\n")
	return b.String(), nil
}
