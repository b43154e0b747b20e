package session

import (
	"bytes"
	"context"
	"crypto/elliptic"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

// asked is what of a request counts.
type asked struct {
	Method, URI, ContentType, Bearer string
	Body                             any // its JSON; nil for none
	dpop                             string
}

// recorder answers every request with nothing that is of use, and keeps it.
func recorder(t *testing.T) (to string, requests *[]asked) {
	t.Helper()
	requests = new([]asked)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := asked{r.Method, r.RequestURI, r.Header.Get("Content-Type"), r.Header.Get("x-amz-sso_bearer_token"), nil, r.Header.Get("DPoP")}
		body, err := io.ReadAll(r.Body)
		if err == nil && len(bytes.TrimSpace(body)) > 0 {
			err = json.Unmarshal(body, &a.Body)
		}
		if err != nil || r.Header.Get("Authorization") != "" {
			t.Errorf("%v: %s, Authorization %q", err, body, r.Header.Get("Authorization"))
		}
		*requests = append(*requests, a)
		w.Header().Set("x-amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

// The SDK's clients are not in the program (restjson.go). What they send is
// what AWS takes: each call made here is held against theirs.
func TestCallsAreTheSDKs(t *testing.T) {
	t.Parallel()
	private, key := newLoginKey(t, elliptic.P256())
	login := loginFile{RefreshToken: "refresh/+=", ClientID: "arn:aws:signin:::devtools/same-device", DPoPKey: key}
	file := map[string]any{
		"accessToken": map[string]any{"accessKeyId": "AKIAEXAMPLE", "secretAccessKey": "s", "sessionToken": "t", "accountId": "111122223333", "expiresAt": "2020-01-01T00:00:00Z"},
		"tokenType":   "aws_sigv4", "refreshToken": login.RefreshToken, "clientId": login.ClientID, "dpopKey": key, "idToken": "i",
	}
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "login.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		ours func(w *walk) error
		sdks func(to string) error
	}{
		"GetRoleCredentials": {
			func(w *walk) error {
				_, err := w.getRoleCredentials(context.Background(), awsprofile.SSO{Region: "us-east-2", AccountID: "111122223333", RoleName: "Role +=,.@-_/"}, "token/+=")
				return err
			},
			func(to string) error {
				_, err := sso.New(sso.Options{Region: "us-east-2", BaseEndpoint: &to}).GetRoleCredentials(context.Background(),
					&sso.GetRoleCredentialsInput{AccessToken: aws.String("token/+="), AccountId: aws.String("111122223333"), RoleName: aws.String("Role +=,.@-_/")})
				return err
			},
		},
		"CreateToken": {
			func(w *walk) error {
				_, err := w.renewSSOToken(context.Background(), awsprofile.SSO{Region: "us-east-2"}, ssoTokenFile{ClientID: "id", ClientSecret: "secret/+=<>&", RefreshToken: "refresh"})
				return err
			},
			func(to string) error {
				_, err := ssooidc.New(ssooidc.Options{Region: "us-east-2", BaseEndpoint: &to}).CreateToken(context.Background(),
					&ssooidc.CreateTokenInput{ClientId: aws.String("id"), ClientSecret: aws.String("secret/+=<>&"), GrantType: aws.String("refresh_token"), RefreshToken: aws.String("refresh")})
				return err
			},
		},
		"CreateOAuth2Token": {
			func(w *walk) error {
				_, err := w.createOAuth2Token(context.Background(), login)
				return err
			},
			func(to string) error {
				_, err := logincreds.New(signin.New(signin.Options{Region: "us-east-2", BaseEndpoint: &to}), path).Retrieve(context.Background())
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to, requests := recorder(t)
			set := awsprofile.Settings{Region: "us-east-2", Endpoints: map[string]string{"sso": to, "sso_oidc": to, "signin": to}}
			w := newWalk(awsprofile.Chain{Settings: set}, Options{Now: time.Now})
			if c.ours(w) == nil || c.sdks(to) == nil {
				t.Fatal("a refusal was taken for an answer")
			}
			if len(*requests) != 2 {
				t.Fatalf("%d requests; want one of each", len(*requests))
			}
			ours, sdks := (*requests)[0], (*requests)[1]
			if name == "CreateOAuth2Token" {
				ourHeader, ourClaims := openDPoP(t, ours.dpop, &private.PublicKey)
				header, claims := openDPoP(t, sdks.dpop, &private.PublicKey)
				for _, m := range []map[string]any{ourClaims, claims} {
					if m["jti"] == "" || m["iat"].(float64) == 0 {
						t.Errorf("claims %v", m)
					}
					delete(m, "jti")
					delete(m, "iat")
				}
				if !reflect.DeepEqual(ourClaims, claims) || ourHeader["typ"] != header["typ"] || ourHeader["alg"] != header["alg"] ||
					!sameKeys(ourHeader, header) || !sameKeys(ourHeader["jwk"], header["jwk"]) {
					t.Errorf("proof\n%v %v\nthe SDK's\n%v %v", ourHeader, ourClaims, header, claims)
				}
			}
			ours.dpop, sdks.dpop = "", ""
			if !reflect.DeepEqual(ours, sdks) {
				t.Errorf("sent\n%+v\nthe SDK sends\n%+v", ours, sdks)
			}
		})
	}
}

func sameKeys(a, b any) bool {
	x, y := a.(map[string]any), b.(map[string]any)
	for name := range x {
		if _, ok := y[name]; !ok {
			return false
		}
	}
	return len(x) == len(y)
}

// What fails for a moment is asked again, what is refused is not.
func TestCallsAreTriedAgainWhereItHelps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		header string
		body   string
		tries  int
		says   string
	}{
		{"unavailable", 503, "", "<html>", 3, "it answered 503 and not as AWS does"},
		{"throttled without a code", 429, "", "<html>", 3, "it answered 429 and not as AWS does"},
		{"throttled", 429, "TooManyRequestsException", "{}", 3, "too many calls (tried 3 times)"},
		{"throttled, in the body", 400, "", `{"__type": "com.amazonaws.sso#ThrottlingException"}`, 3, "too many calls (tried 3 times)"},
		{"not JSON", 200, "", "<html>", 3, "what answered is not AWS"},
		{"empty", 200, "", "", 3, "the answer is empty"},
		{"refused", 403, "AccessDeniedException:http://internal.amazon.com/coral/", "{}", 1, "refused access"},
		{"a redirect", 302, "", "", 1, "it answered 302 and not as AWS does"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the pauses take no time
				tries, traced := 0, 0
				w := newWalk(awsprofile.Chain{}, Options{Now: time.Now, Trace: func(string, ...any) { traced++ }})
				w.client = &http.Client{
					Transport: &awsclient.CappedTransport{Seen: w.clock.See, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
						tries++
						header := http.Header{"Location": {"https://elsewhere.example"}}
						if c.header != "" {
							header.Set("x-amzn-errortype", c.header)
						}
						return &http.Response{Request: r, StatusCode: c.status, Header: header, ContentLength: int64(len(c.body)), Body: io.NopCloser(strings.NewReader(c.body))}, nil
					})},
					CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
				}
				var answer struct{}
				err := awsclient.CallError("SSO", w.restJSON(context.Background(), "https://oidc.us-east-2.amazonaws.com/token", false, nil, nil, &answer))
				if tries != c.tries || traced != c.tries-1 || !strings.HasSuffix(err.Error(), c.says) {
					t.Errorf("%d tries, %d told, %v; want %d, %s", tries, traced, err, c.tries, c.says)
				}
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCallThatIsNotAnsweredInTime(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer server.Close()
	defer close(hold)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := awsclient.CallError("SSO", newWalk(awsprofile.Chain{}, Options{Now: time.Now}).restJSON(ctx, server.URL, false, nil, nil, nil))
	if want := "cannot ask SSO: " + strings.TrimPrefix(server.URL, "http://") + ": no answer in time"; err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
}
