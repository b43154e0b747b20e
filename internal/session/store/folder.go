// Package store keeps role sessions, sign-in tokens and client registrations
// on disk, in the folders and the format of the AWS CLI, so that one MFA code
// or one sign-in serves both programs.
//
// A file is used only if no other user can have written or read it. All work in
// a folder goes through one descriptor of it, so that a folder that is replaced
// meanwhile does not make it touch other files. Files of other programs in the
// folder are not deleted.
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

// maxFile is the size of the largest file that is read: 64 KiB. A session takes
// about 2 KiB.
const maxFile = 64 << 10

// A Folder holds one JSON file per key, KEY.json.
type Folder struct {
	Dir string
	// Home is the user's home folder, which Dir is in. The folders between them
	// are checked, and created where they are missing. "" checks Dir alone.
	Home string
	// ReadOnly changes nothing on disk: Write, Update, Remove and Lock fail.
	ReadOnly bool
}

// ErrReadOnly is returned by operations that would change a read-only Folder.
var ErrReadOnly = errors.New("it is read-only")

// Path is the path of the file under key, for messages.
func (f Folder) Path(key string) string { return filepath.Join(f.Dir, key+".json") }

// Read returns the content of the file under key. The error wraps
// fs.ErrNotExist if there is no file, and is an UntrustedError if the file or its
// folder cannot be trusted. Errors do not name the path.
func (f Folder) Read(key string) ([]byte, error) {
	d, err := f.open(false)
	if err != nil {
		return nil, regularfile.Cause(err)
	}
	defer d.close()
	data, err := d.read(key)
	return data, regularfile.Cause(err)
}

// Keys lists the keys of the files in the folder, sorted. Read decides whether one
// can be trusted. A folder that does not exist has none.
func (f Folder) Keys() ([]string, error) {
	d, err := f.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, regularfile.Cause(err)
	}
	defer d.close()
	files, err := d.entries()
	if err != nil {
		return nil, regularfile.Cause(err)
	}
	var keys []string
	for _, file := range files {
		if key, ok := strings.CutSuffix(file.Name(), ".json"); ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// Write replaces the file under key. A reader sees the old content or the new
// one, never a part. The file has mode 0600 whatever the umask, and the folders
// that have to be created have mode 0700.
func (f Folder) Write(key string, data []byte) error {
	return f.change(func(d *folder) error { return d.write(key, data) })
}

// Update sets members of the JSON object under key, and keeps its other
// members byte for byte. A member that is a map[string]any updates an object in
// the same way. If there is no object that can be trusted, Update creates it.
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

// Remove removes the file under key if match accepts its content. It reports
// whether it did. A file that cannot be trusted stays.
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

// CheckWritable fails if a file as long as the longest that is read could not be
// written. A refresh token works once: do not use it if its successor could not be
// stored.
func (f Folder) CheckWritable(key string) error {
	return f.change(func(d *folder) error {
		data := make([]byte, maxFile)
		_, _ = rand.Read(data) // not zeros, for which some file systems reserve no space
		temp, err := d.writeTemp(key, data)
		if err != nil {
			return err
		}
		return d.root.Remove(temp)
	})
}

// Lock lets one process at a time work on key. While another process holds the
// lock, Lock waits, at most for timeout, and returns filelock.ErrDone once done
// reports that there is no reason to wait any more. The lock is not needed to
// read a whole file or to write one; it prevents doing the same work twice.
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
	info fs.FileInfo // of the folder, when it was opened
}

func (d *folder) close() { _ = d.root.Close() }

// checkLock refuses a lock file that another user may hold on purpose.
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
	if err := checkFile(info, d.ignoresModes); err != nil { // it may have been replaced meanwhile
		return nil, err
	}
	return regularfile.ReadAll(file, info.Size(), maxFile)
}

func (d *folder) remove(key string, match func(data []byte) bool) (removed bool, err error) {
	if data, err := d.read(key); err != nil || !match(data) {
		return false, err
	}
	// A process that holds the lock is about to replace the file, which must then not
	// be removed.
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

// writeTemp writes a new file that only this user can read, and returns its
// name. A file that could not be written completely is removed.
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

// staleTemp is the age at which a temporary file is certainly unused: writing
// takes milliseconds.
const staleTemp = time.Hour

// sweep removes temporary files of key that killed processes have left. Their
// age is measured by the file system's clock.
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

// entries lists what is in the folder.
func (d *folder) entries() ([]fs.DirEntry, error) {
	all, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer all.Close()
	return all.ReadDir(-1)
}

// merge sets members of a JSON object, and keeps its other members byte for
// byte: a large number would lose digits as a float64. Old that is not an object
// is replaced.
func merge(old []byte, members map[string]any) ([]byte, error) {
	merged := map[string]json.RawMessage{}
	if err := json.Unmarshal(old, &merged); err != nil || merged == nil {
		merged = map[string]json.RawMessage{}
	}
	for name, value := range members {
		var err error
		if inner, ok := value.(map[string]any); ok {
			merged[name], err = merge(merged[name], inner)
		} else {
			merged[name], err = json.Marshal(value)
		}
		if err != nil {
			return nil, err
		}
	}
	return json.Marshal(merged)
}

// An UntrustedError says why a file, or the folder that it is in, is not used.
type UntrustedError struct{ Reason string }

func (e *UntrustedError) Error() string { return e.Reason }

func untrusted(reason string) error { return &UntrustedError{reason} }

// ErrReadable is the UntrustedError of a file that other users can read, but not
// write: its content is still this user's.
var ErrReadable error = &UntrustedError{"other users can read it"}
