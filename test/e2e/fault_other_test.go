//go:build !linux

package e2e

import "testing"

// blackHole is not supported: how a listener's queue fills depends on the system.
func blackHole(t *testing.T) string {
	t.Helper()
	t.Log("not supported on this system")
	return ""
}
