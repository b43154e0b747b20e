//go:build compare

package guide

import (
	"testing"

	"git-credential-codecommit/test/program"
)

// The commands of the guide run with the real AWS CLI, which takes a minute.
func TestGuideWithTheAWSCLI(t *testing.T) {
	t.Parallel()
	needShell(t)
	runGuide(t, program.AWSCLI(t))
}
