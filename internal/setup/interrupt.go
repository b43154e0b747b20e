package setup

import (
	"os"
	"os/signal"
	"syscall"
)

// ignoreInterrupts makes this process ignore the signals that would end it, so
// that setup changes both git's configuration and the AWS config file or neither,
// and leaves no lock.
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
