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

// traceVariable turns the trace on. Its values are those of GIT_TRACE, except
// numbers of open files: 1, 2 or true for standard error, an absolute path for a
// file to append to, and empty, 0 or false for no trace. See GIT_TRACE in git(1).
const traceVariable = "GIT_TRACE_CODECOMMIT"

// Trace returns the function that prints decisions and timings; nil if the trace is
// off. Callers must not pass secrets.
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
