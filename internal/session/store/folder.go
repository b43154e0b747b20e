// Package store stores role sessions, sign-in tokens and client registrations on
// disk, in the folders and formats of the AWS CLI, so that one MFA code or one
// sign-in serves both programs.
//
// A file is used only if no other user can have read or written it. All operations
// in a folder use one open descriptor, so that replacing the folder cannot redirect
// them. Files of other programs are never deleted.
package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"git-credential-codecommit/internal/filelock"
	"git-credential-codecommit/internal/permission"
	"git-credential-codecommit/internal/regularfile"
)

// maxFile is the size limit for files: 64 KiB. A session takes about 2 KiB.
const maxFile = 64 << 10

// A Folder contains one JSON file per key, KEY.json.
type Folder struct {
	Dir string
	// Home is the user's home folder, which contains Dir. The folders between them
	// are checked, and created if they do not exist. If Home is "", only Dir is
	// checked.
	Home string
	// ReadOnly prevents changes: Write, Update, Remove and Lock fail.
	ReadOnly bool
}

// ErrReadOnly is returned by operations that would change a read-only Folder.
var ErrReadOnly = errors.New("it is read-only")

// Path returns the path of the file under key, for messages.
func (f Folder) Path(key string) string { return filepath.Join(f.Dir, key+".json") }

// Read returns the content of the file under key. The error wraps fs.ErrNotExist if
// there is no file. It is an UntrustedError if the file or its folder cannot be
// trusted. Errors do not name the path.
func (f Folder) Read(key string) ([]byte, error) {
	d, err := f.open(false)
	if err != nil {
		return nil, regularfile.Cause(err)
	}
	defer d.close()
	data, err := d.read(key)
	return data, regularfile.Cause(err)
}

// Keys returns the keys of the files in the folder, sorted; none if the folder does
// not exist. The files may be untrusted.
func (f Folder) Keys() ([]string, error) {
	d, err := f.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, regularfile.Cause(err)
	}
	defer d.close()
	keys, err := d.keys()
	return keys, regularfile.Cause(err)
}

// Each calls do with the content of each file that can be trusted, in the order of
// the keys, until do returns an error, and returns that error. There are no files if
// the folder does not exist.
func (f Folder) Each(do func(key string, data []byte) error) error {
	d, err := f.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return regularfile.Cause(err)
	}
	defer d.close()
	keys, err := d.keys()
	if err != nil {
		return regularfile.Cause(err)
	}
	for _, key := range keys {
		if data, err := d.read(key); err == nil {
			if err := do(key, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// Write replaces the file under key atomically. The file has mode 0600 and new
// folders have mode 0700, regardless of the umask.
func (f Folder) Write(key string, data []byte) error {
	return f.change(func(d *folder) error { return d.write(key, data) })
}

// Update sets members of the JSON object under key, and keeps the other members
// byte for byte. If the value of a member is a map[string]any, Update sets members
// of that object in the same way; a member whose value is nil is removed. If there is
// no trusted object, Update creates it.
func (f Folder) Update(key string, members map[string]any) error {
	return f.change(func(d *folder) error {
		old, _ := d.read(key)
		data, err := merge(old, members)
		if err != nil {
			return err
		}
		return d.write(key, data)
	})
}

// Remove removes the file under key if match accepts its content, and reports
// whether it did. Untrusted files are kept.
func (f Folder) Remove(key string, match func(data []byte) bool) (removed bool, err error) {
	if f.ReadOnly {
		return false, ErrReadOnly
	}
	d, err := f.open(false)
	if err == nil {
		defer d.close()
		removed, err = d.remove(key, match)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return removed, regularfile.Cause(err)
}

// CheckWritable returns an error if a file of the maximum size could not be
// written. Call it before spending a refresh token, which works once.
func (f Folder) CheckWritable(key string) error {
	return f.change(func(d *folder) error {
		data := make([]byte, maxFile)
		_, _ = rand.Read(data) // not zeros: some file systems allocate no space for them
		temp, err := d.writeTemp(key, data)
		if err != nil {
			return err
		}
		return d.root.Remove(temp)
	})
}

// Lock serializes work on key between processes. While another process holds the
// lock, Lock waits, at most for timeout, and returns filelock.ErrDone as soon as
// done returns true. Reading and writing do not need the lock; it prevents doing
// the same work twice.
func (f Folder) Lock(ctx context.Context, key string, timeout time.Duration, done func() bool) (unlock func(), err error) {
	if f.ReadOnly {
		return nil, ErrReadOnly
	}
	d, err := f.open(true)
	if err != nil {
		return nil, regularfile.Cause(err)
	}
	release, err := filelock.Acquire(ctx, d.root, key+".lock", timeout, d.checkLock, done)
	if err != nil {
		d.close()
		return nil, regularfile.Cause(err)
	}
	return func() {
		release()
		d.close()
	}, nil
}

// change opens the folder, creates it if necessary, and calls do.
func (f Folder) change(do func(*folder) error) error {
	if f.ReadOnly {
		return ErrReadOnly
	}
	d, err := f.open(true)
	if err != nil {
		return regularfile.Cause(err)
	}
	defer d.close()
	return regularfile.Cause(do(d))
}

// A folder is an open Folder.
type folder struct {
	root *os.Root
	info fs.FileInfo // info of the folder when it was opened
}

func (d *folder) close() { _ = d.root.Close() }

// checkLock rejects a lock file that another user could hold on purpose.
func (d *folder) checkLock(info fs.FileInfo) error { return checkFile(info, d.ignoresModes) }

// read reads a file that no other user can have written.
func (d *folder) read(key string) ([]byte, error) {
	name := key + ".json"
	found, err := d.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if err := checkFile(found, d.ignoresModes); err != nil {
		return nil, err
	}
	file, err := d.root.OpenFile(name, regularfile.Flags, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkFile(info, d.ignoresModes); err != nil { // it may have been replaced since the first check
		return nil, err
	}
	return regularfile.ReadAll(file, info.Size(), maxFile)
}

func (d *folder) remove(key string, match func(data []byte) bool) (removed bool, err error) {
	if data, err := d.read(key); err != nil || !match(data) {
		return false, err
	}
	// A process that holds the lock is about to replace the file; removing it then
	// could remove the new one.
	unlock, err := filelock.Acquire(context.Background(), d.root, key+".lock", 0, d.checkLock, func() bool { return false })
	if err != nil {
		return false, err
	}
	defer unlock()
	if data, err := d.read(key); err != nil || !match(data) {
		return false, err
	}
	err = d.root.Remove(key + ".json")
	return err == nil, err
}

func (d *folder) write(key string, data []byte) error {
	temp, err := d.writeTemp(key, data)
	if err != nil {
		return err
	}
	if err := d.root.Rename(temp, key+".json"); err != nil {
		_ = d.root.Remove(temp)
		return err
	}
	d.sweep(key)
	return nil
}

const tempSuffix = ".tmp"

// writeTemp creates a temporary file that only this user can read, and returns its
// name. If writing fails, it removes the file.
func (d *folder) writeTemp(key string, data []byte) (name string, err error) {
	name = key + "." + rand.Text() + tempSuffix
	file, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	if err == nil {
		err = permission.RestoreOwn(file, 0o600)
	}
	if err == nil {
		err = file.Sync()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = d.root.Remove(name)
		return "", err
	}
	return name, nil
}

// staleTemp is the age at which a temporary file is certainly unused: writing takes
// milliseconds.
const staleTemp = time.Hour

// sweep removes temporary files of key that killed processes left behind. Their age
// is measured by the file system's clock.
func (d *folder) sweep(key string) {
	files, err := d.entries()
	if err != nil {
		return
	}
	written, err := d.root.Lstat(key + ".json")
	if err != nil {
		return
	}
	for _, file := range files {
		random, ours := strings.CutPrefix(file.Name(), key+".")
		random, isTemp := strings.CutSuffix(random, tempSuffix)
		if !ours || !isTemp || len(random) != len(rand.Text()) || !file.Type().IsRegular() {
			continue
		}
		if info, err := file.Info(); err == nil && isOwn(info) && written.ModTime().Sub(info.ModTime()) > staleTemp {
			_ = d.root.Remove(file.Name())
		}
	}
}

// keys returns the keys of the files in the folder, sorted.
func (d *folder) keys() ([]string, error) {
	files, err := d.entries()
	var keys []string
	for _, file := range files {
		if key, ok := strings.CutSuffix(file.Name(), ".json"); ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, err
}

// entries returns the entries of the folder.
func (d *folder) entries() ([]fs.DirEntry, error) {
	all, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer all.Close()
	return all.ReadDir(-1)
}

// merge sets members of a JSON object, and keeps the other members byte for byte,
// because a large number would lose digits as a float64. If old is not an object,
// it is replaced.
func merge(old []byte, members map[string]any) ([]byte, error) {
	merged := map[string]json.RawMessage{}
	if err := json.Unmarshal(old, &merged); err != nil || merged == nil {
		merged = map[string]json.RawMessage{}
	}
	for name, value := range members {
		var err error
		switch value := value.(type) {
		case nil:
			delete(merged, name)
		case map[string]any:
			merged[name], err = merge(merged[name], value)
		default:
			merged[name], err = json.Marshal(value)
		}
		if err != nil {
			return nil, err
		}
	}
	return json.Marshal(merged)
}

// An UntrustedError is returned for a file that is not used because of the file or
// its folder.
type UntrustedError struct{ Reason string }

func (e *UntrustedError) Error() string { return e.Reason }

func untrusted(reason string) error { return &UntrustedError{reason} }

// ErrReadable is the UntrustedError of a file that other users can read but not
// write, so that its content can still be trusted.
var ErrReadable error = &UntrustedError{"other users can read it"}
