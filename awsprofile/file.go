package awsprofile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"git-credential-codecommit/internal/regularfile"
)

// maxFileSize is the size limit in bytes: 16 MiB, a hundred times the largest
// configuration file in public reports.
const maxFileSize = 16 << 20

// A file is one of the two AWS files, split into sections.
type file struct {
	name   string // as the user would type it
	path   string // "" if there is no home folder
	nameOf naming // the naming of its profiles

	text     []byte // with LF line endings only
	sections []section
	profiles index     // of the profiles
	sessions index     // of the sso-sessions
	defaults []section // [DEFAULT]
	// inherited are the settings of the [DEFAULT] sections; nil until first used.
	inherited       map[string]assignment
	inheritedDefect defect

	// unread is why the file could not be read; nil if it was read or does not
	// exist.
	unread *FileError
	// exists is true if the file could not be read but is known to exist.
	exists bool
}

// openFile reads the file at path. It always returns a file; if it is missing or
// cannot be read, it has no sections.
func openFile(name, path string, nameOf naming) *file {
	f := &file{name: name, path: path, nameOf: nameOf}
	if path == "" {
		return f
	}
	text, err := readRegular(path)
	if err == nil {
		err = f.set(text)
	}
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
	default:
		// A folder without search permission belongs to another user. If it
		// contains the file at all, the file is not this user's.
		_, statErr := os.Stat(path)
		f.exists = !errors.Is(statErr, fs.ErrPermission)
		f.unread = &FileError{File: name, Err: err}
	}
	return f
}

// set replaces the content of the file and splits it into sections.
func (f *file) set(text []byte) (err error) {
	f.text = normalize(text)
	if f.sections, err = split(f.text); err == nil {
		f.defaults = f.find(defaultsSection, defaultsHeader)
	}
	return err
}

// readRegular reads a whole regular file. A FIFO or a device is an error, because
// reading it could block or never end. The null device is treated as a missing
// file: users set AWS_CONFIG_FILE to it, for example, to use no config file.
func readRegular(path string) ([]byte, error) {
	text, err := regularfile.Read(path, maxFileSize)
	if errors.Is(err, regularfile.ErrNotRegular) && isNull(path) {
		err = fs.ErrNotExist
	}
	return text, regularfile.Cause(err)
}

// isNull reports whether path is the null device.
func isNull(path string) bool {
	info, err := os.Stat(path)
	null, nullErr := os.Stat(os.DevNull)
	return err == nil && nullErr == nil && os.SameFile(info, null)
}

// normalize removes a byte order mark, which the AWS CLI rejects, and replaces CR
// LF and CR with LF, like Python's text files. It changes text in place.
func normalize(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	first := bytes.IndexByte(text, '\r')
	if first < 0 {
		return text
	}
	to := first
	for from := first; from < len(text); from++ {
		c := text[from]
		if c == '\r' {
			if from+1 < len(text) && text[from+1] == '\n' {
				continue
			}
			c = '\n'
		}
		text[to] = c
		to++
	}
	return text[:to]
}
