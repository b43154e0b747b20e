package store

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"git-credential-codecommit/internal/filelock"
)

// Temporary files of killed processes are removed once they are certainly unused;
// those of other keys and programs are kept.
func TestStaleTemporaryFilesAreRemoved(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	at := func(name string) string { return filepath.Join(s.Dir, name) }
	old, young := at(testKey+"."+rand.Text()+".tmp"), at(testKey+"."+rand.Text()+".tmp")
	other, theirs := at("other."+rand.Text()+".tmp"), at(testKey+".backup.tmp")
	for path, age := range map[string]time.Duration{old: 2 * time.Hour, young: time.Minute, other: 2 * time.Hour, theirs: 2 * time.Hour} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		written := time.Now().Add(-age)
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
	}
	save(t, s, testKey, good())
	for path, want := range map[string]bool{old: false, young: true, other: true, theirs: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestLargestFile(t *testing.T) {
	t.Parallel()
	f := newSessions(t).Folder
	for size, want := range map[int]bool{0: true, maxFile: true, maxFile + 1: false} {
		if err := f.Write(testKey, make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if data, err := f.Read(testKey); (err == nil) != want || want && len(data) != size {
			t.Errorf("%d bytes: %d, %v", size, len(data), err)
		}
	}
}

// The message gives the reason, without the name of a temporary file.
func TestWriteErrorNamesNoTemporaryFile(t *testing.T) {
	t.Parallel()
	f := newSessions(t).Folder
	if err := os.MkdirAll(f.Path(testKey), 0o700); err != nil { // a folder in the file's place
		t.Fatal(err)
	}
	err := f.Write(testKey, nil)
	if err == nil || strings.Contains(err.Error(), f.Dir) || strings.Contains(err.Error(), testKey) {
		t.Errorf("%v", err)
	}
	if files, err := os.ReadDir(f.Dir); err != nil || len(files) != 1 {
		t.Errorf("left %v, %v", files, err)
	}
}

func TestUpdateKeepsOtherMembersByteForByte(t *testing.T) {
	t.Parallel()
	f := newSessions(t).Folder
	const before = `{"accessToken":"old","inner":{"a":1,"serial":12345678901234567890.10},"null":null,"other":[1e400, 9007199254740993]}`
	if err := f.Write(testKey, []byte(before)); err != nil {
		t.Fatal(err)
	}
	if err := f.Update(testKey, map[string]any{"accessToken": "new", "inner": map[string]any{"a": "two"}}); err != nil {
		t.Fatal(err)
	}
	const want = `{"accessToken":"new","inner":{"a":"two","serial":12345678901234567890.10},"null":null,"other":[1e400,9007199254740993]}`
	if data, err := f.Read(testKey); err != nil || string(data) != want {
		t.Errorf("%s, %v", data, err)
	}
}

func TestUpdateReplacesNonObjects(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "null", "[1]", `"a"`, "{", `{"inner":7}`} {
		f := newSessions(t).Folder
		if err := f.Write(testKey, []byte(before)); err != nil {
			t.Fatal(err)
		}
		if err := f.Update(testKey, map[string]any{"inner": map[string]any{"a": 1}}); err != nil {
			t.Fatal(err)
		}
		if data, err := f.Read(testKey); err != nil || string(data) != `{"inner":{"a":1}}` {
			t.Errorf("%q: %s, %v", before, data, err)
		}
	}
}

func TestReadOnlyFolderChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	s.ReadOnly = true
	_, lockErr := s.Lock(t.Context(), testKey, 0, never)
	_, removeErr := s.Forget(testKey)
	for _, err := range []error{s.Write(testKey, nil), s.Update(testKey, nil), s.CheckWritable(testKey), lockErr, removeErr} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%v", err)
		}
	}
	if err := load(s, testKey); err != nil {
		t.Error(err)
	}
}

func TestCheckWritableLeavesNothing(t *testing.T) {
	t.Parallel()
	f := newSessions(t).Folder
	if err := f.CheckWritable(testKey); err != nil {
		t.Error(err)
	}
	if files, err := os.ReadDir(f.Dir); err != nil || len(files) != 0 {
		t.Errorf("left %v, %v", files, err)
	}
}

func TestLockIsHeldByOneAtATime(t *testing.T) {
	t.Parallel()
	f := newSessions(t).Folder
	unlock, err := f.Lock(t.Context(), testKey, time.Second, never)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := f.Lock(t.Context(), testKey, 100*time.Millisecond, never); !errors.Is(err, filelock.ErrTimeout) {
		t.Errorf("a lock that is held: %v", err)
	}
	if waited := time.Since(began); waited < 100*time.Millisecond {
		t.Errorf("waited %s for a lock that was held", waited)
	}
	if _, err := f.Lock(t.Context(), testKey, time.Minute, func() bool { return true }); !errors.Is(err, filelock.ErrDone) {
		t.Errorf("a lock that is not needed any more: %v", err)
	}
	unlock()
	again, err := f.Lock(t.Context(), testKey, time.Minute, never)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// Lock files do not accumulate, and removing them never lets two processes in at
// the same time.
func TestLockLeavesNothing(t *testing.T) {
	t.Parallel()
	f := newSessions(t).Folder
	var inside, entered atomic.Int32
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			for range 5 {
				unlock, err := f.Lock(t.Context(), testKey, 5*time.Minute, never)
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two at a time")
				}
				entered.Add(1)
				time.Sleep(time.Millisecond)
				inside.Add(-1)
				unlock()
			}
		})
	}
	all.Wait()
	if entered.Load() != 200 {
		t.Errorf("entered %d times", entered.Load())
	}
	if files, err := os.ReadDir(f.Dir); err != nil || len(files) != 0 {
		t.Errorf("left %v, %v", files, err)
	}
}

// A lock file of a killed process is used, and then removed.
func TestLockFileOfAKilledProcess(t *testing.T) {
	t.Parallel()
	f := newSessions(t).Folder
	if err := f.Write("other", nil); err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(f.Dir, testKey+".lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unlock, err := f.Lock(t.Context(), testKey, 0, never)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if _, err := os.Lstat(lock); err == nil {
		t.Error("it is left")
	}
}
