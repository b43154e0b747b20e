package setup

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commands that --dry-run prints make the change, and show no unchanged line.
func TestCommandsOfAnEdit(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "patch"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	random := rand.New(rand.NewPCG(9, 10))
	file := filepath.Join(t.TempDir(), "a file")
	block := func(name string) string {
		return Block{Targets: []Target{{URL: hosts, Helper: alice + name}}}.format("\n")
	}
	for range 20 {
		var lines []string
		for range 2 + random.IntN(6) {
			lines = append(lines, pieces[random.IntN(len(pieces)-1)])
		}
		from, to := random.IntN(len(lines)), random.IntN(len(lines))
		before := strings.Join(lines[:from], "") + block("1") + strings.Join(lines[from:], "") + "secret = hunter2\n"
		after := strings.Join(lines[:to], "") + block("2") + strings.Join(lines[to:], "") + "secret = hunter2\n"
		if random.IntN(3) == 0 {
			after = strings.Join(lines, "") + "secret = hunter2\n"
		}
		if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		commands := edit{file, []byte(before), []byte(after)}.commands()
		if out, err := exec.Command("sh", "-c", commands).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s\n%s", err, out, commands)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != after {
			t.Errorf("%v: %q, want %q, by\n%s", err, got, after, commands)
		}
		if strings.Contains(commands, "hunter2") {
			t.Errorf("a line that stays is shown:\n%s", commands)
		}
	}
}
