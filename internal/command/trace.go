package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// traceVariable turns the trace on. It takes what git's own GIT_TRACE takes, but
// for the number of an open file: 1, 2 or true for standard error, the absolute
// path of a file to append to, and nothing, 0 or false for no trace. See git(1),
// GIT_TRACE.
const traceVariable = "GIT_TRACE_CODECOMMIT"

// trace returns what tells decisions and timings, or nil when nobody wants to
// know. No secret is ever told to it.
func (p Process) trace() func(format string, args ...any) {
	value := p.getenv(traceVariable)
	var to func() (io.Writer, func())
	switch {
	case off(value):
		return nil
	case filepath.IsAbs(value):
		to = func() (io.Writer, func()) {
			f, err := os.OpenFile(value, traceFlags, 0o600)
			if err != nil {
				return io.Discard, func() {}
			}
			return f, func() { _ = f.Close() }
		}
	default:
		to = func() (io.Writer, func()) { return p.Stderr, func() {} }
	}
	began := p.Now()
	return func(format string, args ...any) {
		now := p.Now()
		w, done := to()
		defer done()
		ms := strconv.FormatFloat(float64(now.Sub(began))/float64(time.Millisecond), 'f', 1, 64)
		line := now.Format("15:04:05.000000") + " codecommit: " + strings.Repeat(" ", max(0, 7-len(ms))) + ms + " ms: " + oneLine(fmt.Sprintf(format, args...)) + "\n"
		_, _ = io.WriteString(w, line)
	}
}
