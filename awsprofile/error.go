package awsprofile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ConfigError is returned if a profile, or a section that it refers to, cannot be
// used. It never contains a value that may be secret.
type ConfigError struct {
	Profile string   // the profile with the problem, not necessarily the selected one
	Setting string   // the setting with the problem; "" for none
	At      Position // zero if a setting is missing
	Problem string   // what is wrong
	// Similar is an existing profile whose name resembles the missing one in
	// Setting; "" if there is none.
	Similar string
	// NoRegion is true if the profile lacks only sso_region, which a sign-in may
	// determine.
	NoRegion bool
}

func (e *ConfigError) Error() string {
	if e.At == (Position{}) {
		return fmt.Sprintf("profile %s: %s", quote(e.Profile), e.Problem)
	}
	return fmt.Sprintf("profile %s: %s (%s)", quote(e.Profile), e.Problem, e.At)
}

// quote quotes a name from a file or a flag and truncates it.
func quote(name string) string {
	const most = 200 // bytes
	if len(name) > most {
		return strconv.Quote(name[:most]) + "…"
	}
	return strconv.Quote(name)
}

var errTooManySections = errors.New("it has more than 350000 section headers") // maxSections

// ProfileNotFoundError is returned if the selected profile is in neither file.
type ProfileNotFoundError struct {
	Profile  string
	Variable string   // the variable that selects it; "" for --profile
	Files    []string // the files searched, as the user would type them
	// Similar is an existing profile with a similar name; "" if there is none.
	Similar string
	// Misnamed is the position of a section that has the name but is not a profile:
	// [NAME] in the config file, [profile NAME] in the credentials file, a name
	// with spaces but without quotes, or a header without its closing bracket. It
	// is zero if there is none.
	Misnamed Position
	// Unquoted is true if the section at Misnamed is [profile MY NAME], whose name
	// requires quotes.
	Unquoted bool
	// Profiles are the names of the existing profiles.
	Profiles []string
	// Unread are the files that could not be read.
	Unread []*FileError
}

func (e *ProfileNotFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "profile %s not found in %s", quote(e.Profile), strings.Join(e.Files, " or "))
	if len(e.Files) == 0 {
		b.Reset()
		fmt.Fprintf(&b, "profile %s not found: this user has no home folder", quote(e.Profile))
	}
	if e.Variable != "" {
		fmt.Fprintf(&b, " (selected by %s)", e.Variable)
	}
	for _, unread := range e.Unread {
		fmt.Fprintf(&b, "; %s", unread)
	}
	switch {
	case e.Unquoted:
		fmt.Fprintf(&b, "; the name in the section header at %s requires quotes: [profile %s]", e.Misnamed, quote(e.Profile))
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

// FileError is returned if a file exists but cannot be read, and its content could
// matter.
type FileError struct {
	File string // as the user would type it
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("cannot read %s: %s", e.File, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// VariableError is returned if a required environment variable is not set, or has
// an unusable value.
type VariableError struct {
	Variable string
	Problem  string // what is wrong
	// Missing is true if the variable is required but not set.
	Missing bool
	// LineEnd is true if the value is valid apart from a trailing line break.
	LineEnd bool
	// Partner is a variable that is set and requires this one; "" if there is none.
	Partner string
}

func (e *VariableError) Error() string { return e.Variable + " " + e.Problem }
