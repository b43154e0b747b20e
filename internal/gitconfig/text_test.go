package gitconfig

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Files that git accepts, and some that it rejects.
var texts = []string{
	"",
	"[user]\n\tname = Alice\n",
	"[user]\r\n\tname = Alice\r\n",
	"\uFEFF[user]\n\tname = Alice\n",
	"\uFEFF# comment\n[a]b=c",
	"[a] b = c # comment\n[d \"e\"] f ; comment\n",
	"[a] [b \"c\\\"d\\\\\"]\nx=y",
	"[A.B.c]\n\tx = \" y \" z\\\n more ; not\n",
	"[a]\n\tx = a\\tb\\nc\\\\ \\\"q\\\"\n\ty\n\tz =\n",
	"[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper = \n\thelper = \"!f() { echo; }; f\"\n",
	"name = value\n",
	"[]\nx=y\n",
	"[ \"a\"]\nx=y\n",
	"[a]\nx = \"unfinished\n",
	"[a \"b\n\"]",
	"[a]\n1x = y\n",
	"[a]\nx = \\q\n",
	"[a]\nx y\n",
	"[a]\nx = end\\",
	"[a]\nx = y\r",
	"[a]\n\tx = 1\t2  3\n",
	"[a\n]x=y",
	"[a ",
	"[a]\n#x\\\ny = z\n",
	"\xff[a]",
}

// FuzzParse compares Parse with what git lists for the same file.
func FuzzParse(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	if runtime.GOOS == "windows" {
		f.Skip("git on Windows reads text files in another way")
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.IndexByte(text, 0) >= 0 || bytes.Contains(bytes.ToLower(text), []byte("include")) {
			t.Skip("git's strings end at a NUL, and other files do not matter here")
		}
		path := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("git", "config", "--file", path, "--list", "-z").Output()
		items, parseErr := Parse(text)
		if (err == nil) != (parseErr == nil) {
			t.Fatalf("%q: %v, git says %v", text, parseErr, err)
		}
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) && !strings.Contains(string(exit.Stderr), parseErr.Error()+" ") {
				t.Logf("%q: %v, git says %s", text, parseErr, exit.Stderr)
			}
			return
		}
		var listed strings.Builder
		for i, item := range items {
			if item.Start >= item.End || i > 0 && item.Start < items[i-1].Start {
				t.Errorf("%q: item %d is at %d to %d", text, i, item.Start, item.End)
			}
			if item.Kind != Setting {
				continue
			}
			key := item.Section
			if item.Subsection != "" || bytes.Contains(text, []byte(`""`)) && strings.Contains(string(out), item.Section+".."+item.Name) {
				key += "." + item.Subsection
			}
			if item.Name != "" {
				key += "." + item.Name
			}
			listed.WriteString(key)
			if !item.NoValue {
				listed.WriteString("\n" + item.Value)
			}
			listed.WriteByte(0)
		}
		// Git before 2.45 replaces all blanks within a value by spaces.
		spaces := strings.NewReplacer("\t", " ", "\r", " ", ".", "")
		if got, want := spaces.Replace(listed.String()), spaces.Replace(string(out)); got != want {
			t.Errorf("%q:\n%q, git says\n%q", text, got, want)
		}
	})
}

// Git and Parse read what FormatValue and FormatHeader write.
func TestFormat(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	for _, value := range []string{"", "x", " x ", "a;b", "a#b", `!'/a b/it'\''s' --profile "x y"`, "a\tb\nc", `\`, "é"} {
		text := FormatHeader("a", `https://x/"\y`) + "\n\tb = " + FormatValue(value) + "\n"
		writeFile(t, path, text)
		if got := run(t, "config", "--file", path, "--list", "-z"); got != fmt.Sprintf("a.https://x/\"\\y.b\n%s\x00", value) {
			t.Errorf("git reads %q", got)
		}
		items, err := Parse([]byte(text))
		if err != nil || items[1].Value != value || items[1].Subsection != `https://x/"\y` {
			t.Errorf("%q: %q, %v", value, items, err)
		}
	}
}
