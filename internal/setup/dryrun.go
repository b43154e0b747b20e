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

// commands returns the edit as shell commands: lines to append, or a patch. It
// returns "" if nothing changes.
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

// diff returns a unified diff without context, because other lines of the file may
// be secret.
// https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
func (e edit) diff() string {
	before, after := slices.Collect(strings.Lines(string(e.before))), slices.Collect(strings.Lines(string(e.after)))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", e.file, e.file)
	lines := func(mark string, lines []string) {
		for _, line := range lines {
			b.WriteString(mark + line)
			if !strings.HasSuffix(line, "\n") {
				b.WriteString("\n\\ No newline at end of file\n")
			}
		}
	}
	i, j := 0, 0
	for _, c := range append(common(before, after), [2]int{len(before), len(after)}) {
		if i < c[0] || j < c[1] {
			fmt.Fprintf(&b, "@@ -%s +%s @@\n", hunkRange(i, c[0]-i), hunkRange(j, c[1]-j))
			lines("-", before[i:c[0]])
			lines("+", after[j:c[1]])
		}
		i, j = c[0]+1, c[1]+1
	}
	return b.String()
}

func hunkRange(start, length int) string {
	if length > 0 {
		start++
	}
	return fmt.Sprintf("%d,%d", start, length)
}

// maxCompared is how many pairs of lines common compares at most: enough for two
// files of 2,000 lines each, after removing their common beginning and end.
const maxCompared = 4_000_000

// common returns the pairs of indexes of lines that both texts contain, in order: a
// longest common subsequence, unless the texts are very long.
func common(a, b []string) (pairs [][2]int) {
	first := 0
	for first < min(len(a), len(b)) && a[first] == b[first] {
		pairs = append(pairs, [2]int{first, first})
		first++
	}
	last := 0
	for last < min(len(a), len(b))-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	x, y := a[first:len(a)-last], b[first:len(b)-last]
	if width := len(y) + 1; len(x)*len(y) <= maxCompared {
		length := make([]int, (len(x)+1)*width) // of the longest common subsequence of x[i:] and y[j:]
		for i := len(x) - 1; i >= 0; i-- {
			for j := len(y) - 1; j >= 0; j-- {
				if x[i] == y[j] {
					length[i*width+j] = length[(i+1)*width+j+1] + 1
				} else {
					length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
				}
			}
		}
		for i, j := 0, 0; i < len(x) && j < len(y); {
			switch {
			case x[i] == y[j]:
				pairs = append(pairs, [2]int{first + i, first + j})
				i, j = i+1, j+1
			case length[(i+1)*width+j] >= length[i*width+j+1]:
				i++
			default:
				j++
			}
		}
	}
	for k := last; k > 0; k-- {
		pairs = append(pairs, [2]int{len(a) - k, len(b) - k})
	}
	return pairs
}

// addition returns the shell commands that add the new profile to the AWS config
// file; "" if the profile is already there.
func (s *Setup) addition() (string, error) {
	there, err := s.AWS.HasProfile(*s.NewProfile)
	if there || err != nil {
		return "", s.profileError(err)
	}
	path := s.AWS.ConfigPath()
	if path == "" {
		return "", errors.New("no home folder for the AWS config file")
	}
	var b strings.Builder
	separator := ""
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		b.WriteString("umask 077 && mkdir -p " + shell.Word(filepath.Dir(path)) + "\n")
	case err == nil && info.Size() > 0:
		separator = "\n"
	}
	b.WriteString("cat >>" + shell.Word(path) + " <<'EOF'\n" + separator + s.AWS.Addition(*s.NewProfile) + "EOF\n")
	return b.String(), nil
}
