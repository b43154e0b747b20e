package gitconfig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Files that include each other make a configuration that grows exponentially with
// the depth of the includes. Git does not read the ones whose condition is false.
func TestConfigurationIsLimited(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]func(i int) string{
		"includes of includes": func(i int) string {
			return strings.Repeat(fmt.Sprintf("[includeIf \"gitdir:/nonexistent/\"]\n\tpath = %d\n", i+1), 8)
		},
		"an include of itself": func(int) string {
			return strings.Repeat("[includeIf \"gitdir:/nonexistent/\"]\n\tpath = 0\n", 8)
		},
		"large includes": func(i int) string {
			return fmt.Sprintf("[includeIf \"gitdir:/nonexistent/\"]\n\tpath = %d\n#", i+1) + strings.Repeat("x", 2<<20)
		},
		"a too large include": func(i int) string {
			if i == 0 {
				return "[includeIf \"gitdir:/nonexistent/\"]\n\tpath = 1\n"
			}
			return strings.Repeat("#", maxFileSize+1)
		},
		"many sections": func(i int) string {
			if i == 0 {
				return "[includeIf \"gitdir:/nonexistent/\"]\n\tpath = 1\n"
			}
			return strings.Repeat("[a]\n", maxItems+1)
		},
	} {
		dir := t.TempDir()
		for i := range maxIncludeDepth + 1 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(files(i)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := reader{home: dir, texts: map[string][]Item{}}
		path := filepath.Join(dir, "0")
		items, err := r.read(path)
		if err == nil {
			_, err = r.walk("global", path, path, items, map[string]bool{}, 0)
		}
		var limit *limitError
		if !errors.As(err, &limit) || !strings.Contains(err.Error(), "16 MiB") && !strings.Contains(err.Error(), "30000") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A line can contain many items.
func TestParseOfALongLineCostsLittle(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat(" ", 8<<20) + strings.Repeat("[a]", maxItems-1) + strings.Repeat(" ", 8<<20))
	began := time.Now()
	items, err := Parse(text)
	if took := time.Since(began); err != nil || len(items) != maxItems-1 || items[maxItems-2].Start != 0 || items[0].End != len(text) || took > 20*time.Second {
		t.Errorf("%d items, %v, took %s", len(items), err, took)
	}
	var limit *limitError
	if _, err := Parse([]byte(strings.Repeat("[a]", maxItems+1))); !errors.As(err, &limit) {
		t.Errorf("%v", err)
	}
}

func TestOutputIsLimited(t *testing.T) {
	t.Parallel()
	git, err := Find()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(strings.Repeat("[a]\nb = "+strings.Repeat("c", 1000)+"\n", 3*maxOutput/2/1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := git.Output(t.Context(), "config", "--file", path, "--list"); err == nil || err.Error() != "git config: its output is larger than 8 MiB" {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}
