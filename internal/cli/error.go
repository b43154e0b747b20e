package cli

import (
	"errors"
	"fmt"
	"strings"
)

// Exit codes. Scripts depend on them: see EXIT STATUS in
// git-credential-codecommit(1).
const (
	ExitOK     = 0 // answered, or not our host
	ExitFailed = 1
	ExitUsage  = 2
)

// An Error is an error with hints on how to fix it.
type Error struct {
	Err  error
	Fix  []Hint // at most maxHints are printed
	Exit int    // 0 means ExitFailed
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Hints returns how to fix the error.
func (e *Error) Hints() []Hint { return e.Fix }

// WithHints returns err with hints on how to fix it.
func WithHints(err error, hints ...Hint) error { return &Error{Err: err, Fix: hints} }

// Join combines errors into one; it returns nil if all are nil. Unlike errors.Join,
// it writes them on one line.
func Join(errs ...error) (all error) {
	for _, err := range errs {
		switch {
		case all == nil:
			all = err
		case err != nil:
			all = fmt.Errorf("%w; %w", all, err)
		}
	}
	return all
}

// UsageError returns an error in the arguments. The hint is the help of
// commandPath: Name, possibly followed by the names of commands.
func UsageError(commandPath string, err error) error {
	args := strings.TrimPrefix(commandPath+" --help", Name+" ")
	return &Error{Err: err, Fix: []Hint{RunThis(args)}, Exit: ExitUsage}
}

// ErrReported is returned if the failure has already been printed as part of a
// report. Nothing more is printed, and the exit code is ExitFailed.
var ErrReported = errors.New("reported")

// HintsOf returns the hints of the outermost error in err's tree that has any.
func HintsOf(err error) []Hint {
	if err == nil {
		return nil
	}
	if h, ok := err.(interface{ Hints() []Hint }); ok { //nolint:errorlint // it walks the tree itself
		if hints := h.Hints(); len(hints) > 0 {
			return hints
		}
	}
	switch e := err.(type) { //nolint:errorlint // it walks the tree itself
	case interface{ Unwrap() error }:
		return HintsOf(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if hints := HintsOf(err); len(hints) > 0 {
				return hints
			}
		}
	}
	return nil
}
