//go:build unix

package session

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
)

// If a code was typed and the session cannot be stored, one warning gives the
// reason, for the first role.
func TestWarningOfASessionThatIsNotStored(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	cache := filepath.Join(home, ".aws", "cli", "cache")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	reason := "its folder belongs to another user"
	if os.Geteuid() == 0 { // root in another user's home
		if err := os.Chown(cache, 65533, 65533); err != nil {
			t.Fatal(err)
		}
	} else {
		reason = "permission denied"
		if err := os.Chmod(cache, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(cache, 0o700) })
	}
	other := testRole
	other.ARN = "arn:aws:iam::111122223333:role/Other"
	w := newWalk(awsprofile.Chain{Roles: []awsprofile.Role{testRole, other}}, Options{Home: home, Now: func() time.Time { return testNow }})
	for n := 1; n <= 2; n++ {
		w.identities[n].typed = true
		w.warn(n, w.save(w.key(n), testSession("2026-11-22T06:00:00Z")))
	}
	var e *NotStoredError
	if !errors.As(w.notStored, &e) || e.RoleARN != testRole.ARN || !strings.Contains(e.Error(), reason) || !strings.Contains(e.Error(), cache) {
		t.Errorf("%v; want %s", w.notStored, reason)
	}
	if err := w.storable(1); err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("storable: %v", err)
	}
}
