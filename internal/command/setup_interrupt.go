package command

import (
	"os"
	"os/signal"
	"syscall"
)

// ignoreInterrupts has this process and those that it starts ignore what would
// end them, so that setup changes both git's configuration and the AWS config
// file, or none of them, and leaves no lock behind. (A git that was just writing
// ends all the same, and then setup fails.)
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
