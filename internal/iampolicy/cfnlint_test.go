//go:build compare

package iampolicy

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCfnLint runs CloudFormation's linter, if it is installed.
func TestCfnLint(t *testing.T) {
	t.Parallel()
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("no cfn-lint on PATH")
	}
	dir := t.TempDir()
	var files []string
	trustRole := contributors()
	trustRole.Trusted = must(ParseEntity(Role, "aws", "888888888888", "ci/Runner"))
	purposes := map[string]Purpose{"role": trustRole}
	for name, purpose := range published {
		purposes[name] = purpose()
	}
	for name, p := range purposes {
		a := must(New(p))
		for _, part := range a.Accounts() {
			file := filepath.Join(dir, name+"-"+string(part)+".yaml")
			if err := os.WriteFile(file, a.Template(part), 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	if out, err := exec.CommandContext(t.Context(), lint, append([]string{"--"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}
