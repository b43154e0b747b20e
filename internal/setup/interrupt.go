package setup

import (
	"os"
	"os/signal"
	"syscall"
)

// ignoreInterrupts ignores the signals that would end this process, so that setup
// changes git's configuration and the AWS config file together or not at all, and
// leaves no lock behind.
func ignoreInterrupts() (restore func()) {
	interrupts := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	signal.Ignore(interrupts...)
	return func() {
		// signal.Reset would leave them ignored: https://go.dev/issue/46321
		c := make(chan os.Signal, 1)
		signal.Notify(c, interrupts...)
		signal.Stop(c)
	}
}
