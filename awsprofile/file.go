package awsprofile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
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
	f, err := os.OpenFile(path, openFlags, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, cause(err)
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return nil, errDirectory
	case !mode.IsRegular():
		if null, err := os.Stat(os.DevNull); err == nil && os.SameFile(info, null) {
			return nil, fs.ErrNotExist
		}
		return nil, errNotRegular
	case info.Size() > maxFileSize:
		return nil, errTooLarge
	}
	text := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := text.ReadFrom(io.LimitReader(f, maxFileSize+1)); err != nil {
		return nil, cause(err)
	}
	if text.Len() > maxFileSize {
		return nil, errTooLarge
	}
	return text.Bytes(), nil
}

// cause takes the path off an error of the operating system: the file is
// named as the user knows it.
func cause(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
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
