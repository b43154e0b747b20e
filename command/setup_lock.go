package command

import (
	"context"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// How long to wait for another setup, and how often it is tried.
const (
	setupLockWait = 30 * time.Second
	setupLockPoll = 25 * time.Millisecond
)

// lockSetup has one setup at a time read git's configuration and write it: git
// locks each write alone. The lock is on the file of this program, which all of
// them have in common whoever runs them, and which nobody needs to clean up.
// Where it cannot be locked setup goes on without.
func lockSetup(ctx context.Context, p Process) (unlock func()) {
	program, err := p.Executable()
	if err != nil {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, setupLockWait)
	defer cancel()
	lock := flock.New(program, flock.SetFlag(os.O_RDONLY))
	_, _ = lock.TryLockContext(ctx, setupLockPoll)
	return func() { _ = lock.Close() }
}
