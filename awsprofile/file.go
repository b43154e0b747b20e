package awsprofile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"git-credential-codecommit/internal/regularfile"
)

// maxFileSize is the largest file that is read, in bytes: 16 MiB, a hundred
// times the largest configuration file that anybody reported.
const maxFileSize = 16 << 20

// A file is one of the two AWS files, cut into its sections.
type file struct {
	name   string // as the user would type it
	path   string // "" when there is no home folder to look in
	nameOf naming // of its profiles

	text     []byte // lines end in LF alone
	sections []section
	defaults []section            // [DEFAULT]
	index    map[string][]section // by profile; see lookups
	lookups  int                  // of profiles

	// unread says why the file could not be read; nil when it could, or
	// when there is none.
	unread *FileError
	// exists tells whether unread concerns a file that is known to be there.
	exists bool
}

// openFile reads the file at path. There is always a result: a file that is
// missing or cannot be read has no sections.
func openFile(name, path string, nameOf naming) *file {
	f := &file{name: name, path: path, nameOf: nameOf}
	if path == "" {
		return f
	}
	text, err := readRegular(path)
	switch {
	case err == nil:
		f.text = normalize(text)
		f.sections = split(f.text)
		f.defaults = f.find(defaultsSection, defaultsHeader)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
	default:
		// A folder that this user may not search is somebody else's home:
		// whether there is a file is not known, and it is not for us.
		_, statErr := os.Stat(path)
		f.exists = !errors.Is(statErr, fs.ErrPermission)
		f.unread = &FileError{File: name, Err: err}
	}
	return f
}

// readRegular reads a whole regular file and nothing else: not a FIFO, which
// could hang, and not a device, which could never end. The null device, the
// usual way to say "no file", is no file.
func readRegular(path string) ([]byte, error) {
	text, err := regularfile.Read(path, maxFileSize)
	if errors.Is(err, regularfile.ErrNotRegular) && isNull(path) {
		err = fs.ErrNotExist
	}
	return text, regularfile.Cause(err)
}

// isNull reports whether path leads to the null device.
func isNull(path string) bool {
	info, err := os.Stat(path)
	null, nullErr := os.Stat(os.DevNull)
	return err == nil && nullErr == nil && os.SameFile(info, null)
}

// normalize takes off a byte order mark, at which the AWS CLI fails, and turns
// CRLF and CR into LF, as Python's text files do.
func normalize(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}
