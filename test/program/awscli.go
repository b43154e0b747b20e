package program

import (
	"os"
	"os/exec"
	"testing"
)

// AWSCLI returns the path of a working AWS CLI. It skips the test if there is none.
func AWSCLI(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no AWS CLI on PATH")
	}
	cmd := exec.Command(path, "--version")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the AWS CLI on PATH does not work: %v: %s", err, out)
	}
	return path
}
