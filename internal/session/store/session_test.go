package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var testNow = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

const testKey = "0123456789abcdef0123456789abcdef01234567"

// newSessions returns an empty store in a new home folder; its clock shows testNow.
func newSessions(t *testing.T) *Sessions {
	t.Helper()
	home := t.TempDir()
	return &Sessions{
		Folder: Folder{Home: home, Dir: filepath.Join(home, ".aws", "cli", "cache")},
		Now:    func() time.Time { return testNow },
	}
}

// testSession is a session that expires at expires.
func testSession(expires string) Session {
	return Session{
		Credentials: Credentials{
			AccessKeyID: "ASIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret", SessionToken: "token", Expiration: expires,
		},
		AssumedRoleUser: &AssumedRoleUser{AssumedRoleID: "AROA:s", Arn: "arn:aws:sts::111122223333:assumed-role/CrossAccount/s"},
	}
}

// good is a session that can be used.
func good() Session { return testSession("2026-11-22T06:00:00Z") }

func save(t *testing.T, s *Sessions, key string, session Session) {
	t.Helper()
	if err := s.Save(key, session); err != nil {
		t.Fatal(err)
	}
}

// load is Load where every identity is accepted.
func load(s *Sessions, key string) error {
	_, err := s.Load(key, func(Session) error { return nil })
	return err
}

func never() bool { return false }

func TestSessionsLoadWhatTheySave(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	got, err := s.Load(testKey, func(Session) error { return nil })
	if err != nil || got.Credentials != good().Credentials || *got.AssumedRoleUser != *good().AssumedRoleUser {
		t.Errorf("%v, %v", got.AssumedRoleUser, err)
	}
	if files, err := os.ReadDir(s.Dir); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestLoadSaysWhyASessionIsNotUsed(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	if err := load(s, testKey); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	for _, c := range []struct {
		left time.Duration
		want error
	}{{MinLeft - time.Second, ErrExpired}, {-time.Hour, ErrExpired}, {MinLeft, nil}, {MaxLeft, nil}} {
		save(t, s, testKey, testSession(testNow.Add(c.left).Format(time.RFC3339)))
		if err := load(s, testKey); !errors.Is(err, c.want) {
			t.Errorf("%s left: %v", c.left, err)
		}
	}
	save(t, s, testKey, testSession(testNow.Add(MaxLeft+time.Second).Format(time.RFC3339)))
	if err := load(s, testKey); err == nil || errors.Is(err, ErrExpired) {
		t.Errorf("implausible expiry: %v", err)
	}
	save(t, s, testKey, good())
	wrong := errors.New("it is another role's")
	if _, err := s.Load(testKey, func(Session) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("another role: %v", err)
	}
}

func TestNilSessionsAreEmpty(t *testing.T) {
	t.Parallel()
	var s *Sessions
	if err := s.Save(testKey, good()); !errors.Is(err, ErrOff) {
		t.Errorf("Save: %v", err)
	}
	if removed, err := s.Reject(testKey, "", ""); removed || err != nil {
		t.Errorf("Reject: %v, %v", removed, err)
	}
	if removed, err := s.Forget(testKey); removed || err != nil {
		t.Errorf("Forget: %v, %v", removed, err)
	}
	if err := load(s, testKey); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load: %v", err)
	}
}

func TestRejectRemovesTheRejectedSessionOnly(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	for _, other := range [][2]string{{"ASIAIOSFODNN7EXAMPLE", "another token"}, {"ASIAIOSFODNN7EXAMPLX", "token"}, {"", ""}} {
		if removed, err := s.Reject(testKey, other[0], other[1]); removed || err != nil {
			t.Errorf("%q: %v, %v", other, removed, err)
		}
	}
	if err := load(s, testKey); err != nil {
		t.Fatalf("another session's rejection removed it: %v", err)
	}
	if removed, err := s.Reject(testKey, "ASIAIOSFODNN7EXAMPLE", "token"); !removed || err != nil {
		t.Errorf("%v, %v", removed, err)
	}
	if files, err := os.ReadDir(s.Dir); err != nil || len(files) != 0 {
		t.Errorf("still there: %v, %v", files, err)
	}
}

// A process that holds the lock is about to replace the session: removing it at
// that moment could remove the new one.
func TestRejectLeavesASessionThatIsBeingReplaced(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	unlock, err := s.Lock(t.Context(), testKey, time.Second, never)
	if err != nil {
		t.Fatal(err)
	}
	if removed, err := s.Reject(testKey, "ASIAIOSFODNN7EXAMPLE", "token"); removed || err == nil {
		t.Errorf("%v, %v", removed, err)
	}
	unlock()
	if removed, err := s.Reject(testKey, "ASIAIOSFODNN7EXAMPLE", "token"); !removed || err != nil {
		t.Errorf("%v, %v", removed, err)
	}
}

func TestForgetRemovesOneSession(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	if removed, err := s.Forget(testKey); removed || err != nil {
		t.Errorf("without a folder: %v, %v", removed, err)
	}
	if _, err := os.Stat(filepath.Join(s.Home, ".aws")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was created: %v", err)
	}
	save(t, s, testKey, good())
	save(t, s, "other", good())
	if removed, err := s.Forget(testKey); !removed || err != nil {
		t.Errorf("%v, %v", removed, err)
	}
	if files, err := os.ReadDir(s.Dir); err != nil || len(files) != 1 || files[0].Name() != "other.json" {
		t.Errorf("left %v, %v", files, err)
	}
}

// A hundred writers of one session, with readers in between: what is read is
// complete, and equals one of the written sessions.
func TestConcurrentWriters(t *testing.T) {
	t.Parallel()
	s := newSessions(t)
	save(t, s, testKey, good())
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			session := good()
			session.Credentials.SessionToken = strings.Repeat(fmt.Sprintf("%02d", i), 1000)
			if err := s.Save(testKey, session); err != nil {
				t.Error(err)
			}
			data, err := os.ReadFile(s.Path(testKey))
			var got Session
			if err != nil || json.Unmarshal(data, &got) != nil {
				t.Errorf("%v: %.100q", err, data)
				return
			}
			if token := got.Credentials.SessionToken; token != "token" && token != strings.Repeat(token[:2], 1000) {
				t.Errorf("a token of two writers: %.100q", token)
			}
		})
	}
	all.Wait()
	if files, err := os.ReadDir(s.Dir); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
}
