package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session/store"
	"git-credential-codecommit/internal/shell"
)

var (
	testNow  = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	testRole = awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/path/CrossAccount"}
)

const testKey = "0123456789abcdef0123456789abcdef01234567"

// newStoredWalk returns a walk with an empty store; its clock shows testNow.
func newStoredWalk(t *testing.T) *walk {
	t.Helper()
	return newWalk(awsprofile.Chain{}, Options{Home: t.TempDir(), Now: func() time.Time { return testNow }, Trace: t.Logf})
}

// testSession is a session of testRole that expires at expires.
func testSession(expires string) store.Session {
	return store.Session{
		Credentials: store.Credentials{
			AccessKeyID: "ASIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret", SessionToken: "token", Expiration: expires,
		},
		AssumedRoleUser: &store.AssumedRoleUser{AssumedRoleID: "AROA:s", Arn: "arn:aws:sts::111122223333:assumed-role/CrossAccount/s"},
	}
}

// plant writes a file into the store.
func plant(t *testing.T, w *walk, content string) {
	t.Helper()
	if err := os.MkdirAll(w.store.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.store.Path(testKey), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func jsonOf(t *testing.T, s store.Session) string {
	t.Helper()
	data, err := json.Marshal(s)
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
		w := newStoredWalk(t)
		plant(t, w, fmt.Sprintf(file, expires))
		creds, err := w.load(testKey, isSessionOf(testRole))
		if err != nil || creds.AccessKeyID != "ASIAIOSFODNN7EXAMPLE" || creds.AccountID != "111122223333" || creds.Expires.Sub(testNow).Round(time.Second) != time.Hour {
			t.Errorf("%s: got %+v, %v", expires, creds.Expires, err)
		}
	}
}

func TestStoreMisses(t *testing.T) {
	t.Parallel()
	good := jsonOf(t, testSession("2026-11-22T06:00:00Z"))
	change := func(f func(s *store.Session)) string {
		s := testSession("2026-11-22T06:00:00Z")
		f(&s)
		return jsonOf(t, s)
	}
	for name, content := range map[string]string{
		"an empty file":                 "",
		"half a file":                   good[:100],
		"another shape":                 `[]`,
		"another shape inside":          `{"Credentials": 1}`,
		"no credentials":                `{}`,
		"a file that is too large":      strings.Repeat(" ", maxSmallFile) + good,
		"a session that ends too soon":  jsonOf(t, testSession("2026-11-22T05:04:59Z")),
		"a session that has ended":      jsonOf(t, testSession("2026-11-22T04:00:00Z")),
		"a session without end":         jsonOf(t, testSession("9999-12-31T00:00:00Z")),
		"a session that lasts too long": jsonOf(t, testSession("2026-11-22T17:10:01Z")),
		"no end":                        jsonOf(t, testSession("")),
		"another form of time":          jsonOf(t, testSession("tomorrow")),
		"no token":                      change(func(s *store.Session) { s.Credentials.SessionToken = "" }),
		"a line feed in the token":      change(func(s *store.Session) { s.Credentials.SessionToken = "t\nhost=evil.example" }),
		"a space in the secret":         change(func(s *store.Session) { s.Credentials.SecretAccessKey = "a b" }),
		"a key id that is none":         change(func(s *store.Session) { s.Credentials.AccessKeyID = "asiaiosfodnn7example" }),
		"no role":                       change(func(s *store.Session) { s.AssumedRoleUser = nil }),
		"another role":                  change(func(s *store.Session) { s.AssumedRoleUser.Arn = "arn:aws:sts::111122223333:assumed-role/Other/s" }),
		"a role of another account": change(func(s *store.Session) {
			s.AssumedRoleUser.Arn = "arn:aws:sts::888888888888:assumed-role/CrossAccount/s"
		}),
		"a role of another partition": change(func(s *store.Session) {
			s.AssumedRoleUser.Arn = "arn:aws-cn:sts::111122223333:assumed-role/CrossAccount/s"
		}),
		"a role whose name ends alike": change(func(s *store.Session) {
			s.AssumedRoleUser.Arn = "arn:aws:sts::111122223333:assumed-role/XCrossAccount/s"
		}),
		"an ARN that is none": change(func(s *store.Session) { s.AssumedRoleUser.Arn = "CrossAccount" }),
	} {
		w := newStoredWalk(t)
		plant(t, w, content)
		if creds, err := w.load(testKey, isSessionOf(testRole)); err == nil {
			t.Errorf("%s: took %s", name, creds)
		}
	}
}

func TestStoredSessionHasTheConfiguredName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"": true, "s": true, "other": false} {
		role := testRole
		role.SessionName = name
		if got := isSessionOf(role)(testSession("2026-11-22T06:00:00Z")); got != want {
			t.Errorf("session name %q: %v", name, got)
		}
	}
}

// A process waits for a session as long as another process may take to obtain it,
// including a source that is never stored.
func TestLockTimeoutCoversTheOtherProcess(t *testing.T) {
	t.Parallel()
	other, mfa := testRole, testRole
	other.ARN = "arn:aws:iam::111122223333:role/Other"
	mfa.MFASerial = "arn:aws:iam::888888888888:mfa/developer"
	slowMetadata := awsprofile.Settings{Metadata: awsprofile.MetadataSettings{Timeout: 5 * time.Second, Attempts: 3}}
	role := []awsprofile.Role{testRole}
	for name, c := range map[string]struct {
		chain awsprofile.Chain
		takes time.Duration
	}{
		"keys":               {awsprofile.Chain{Source: awsprofile.StaticKeys{}, Roles: role}, callTimeout},
		"the second role":    {awsprofile.Chain{Source: awsprofile.Process{}, Roles: []awsprofile.Role{other, testRole}}, callTimeout},
		"an MFA code":        {awsprofile.Chain{Source: awsprofile.StaticKeys{}, Roles: []awsprofile.Role{mfa}}, promptTimeout + callTimeout},
		"credential_process": {awsprofile.Chain{Source: awsprofile.Process{}, Roles: role}, 2*time.Minute + callTimeout},
		"on the terminal":    {awsprofile.Chain{Source: awsprofile.Process{}, Roles: role}, 10*time.Minute + callTimeout},
		"a container":        {awsprofile.Chain{Source: awsprofile.Container{}, Roles: role}, 8*time.Second + callTimeout},
		"an instance":        {awsprofile.Chain{Source: awsprofile.EC2{}, Settings: slowMetadata, Roles: role}, 9*5*time.Second + callTimeout},
		"a login":            {awsprofile.Chain{Source: awsprofile.Login{}, Roles: role}, 2 * callTimeout},
		"a web identity":     {awsprofile.Chain{Source: awsprofile.WebIdentity{}}, callTimeout},
		"SSO":                {awsprofile.Chain{Source: awsprofile.SSO{}}, 2 * callTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) { // the waiting takes no time
				w := newWalk(c.chain, Options{Now: time.Now, Home: home})
				w.openTerminal = func() *terminal { return nil }
				if name == "on the terminal" {
					w.openTerminal = func() *terminal { return &terminal{} }
				}
				n := len(c.chain.Roles)
				for i := range n {
					w.identities[i].known = true // only the last one is tested
				}
				unlock := w.lock(t.Context(), w.store.Folder, w.key(n), time.Second, func() bool { return false })
				go func() {
					time.Sleep(c.takes)
					_ = w.save(w.key(n), testSession(time.Now().Add(time.Hour).Format(time.RFC3339)))
					unlock()
				}()
				began := time.Now()
				_, err := w.stored(t.Context(), n, isSessionOf(testRole), func() (store.Session, error) {
					return store.Session{}, fmt.Errorf("gave up after %s", time.Since(began))
				})
				if err != nil {
					t.Errorf("%v; another may take %s", err, c.takes)
				}
				time.Sleep(c.takes)
			})
		})
	}
}

func FuzzStoredSession(f *testing.F) {
	f.Add(jsonOf(&testing.T{}, testSession("2026-11-22T06:00:00Z")))
	f.Add(`{"Credentials": {}}`)
	f.Fuzz(func(t *testing.T, content string) {
		w := newStoredWalk(t)
		plant(t, w, content)
		creds, err := w.load(testKey, isSessionOf(testRole))
		if err != nil {
			return
		}
		if err := creds.check(); err != nil {
			t.Errorf("%q: %v", content, err)
		}
		if left := creds.Expires.Sub(testNow); left < store.MinLeft || left > store.MaxLeft {
			t.Errorf("%q: ends in %s", content, left)
		}
	})
}

func TestForgetRemovesTheSessionOfTheLastRole(t *testing.T) {
	t.Parallel()
	other := testRole
	other.ARN = "arn:aws:iam::111122223333:role/Other"
	chain := awsprofile.Chain{Source: awsprofile.StaticKeys{}, Roles: []awsprofile.Role{other, testRole}}
	o := Options{Home: t.TempDir(), Now: func() time.Time { return testNow }}
	w := newWalk(chain, o)
	for n := 1; n <= 2; n++ {
		if err := w.save(w.key(n), testSession("2026-11-22T06:00:00Z")); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []bool{true, false} {
		if removed, err := Forget(chain, o); removed != want || err != nil {
			t.Errorf("time %d: %v, %v", i+1, removed, err)
		}
	}
	if _, err := os.Stat(w.store.Path(w.key(1))); err != nil {
		t.Errorf("another role's session: %v", err)
	}
	if removed, err := Forget(awsprofile.Chain{Source: awsprofile.StaticKeys{}}, o); removed || err != nil {
		t.Errorf("access keys: %v, %v", removed, err)
	}
	if err := os.Mkdir(w.store.Path(w.key(2)), 0o700); err != nil {
		t.Fatal(err)
	}
	if removed, err := Forget(chain, o); removed || err == nil || !strings.Contains(err.Error(), w.store.Path(w.key(2))) {
		t.Errorf("a folder in its place: %v, %v", removed, err)
	}
}

// Sign-in tokens get the same checks as sessions.
func TestTokensThatAnotherUserCanHaveWrittenAreNotUsed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs POSIX permissions")
	}
	const soon = "2026-11-22T06:00:00Z"
	for name, c := range map[string]struct {
		file, content string
		get           func(w *walk) error
	}{
		"SSO": {
			".aws/sso/cache/" + store.TokenKey("s", "") + ".json", `{"accessToken": "t", "expiresAt": "` + soon + `"}`,
			func(w *walk) error { _, err := ssoToken(t, w, awsprofile.SSO{Session: "s"}); return err },
		},
		"login": {
			".aws/login/cache/" + store.LoginKey("s") + ".json", `{"accessToken": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "expiresAt": "` + soon + `"}}`,
			func(w *walk) error {
				_, err := login{awsprofile.Login{Session: "s"}}.credentials(t.Context(), w)
				return err
			},
		},
	} {
		w := newStoredWalk(t)
		path := filepath.Join(w.Home, c.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.get(w); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for mode, hint := range map[fs.FileMode]cli.Hint{0o644: cli.Run("chmod 600 " + shell.Path(path)), 0o660: cli.Run("ls -l " + shell.Path(path))} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			err := c.get(w)
			var file *store.FileError
			if !errors.As(err, &file) || file.Path != path || !slices.Equal(file.Hints(), []cli.Hint{hint}) {
				t.Errorf("%s, mode %v: %v", name, mode, err)
			}
		}
	}
}
