package awsprofile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ConfigError is returned when a profile, or a section that it refers to,
// cannot be used as it stands. It never holds a value that may be secret.
type ConfigError struct {
	Profile string   // the profile at fault, which may be one of a chain's
	Setting string   // the setting at fault; "" for none
	At      Position // zero when the fault is that something is missing
	Problem string   // what is wrong, in words
	// Similar is an existing profile whose name differs by a typing error from
	// the missing one that Setting names; "" for none.
	Similar string
}

func (e *ConfigError) Error() string {
	if e.At == (Position{}) {
		return fmt.Sprintf("profile %s: %s", quote(e.Profile), e.Problem)
	}
	return fmt.Sprintf("profile %s: %s (%s)", quote(e.Profile), e.Problem, e.At)
}

// quote quotes a name from a file or a flag, and cuts it to a length that a
// message can hold.
func quote(name string) string {
	const most = 200 // bytes
	if len(name) > most {
		return strconv.Quote(name[:most]) + "…"
	}
	return strconv.Quote(name)
}

var errTooManySections = errors.New("it has more than 350000 section headers") // maxSections

// ProfileNotFoundError is returned when the chosen profile is in neither file.
type ProfileNotFoundError struct {
	Profile  string
	Variable string   // the variable that names it; "" for --profile
	Files    []string // where it was looked for, as the user would type them
	// Similar is an existing profile whose name differs by a slip; "" for none.
	Similar string
	// Misnamed is the position of a section that has the name but is not a
	// profile: [NAME] in the config file, [profile NAME] in the credentials file,
	// a name with spaces but without quotes, or a header without its closing
	// bracket. Zero when there is none.
	Misnamed Position
	// Unquoted reports that the section at Misnamed is [profile MY NAME], whose
	// name needs quotes since it has spaces.
	Unquoted bool
	// Profiles are the names of the profiles that exist.
	Profiles []string
	// Unread are the files that could not be read.
	Unread []*FileError
}

func (e *ProfileNotFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "profile %s not found in %s", quote(e.Profile), strings.Join(e.Files, " or "))
	if len(e.Files) == 0 {
		b.Reset()
		fmt.Fprintf(&b, "profile %s not found: there is no home folder to look in", quote(e.Profile))
	}
	if e.Variable != "" {
		fmt.Fprintf(&b, " (chosen by %s)", e.Variable)
	}
	for _, unread := range e.Unread {
		fmt.Fprintf(&b, "; %s", unread)
	}
	switch {
	case e.Unquoted:
		fmt.Fprintf(&b, "; the name in the section header at %s needs quotes: [profile %s]", e.Misnamed, quote(e.Profile))
	case e.Misnamed != (Position{}):
		fmt.Fprintf(&b, "; the section header at %s does not name a profile", e.Misnamed)
	}
	return b.String()
}

func (e *ProfileNotFoundError) Unwrap() []error {
	errs := make([]error, len(e.Unread))
	for i, unread := range e.Unread {
		errs[i] = unread
	}
	return errs
}

// FileError is returned when a file is there, cannot be read, and what it says
// could have mattered.
type FileError struct {
	File string // as the user would type it
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("cannot read %s: %s", e.File, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// VariableError is returned when an environment variable that is in use is not
// set, or holds nothing that can be used.
type VariableError struct {
	Variable string
	Problem  string // what is wrong, in words
	// Missing is true if the variable is not set but required.
	Missing bool
	// LineEnd reports that the value would be right without the line end after it.
	LineEnd bool
	// Partner is a variable that is set and is of no use without this one; ""
	// for none.
	Partner string
}

func (e *VariableError) Error() string { return e.Variable + " " + e.Problem }
