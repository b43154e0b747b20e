package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"git-credential-codecommit/internal/gitbool"
)

// traceVariable turns the trace on. It takes the values of git's own GIT_TRACE
// except the number of an open file: 1, 2 or true for standard error, the absolute
// path of a file to append to, and nothing, 0 or false for no trace. See git(1),
// GIT_TRACE.
const traceVariable = "GIT_TRACE_CODECOMMIT"

// Trace returns the function that prints decisions and timings, or nil if the
// trace is off. Its callers never pass it a secret.
func (p Process) Trace() func(format string, args ...any) {
	value := p.Getenv(traceVariable)
	var open func() (w io.Writer, done func())
	switch on, isBool := gitbool.Parse(value); {
	case isBool && !on:
		return nil
	case filepath.IsAbs(value):
		open = func() (io.Writer, func()) {
			f, err := os.OpenFile(value, traceFlags, 0o600)
			if err != nil {
				return io.Discard, func() {}
			}
			return f, func() { _ = f.Close() }
		}
	default:
		open = func() (io.Writer, func()) { return p.Stderr, func() {} }
	}
	began := p.Now()
	return func(format string, args ...any) {
		now := p.Now()
		w, done := open()
		defer done()
		ms := strconv.FormatFloat(float64(now.Sub(began))/float64(time.Millisecond), 'f', 1, 64)
		line := now.Format("15:04:05.000000") + " codecommit: " + strings.Repeat(" ", max(0, 7-len(ms))) + ms + " ms: " + OneLine(RedactText(fmt.Sprintf(format, args...))) + "\n"
		_, _ = io.WriteString(w, line)
	}
}
