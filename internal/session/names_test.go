package session

import (
	"crypto/elliptic"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/session/store"
	"git-credential-codecommit/test/jsonnames"
)

// Like in the AWS CLI, JSON names are exact in every source.
func TestJSONNamesAreExact(t *testing.T) {
	t.Parallel()
	_, key := newLoginKey(t, elliptic.P256())
	keys := []string{"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
	const issued = `{"Code": "Success", "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s/EXAMPLE", "Token": "t/EXAMPLE", "Expiration": "2026-11-22T06:00:00Z"}`
	for name, c := range map[string]struct {
		file  string
		names []string
		read  func(t *testing.T, file string) (Credentials, error)
	}{
		"credential_process": {
			`{"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s/EXAMPLE", "SessionToken": "t/EXAMPLE", "Expiration": "2026-11-22T06:00:00Z"}`,
			[]string{"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"},
			func(_ *testing.T, file string) (Credentials, error) { return fromProcess([]byte(file)) },
		},
		"container": {issued, keys, func(t *testing.T, file string) (Credentials, error) {
			endpoint, err := containerEndpoint(awsprofile.Container{FullURI: answerWith(t, file)})
			if err != nil {
				t.Fatal(err)
			}
			return askContainer(t.Context(), http.DefaultClient, endpoint, "")
		}},
		"metadata": {issued, keys, func(t *testing.T, file string) (Credentials, error) {
			endpoint, _ := service{putToken: {"token"}, getRole: {"R"}, getRole + "R": {file}}.start(t)
			w := newWalk(awsprofile.Chain{Settings: awsprofile.Settings{Metadata: awsprofile.MetadataSettings{Timeout: 10 * time.Second, Attempts: 1, Endpoint: endpoint}}},
				Options{Now: func() time.Time { return testNow }})
			return instance{}.credentials(t.Context(), w)
		}},
		"aws login": {
			`{"accessToken": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "secretAccessKey": "s/EXAMPLE", "sessionToken": "t/EXAMPLE", "expiresAt": "2026-11-22T06:00:00Z"},` +
				` "refreshToken": "r/EXAMPLE", "clientId": "c/EXAMPLE", "dpopKey": "d/EXAMPLE"}`,
			[]string{"accessToken", "accessKeyId", "secretAccessKey", "sessionToken", "expiresAt", "refreshToken", "clientId", "dpopKey"},
			func(_ *testing.T, file string) (Credentials, error) {
				f, err := parseLogin([]byte(file))
				f.ARN = f.RefreshToken + f.ClientID + f.DPoPKey // for the comparison
				return f.Credentials, err
			},
		},
		"stored session": {
			`{"Credentials": {"AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s/EXAMPLE", "SessionToken": "t/EXAMPLE", "Expiration": "2026-11-22T06:00:00Z"},` +
				` "AssumedRoleUser": {"AssumedRoleId": "AROA:s", "Arn": "arn:aws:sts::111122223333:assumed-role/CrossAccount/EXAMPLE"}}`,
			[]string{"Credentials", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AssumedRoleUser", "Arn"},
			func(t *testing.T, file string) (Credentials, error) {
				w := newStoredWalk(t)
				plant(t, w, file)
				return w.load(testKey, isSessionOf(testRole))
			},
		},
		"stored SSO role": {
			`{"ProviderType": "sso", "Credentials": {"AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s/EXAMPLE", "SessionToken": "t/EXAMPLE", "Expiration": "2026-11-22T06:00:00Z", "AccountId": "111122223333"}}`,
			[]string{"ProviderType", "Credentials", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"},
			func(t *testing.T, file string) (Credentials, error) {
				s := awsprofile.SSO{Session: "s", AccountID: "111122223333", RoleName: "R"}
				w := newStoredWalk(t)
				w.chain.Source = s
				if err := os.MkdirAll(w.store.Dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(w.store.Path(store.SSOKey(s)), []byte(file), 0o600); err != nil {
					t.Fatal(err)
				}
				return ssoRole{s}.credentials(t.Context(), w)
			},
		},
		"SSO portal": {
			fmt.Sprintf(`{"roleCredentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "secretAccessKey": "s/EXAMPLE", "sessionToken": "t/EXAMPLE", "expiration": %d}}`, testNow.Add(time.Hour).UnixMilli()),
			[]string{"roleCredentials", "accessKeyId", "secretAccessKey", "sessionToken", "expiration"},
			func(t *testing.T, file string) (Credentials, error) {
				w := newWalk(awsprofile.Chain{Settings: awsprofile.Settings{Endpoints: map[string]string{"sso": answerWith(t, file)}}}, Options{Now: func() time.Time { return testNow }})
				s, err := w.getRoleCredentials(t.Context(), awsprofile.SSO{Region: "us-east-2", AccountID: "111122223333", RoleName: "R"}, "token")
				if err != nil {
					return Credentials{}, err
				}
				return fromStored(s)
			},
		},
		"sign-in": {
			`{"accessToken": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "secretAccessKey": "s/EXAMPLE", "sessionToken": "t/EXAMPLE"}, "refreshToken": "r/EXAMPLE", "expiresIn": 900}`,
			[]string{"accessToken", "accessKeyId", "secretAccessKey", "sessionToken", "refreshToken", "expiresIn"},
			func(t *testing.T, file string) (Credentials, error) {
				w := newWalk(awsprofile.Chain{Settings: awsprofile.Settings{Region: "us-east-2", Endpoints: map[string]string{"signin": answerWith(t, file)}}}, Options{Now: func() time.Time { return testNow }})
				token, err := w.createOAuth2Token(t.Context(), loginFile{RefreshToken: "r", ClientID: "c", DPoPKey: key})
				if err != nil {
					return Credentials{}, err
				}
				access := token.AccessToken
				return Credentials{
					AccessKeyID: aws.ToString(access.AccessKeyId), SecretAccessKey: aws.ToString(access.SecretAccessKey), SessionToken: aws.ToString(access.SessionToken),
					ARN: aws.ToString(token.RefreshToken), Expires: testNow.Add(time.Duration(aws.ToInt32(token.ExpiresIn)) * time.Second),
				}, nil
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jsonnames.Check(t, c.file, c.names, func(file string) (string, error) {
				creds, err := c.read(t, file)
				return fmt.Sprint(creds.AccessKeyID, " ", creds.SecretAccessKey, " ", creds.SessionToken, " ", creds.AccountID, " ", creds.ARN, " ", creds.Expires.Unix()), err
			})
		})
	}
}

// answerWith returns the URL of a server with one response.
func answerWith(t *testing.T, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
