package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
)

// Every source accepts every time format of AWS and related programs, not only RFC
// 3339.
func TestEverySourceReadsEveryFormOfTime(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(expires string) (time.Time, error){
		"credential_process": func(expires string) (time.Time, error) {
			creds, err := fromProcess(fmt.Appendf(nil, `{"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "Expiration": %q}`, expires))
			return creds.Expires, err
		},
		"container and metadata": func(expires string) (time.Time, error) {
			creds, err := fromMetadata(fmt.Appendf(nil, `{"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "Token": "t", "Expiration": %q}`, expires))
			return creds.Expires, err
		},
		"aws login": func(expires string) (time.Time, error) {
			f, err := parseLogin(fmt.Appendf(nil, `{"accessToken": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "expiresAt": %q}}`, expires))
			return f.Expires, err
		},
		"AWS_CREDENTIAL_EXPIRATION": func(expires string) (time.Time, error) {
			creds, err := environmentKeys{awsprofile.EnvironmentKeys{Expires: expires}}.credentials(t.Context(), nil)
			return creds.Expires, err
		},
		"stored session": func(expires string) (time.Time, error) {
			w := newStoredWalk(t)
			plant(t, w, jsonOf(t, testSession(expires)))
			creds, err := w.load(testKey, isSessionOf(testRole))
			return creds.Expires, err
		},
	} {
		want := testNow.Add(time.Hour)
		for _, form := range []string{
			"2026-11-22T06:00:00Z", "2026-11-22T06:00:00UTC", "2026-11-22T06:00:00+00:00", "2026-11-22T06:00:00+00", "2026-11-22T06:00:00.25Z",
			"2026-11-22T06:00Z", "20261122T060000Z", "2026-11-22 06:00:00 UTC", "Sun, 22 Nov 2026 06:00:00 GMT",
		} {
			if got, err := read(form); err != nil || !got.Truncate(time.Second).Equal(want) {
				t.Errorf("%s: %s: %v, %v", name, form, got, err)
			}
		}
		if got, err := read("tomorrow"); err == nil {
			t.Errorf("%s: %v", name, got)
		} else if strings.Contains(err.Error(), "tomorrow") {
			t.Errorf("%s: the error shows the text: %v", name, err)
		}
	}
}
