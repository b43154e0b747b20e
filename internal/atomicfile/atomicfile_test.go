package atomicfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func onlyFile(t *testing.T, path string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 || files[0].Name() != filepath.Base(path) {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestReplaceKeepsTheMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs POSIX permissions")
	}
	for _, mode := range []fs.FileMode{0, 0o600, 0o640, 0o644, 0o664, 0o400} { // 0: it does not exist
		path := filepath.Join(t.TempDir(), "config")
		want := mode
		if mode != 0 {
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		} else {
			want = 0o600
		}
		l, err := Acquire(t.Context(), path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Replace([]byte("new")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != want || read(t, path) != "new" {
			t.Errorf("mode %v: then %v, %v", mode, info.Mode(), err)
		}
		onlyFile(t, path)
	}
}

func TestReleaseChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Acquire(t.Context(), path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
	l.Release()
	if err := l.Replace(nil); err == nil {
		t.Error("replaced without the lock")
	}
	if read(t, path) != "old" {
		t.Error("it is changed")
	}
	onlyFile(t, path)
}

// After Replace, the lock may belong to another process.
func TestReleaseAfterReplaceRemovesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	first, err := Acquire(t.Context(), path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Replace([]byte("first")); err != nil {
		t.Fatal(err)
	}
	second, err := Acquire(t.Context(), path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	if err := second.Replace([]byte("second")); err != nil {
		t.Error(err)
	}
}

func TestAcquireWaitsUntilTheLockIsReleased(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	held, err := Acquire(t.Context(), path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Acquire(ctx, path, 0o600); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	held.Release()
	again, err := Acquire(t.Context(), path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	again.Release()
}

func TestConcurrentWriters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			l, err := Acquire(t.Context(), path, 0o600)
			var locked *LockedError
			switch {
			case errors.As(err, &locked): // a busy machine
				return
			case err != nil:
				t.Error(err)
				return
			}
			defer l.Release()
			old, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
			}
			if err := l.Replace(append(old, "0123456789\n"...)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	text := read(t, path)
	if n := strings.Count(text, "0123456789\n"); n == 0 || len(text) != n*11 {
		t.Errorf("%q", text)
	}
	onlyFile(t, path)
}

func TestErrorNamesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "nowhere", "config")
	_, err := Acquire(t.Context(), path, 0o600)
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "cannot write "+path+".lock: "+errors.Unwrap(err).Error() {
		t.Errorf("%v", err)
	}
}
