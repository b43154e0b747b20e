package command

// Every word for people goes through this file. The rule: one line for what
// failed and where, in lower case and without a full stop; then at most two
// hints, each of which names what to type. Names that came from outside are
// quoted. No secret, no text of an SDK, no stack trace.

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// failure is an error together with what mends it.
type failure struct {
	err   error
	hints []string // at most two
	exit  int      // 0 stands for exitFailed
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usageError is an error in what was typed. Command is how the command is called
// that can tell how it is used: Name, or with a word behind it.
func usageError(command string, err error) error {
	return &failure{err: err, hints: []string{"run: " + command + " --help"}, exit: exitUsage}
}

// say writes a failure to standard error.
func say(w io.Writer, f *failure) { tell(w, "error", f.err, f.hints) }

// warn writes what is no failure, but not right either, to standard error.
func warn(w io.Writer, err error, hints ...string) { tell(w, "warning", err, hints) }

// tell writes a line and its hints, in one write.
func tell(w io.Writer, kind string, err error, hints []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", Name, kind, oneLine(err.Error()))
	for _, hint := range hints[:min(len(hints), 2)] {
		fmt.Fprintf(&b, "%s: hint: %s\n", Name, oneLine(hint))
	}
	_, _ = io.WriteString(w, b.String())
}

// errReported is a failure that a report has told already.
var errReported = errors.New("reported")

// finish says what went wrong, if anything did, and returns the exit code.
func finish(p Process, err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errReported) {
		return exitFailed
	}
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{err: err, hints: p.hints(err)}
	}
	say(p.Stderr, f)
	if f.exit != 0 {
		return f.exit
	}
	return exitFailed
}

// oneLine keeps a message on its line and its control characters off the
// terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// quote quotes text that came from outside, and cuts it to a length that a
// message can bear.
func quote(s string) string {
	const most = 200 // bytes
	if len(s) > most {
		return strconv.QuoteToASCII(s[:most]) + "…"
	}
	return strconv.QuoteToASCII(s)
}

// shellPath is shellWord for a path, whose leading tilde is the shell's to
// expand.
func shellPath(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return "~/" + shellWord(rest)
	}
	return shellWord(path)
}

// shellWord writes s as one word of a command line, quoted where it must be.
func shellWord(s string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@+=,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
