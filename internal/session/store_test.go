package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"git-credential-codecommit/awsprofile"
)

var (
	testNow  = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	testRole = awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/path/CrossAccount"}
)

const testKey = "0123456789abcdef0123456789abcdef01234567"

// newTestStore is an empty store whose clock stands at testNow.
func newTestStore(t *testing.T) *store {
	t.Helper()
	home := t.TempDir()
	return &store{
		home:  home,
		dir:   filepath.Join(home, ".aws", "cli", "cache"),
		now:   func() time.Time { return testNow },
		trace: func(format string, args ...any) { t.Logf(format, args...) },
	}
}

// testEntry is a session of testRole that ends at expires.
func testEntry(expires string) entry {
	return entry{
		Credentials: entryCredentials{
			AccessKeyID: "ASIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret", SessionToken: "token", Expiration: expires,
		},
		AssumedRoleUser: &assumedRoleUser{AssumedRoleID: "AROA:s", Arn: "arn:aws:sts::111122223333:assumed-role/CrossAccount/s"},
	}
}

func (s *store) plant(t *testing.T, content string, mode fs.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := s.path(testKey + ".json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func (e entry) json(t *testing.T) string {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestStoreReadsWhatTheAWSCLIWrote(t *testing.T) {
	t.Parallel()
	// As written by the AWS CLI 1.45.11, with other keys.
	const file = `{"Credentials": {"AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "secret", "SessionToken": "token", ` +
		`"Expiration": "%s", "AccountId": "111122223333"}, "AssumedRoleUser": {"AssumedRoleId": "AROA:botocore-session-1", ` +
		`"Arn": "arn:aws:sts::111122223333:assumed-role/CrossAccount/botocore-session-1"}, ` +
		`"ResponseMetadata": {"RequestId": "x", "HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}}`
	for _, expires := range []string{"2026-11-22T06:00:00Z", "2026-11-22T06:00:00UTC", "2026-11-22T06:00:00+00:00", "2026-11-22T07:00:00+01:00", "2026-11-22T06:00:00.123Z"} {
		s := newTestStore(t)
		s.plant(t, fmt.Sprintf(file, expires), 0o600)
		creds, ok := s.load(testKey, isSessionOf(testRole))
		if !ok || creds.AccessKeyID != "ASIAIOSFODNN7EXAMPLE" || creds.AccountID != "111122223333" || creds.Expires.Sub(testNow).Round(time.Second) != time.Hour {
			t.Errorf("%s: got %+v, %v", expires, creds.Expires, ok)
		}
	}
}

func TestStoreWritesWhatItReads(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	s.save(testKey, testEntry("2026-11-22T06:00:00Z"))
	if _, ok := s.load(testKey, isSessionOf(testRole)); !ok {
		t.Error("not found")
	}
	files, err := os.ReadDir(s.dir)
	if err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestStoreMisses(t *testing.T) {
	t.Parallel()
	good := testEntry("2026-11-22T06:00:00Z")
	change := func(f func(e *entry)) string {
		e := testEntry("2026-11-22T06:00:00Z")
		user := *e.AssumedRoleUser
		e.AssumedRoleUser = &user
		f(&e)
		return e.json(t)
	}
	for name, content := range map[string]string{
		"an empty file":                 "",
		"half a file":                   good.json(t)[:100],
		"another shape":                 `[]`,
		"another shape inside":          `{"Credentials": 1}`,
		"no credentials":                `{}`,
		"a file that is too large":      strings.Repeat(" ", maxEntry) + good.json(t),
		"a session that ends too soon":  testEntry("2026-11-22T05:04:59Z").json(t),
		"a session that has ended":      testEntry("2026-11-22T04:00:00Z").json(t),
		"a session without end":         testEntry("9999-12-31T00:00:00Z").json(t),
		"a session that lasts too long": testEntry("2026-11-22T17:10:01Z").json(t),
		"no end":                        testEntry("").json(t),
		"another form of time":          testEntry("tomorrow").json(t),
		"no token":                      change(func(e *entry) { e.Credentials.SessionToken = "" }),
		"a line feed in the token":      change(func(e *entry) { e.Credentials.SessionToken = "t\nhost=evil.example" }),
		"a space in the secret":         change(func(e *entry) { e.Credentials.SecretAccessKey = "a b" }),
		"a key id that is none":         change(func(e *entry) { e.Credentials.AccessKeyID = "asiaiosfodnn7example" }),
		"no role":                       change(func(e *entry) { e.AssumedRoleUser = nil }),
		"another role":                  change(func(e *entry) { e.AssumedRoleUser.Arn = "arn:aws:sts::111122223333:assumed-role/Other/s" }),
		"a role of another account":     change(func(e *entry) { e.AssumedRoleUser.Arn = "arn:aws:sts::888888888888:assumed-role/CrossAccount/s" }),
		"a role of another partition":   change(func(e *entry) { e.AssumedRoleUser.Arn = "arn:aws-cn:sts::111122223333:assumed-role/CrossAccount/s" }),
		"a role whose name ends alike":  change(func(e *entry) { e.AssumedRoleUser.Arn = "arn:aws:sts::111122223333:assumed-role/XCrossAccount/s" }),
		"an ARN that is none":           change(func(e *entry) { e.AssumedRoleUser.Arn = "CrossAccount" }),
	} {
		s := newTestStore(t)
		s.plant(t, content, 0o600)
		if creds, ok := s.load(testKey, isSessionOf(testRole)); ok {
			t.Errorf("%s: took %s", name, creds)
		}
	}
}

func TestStoreTakesSessionsAtTheEdges(t *testing.T) {
	t.Parallel()
	for _, left := range []time.Duration{minLeft, maxLeft} {
		s := newTestStore(t)
		s.plant(t, testEntry(testNow.Add(left).Format(time.RFC3339)).json(t), 0o600)
		if _, ok := s.load(testKey, isSessionOf(testRole)); !ok {
			t.Errorf("%s left: a miss", left)
		}
	}
}

func TestStoreWantsTheConfiguredSessionName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"": true, "s": true, "other": false} {
		role := testRole
		role.SessionName = name
		if got := isSessionOf(role)(testEntry("2026-11-22T06:00:00Z")); got != want {
			t.Errorf("session name %q: %v", name, got)
		}
	}
}

func TestStoreThatCannotBeWrittenIsNoError(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	if err := os.MkdirAll(filepath.Dir(s.dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.dir, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	s.save(testKey, testEntry("2026-11-22T06:00:00Z"))
	s.lock(t.Context(), testKey, time.Second, func() bool { return false })()
	if _, ok := s.load(testKey, isSessionOf(testRole)); ok {
		t.Error("a session out of nowhere")
	}
}

// Why a file cannot be written is told without the name that it had until then.
func TestStoreTellsOfNoTemporaryFile(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	told := ""
	s.trace = func(format string, args ...any) { told += fmt.Sprintf(format, args...) }
	if err := os.MkdirAll(s.path(testKey+".json"), 0o700); err != nil { // a folder where the file should be
		t.Fatal(err)
	}
	s.save(testKey, testEntry("2026-11-22T06:00:00Z"))
	if told == "" || strings.Contains(told, s.dir) || strings.Contains(told, ".tmp") {
		t.Errorf("told %q", told)
	}
}

func TestNilStoreIsEmpty(t *testing.T) {
	t.Parallel()
	var s *store
	s.save(testKey, testEntry("2026-11-22T06:00:00Z"))
	s.remove(testKey, "", "")
	s.lock(t.Context(), testKey, time.Second, func() bool { return false })()
	if _, ok := s.load(testKey, isSessionOf(testRole)); ok {
		t.Error("a session out of nowhere")
	}
}

func TestRemoveDropsTheRefusedSessionOnly(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	s.save(testKey, testEntry("2026-11-22T06:00:00Z"))
	s.remove(testKey, "ASIAIOSFODNN7EXAMPLE", "another token")
	s.remove(testKey, "ASIAIOSFODNN7EXAMPLX", "token")
	if _, ok := s.load(testKey, isSessionOf(testRole)); !ok {
		t.Fatal("another session's refusal dropped it")
	}
	s.remove(testKey, "ASIAIOSFODNN7EXAMPLE", "token")
	if _, err := os.Stat(s.path(testKey + ".json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

func TestLockIsHeldByOneAtATime(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	never := func() bool { return false }
	unlock := s.lock(t.Context(), testKey, time.Second, never)
	began := time.Now()
	s.lock(t.Context(), testKey, 100*time.Millisecond, never)()
	if waited := time.Since(began); waited < 100*time.Millisecond {
		t.Errorf("waited %s for a lock that was held", waited)
	}
	unlock()
	began = time.Now()
	s.lock(t.Context(), testKey, time.Minute, never)()
	if waited := time.Since(began); waited > 30*time.Second {
		t.Errorf("waited %s for a lock that was free", waited)
	}
}

func TestLockWaitsNoLongerThanForTheSession(t *testing.T) {
	t.Parallel()
	s := newTestStore(t)
	defer s.lock(t.Context(), testKey, time.Second, func() bool { return false })()
	began := time.Now()
	s.lock(t.Context(), testKey, time.Minute, func() bool { return true })()
	if waited := time.Since(began); waited > 30*time.Second {
		t.Errorf("waited %s though the session was there", waited)
	}
}

// Who waits for a session waits as long as another process may take to make it,
// with all that lies before it in the chain.
func TestLockIsWaitedForAsLongAsAnotherMayTake(t *testing.T) {
	t.Parallel()
	other, third, mfa := testRole, testRole, testRole
	other.ARN, third.ARN = "arn:aws:iam::111122223333:role/Other", "arn:aws:iam::111122223333:role/Third"
	mfa.MFASerial = "arn:aws:iam::888888888888:mfa/developer"
	otherMFA := mfa
	otherMFA.ARN = other.ARN
	slowMetadata := awsprofile.Settings{Metadata: awsprofile.MetadataSettings{Timeout: 5 * time.Second, Attempts: 3}}
	for name, c := range map[string]struct {
		chain awsprofile.Chain
		takes time.Duration
	}{
		"keys":               {awsprofile.Chain{Source: awsprofile.StaticKeys{}, Roles: []awsprofile.Role{testRole}}, callTimeout},
		"three roles":        {awsprofile.Chain{Source: awsprofile.StaticKeys{}, Roles: []awsprofile.Role{testRole, other, third}}, 3 * callTimeout},
		"an MFA code":        {awsprofile.Chain{Source: awsprofile.StaticKeys{}, Roles: []awsprofile.Role{mfa}}, promptTimeout + callTimeout},
		"two MFA codes":      {awsprofile.Chain{Source: awsprofile.StaticKeys{}, Roles: []awsprofile.Role{mfa, otherMFA}}, 2 * (promptTimeout + callTimeout)},
		"credential_process": {awsprofile.Chain{Source: awsprofile.Process{}, Roles: []awsprofile.Role{testRole}}, processTimeout + callTimeout},
		"a container":        {awsprofile.Chain{Source: awsprofile.Container{}, Roles: []awsprofile.Role{testRole}}, 8*time.Second + callTimeout},
		"an instance":        {awsprofile.Chain{Source: awsprofile.EC2{}, Settings: slowMetadata, Roles: []awsprofile.Role{testRole}}, 9*5*time.Second + callTimeout},
		"a login":            {awsprofile.Chain{Source: awsprofile.Login{}, Roles: []awsprofile.Role{testRole}}, 2 * callTimeout},
		"a web identity":     {awsprofile.Chain{Source: awsprofile.WebIdentity{}, Roles: []awsprofile.Role{testRole}}, 2 * callTimeout},
		"SSO":                {awsprofile.Chain{Source: awsprofile.SSO{}, Roles: []awsprofile.Role{testRole}}, 3 * callTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) { // the waiting takes no time
				w := newWalk(c.chain, Options{Now: time.Now, Home: home})
				unlock := w.store.lock(t.Context(), testKey, time.Second, func() bool { return false })
				go func() {
					time.Sleep(c.takes)
					w.store.save(testKey, testEntry(time.Now().Add(time.Hour).Format(time.RFC3339)))
					unlock()
				}()
				began := time.Now()
				_, err := w.kept(t.Context(), testKey, isSessionOf(testRole), func() (entry, error) {
					return entry{}, fmt.Errorf("gave up after %s", time.Since(began))
				})
				if err != nil {
					t.Errorf("%v; another may take %s", err, c.takes)
				}
				time.Sleep(c.takes)
			})
		})
	}
}

func FuzzEntry(f *testing.F) {
	f.Add(testEntry("2026-11-22T06:00:00Z").json(&testing.T{}))
	f.Add(`{"Credentials": {}}`)
	f.Fuzz(func(t *testing.T, content string) {
		s := newTestStore(t)
		s.plant(t, content, 0o600)
		creds, ok := s.load(testKey, isSessionOf(testRole))
		if !ok {
			return
		}
		if err := creds.check(); err != nil {
			t.Errorf("%q: %v", content, err)
		}
		if left := creds.Expires.Sub(testNow); left < minLeft || left > maxLeft {
			t.Errorf("%q: ends in %s", content, left)
		}
	})
}
