package gitconfig

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// lockWait is how long another process may hold the lock on the configuration:
// git holds it for milliseconds.
const lockWait = 5 * time.Second

// nothingToUnset is git's exit code when the setting to be removed is not
// there: somebody was quicker. See git-config(1).
const nothingToUnset = 5

// Run runs planned commands one after another. Where another process holds the
// lock on the configuration it waits.
//
// No interrupt stops it half-way: between two commands a pattern may have an
// empty helper line alone, and then git would ask nobody.
func (g Git) Run(ctx context.Context, commands []Command) error {
	defer ignoreInterrupts()()
	for _, c := range commands {
		if err := g.runLocked(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// ignoreInterrupts has this process and those that it starts ignore what would
// end them. Git, while it holds the lock, does not: that is what apart is for.
func ignoreInterrupts() (restore func()) {
	interrupts := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	signal.Ignore(interrupts...)
	return func() {
		// Reset would leave them ignored: https://go.dev/issue/46321
		c := make(chan os.Signal, 1)
		signal.Notify(c, interrupts...)
		signal.Stop(c)
	}
}

func (g Git) runLocked(ctx context.Context, c Command) error {
	deadline := time.NewTimer(lockWait)
	defer deadline.Stop()
	for {
		_, err := g.output(ctx, apart(), c)
		var run *RunError
		switch {
		case err == nil || !errors.As(err, &run):
			return err
		case run.Exit == nothingToUnset && c.unsets():
			return nil
		case !run.locked():
			return err
		}
		select {
		case <-time.After(time.Duration(5+rand.IntN(20)) * time.Millisecond):
		case <-deadline.C:
			return err
		}
	}
}

// unsets says whether the command removes a setting.
func (c Command) unsets() bool {
	for _, word := range c {
		if strings.HasPrefix(word, "--unset") {
			return true
		}
	}
	return false
}

// locked says whether another process holds the lock on the configuration.
func (e *RunError) locked() bool {
	return strings.Contains(e.Message, "could not lock config file") && strings.HasSuffix(e.Message, "File exists")
}
