package gitbool

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

var values = []string{
	"true", "TRUE", "yes", "Yes", "on", "1", "2", "-1", "+1", "1k", "0x10", "010", " 1",
	"false", "no", "off", "OFF", "0", "", "0k", "00", "-0",
	"t", "f", "y", "n", "maybe", "1x", "1_0", "0b1", "0o1", "--1", "k", "-", "1 ", "99999999999",
}

// Git itself is the reference.
func TestParseAgreesWithGit(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("needs git")
	}
	dir := t.TempDir()
	for _, value := range values {
		cmd := exec.Command(git, "-c", "a.b="+value, "config", "--type=bool", "a.b")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir)
		out, err := cmd.Output()
		wantOK, want := err == nil, strings.TrimSpace(string(out)) == "true"
		if got, ok := Parse(value); got != want || ok != wantOK {
			t.Errorf("%q: got %v, %v; git says %v, %v", value, got, ok, want, wantOK)
		}
	}
}
