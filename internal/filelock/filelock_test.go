package filelock

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"
)

// A process finds the lock file, which is removed before the process opens it. It
// then holds the lock of a new file, which others respect.
func TestLockReleasedWhileOpening(t *testing.T) {
	t.Parallel()
	folder, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	never := func() bool { return false }
	release, err := Acquire(t.Context(), folder, "a.lock", 0, nil, never)
	if err != nil {
		t.Fatal(err)
	}
	// Another process finds the file, and this one releases the lock before the
	// other opens it.
	checked := 0
	again, err := Acquire(t.Context(), folder, "a.lock", time.Minute, func(fs.FileInfo) error {
		checked++
		release()
		return nil
	}, never)
	if err != nil || checked != 1 {
		t.Fatalf("%v, checked %d times", err, checked)
	}
	if _, err := Acquire(t.Context(), folder, "a.lock", 0, nil, never); !errors.Is(err, ErrTimeout) {
		t.Errorf("two processes hold the lock: %v", err)
	}
	again()
	if _, err := folder.Lstat("a.lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was not removed: %v", err)
	}
}

func TestAcquireEndsWhenTheLockIsNotNeeded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	release, err := Acquire(t.Context(), folder, "a.lock", 0, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	tries := 0
	if _, err := Acquire(t.Context(), folder, "a.lock", time.Minute, nil, func() bool { tries++; return tries == 3 }); !errors.Is(err, ErrDone) || tries != 3 {
		t.Errorf("%v after %d tries", err, tries)
	}
}
