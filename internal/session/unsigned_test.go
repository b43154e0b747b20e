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
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/identitycenter"
)

// asked is the relevant part of a request.
type asked struct {
	Method, URI, ContentType, Bearer string
	Body                             any // its JSON; nil for none
	dpop                             string
}

// recorder answers every request with a useless response, and records the request.
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

// Unsigned calls send the identifiers, and no Authorization.
func TestUnsignedCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		call func(t *testing.T, w *walk) error
		want asked
	}{
		"GetRoleCredentials": {
			func(_ *testing.T, w *walk) error {
				_, err := w.getRoleCredentials(context.Background(), awsprofile.SSO{Region: "us-east-2", AccountID: "111122223333", RoleName: "Role +=,.@-_/"}, "token/+=")
				return err
			},
			asked{Method: "GET", URI: "/federation/credentials?account_id=111122223333&role_name=Role+%2B%3D%2C.%40-_%2F", Bearer: "token/+="},
		},
		"CreateToken": {
			func(t *testing.T, w *walk) error {
				return renewSSO(t, w, identitycenter.Token{ClientID: "id", ClientSecret: "secret/+=<>&", RefreshToken: "refresh"})
			},
			asked{Method: "POST", URI: "/token", ContentType: "application/json", Body: map[string]any{
				"clientId": "id", "clientSecret": "secret/+=<>&", "grantType": "refresh_token", "refreshToken": "refresh",
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to, requests := recorder(t)
			set := awsprofile.Settings{Endpoints: map[string]string{"sso": to, "sso_oidc": to}}
			w := newWalk(awsprofile.Chain{Settings: set}, Options{Now: time.Now})
			if c.call(t, w) == nil {
				t.Fatal("a refusal was taken for an answer")
			}
			if len(*requests) != 1 || !reflect.DeepEqual((*requests)[0], c.want) {
				t.Errorf("sent\n%+v\nwant\n%+v", *requests, c.want)
			}
		})
	}
}

// The proof of a login's renewal is our implementation (logincreds neither locks
// nor replaces the file, and encodes keys without padding). The SDK's determines
// its format.
func TestLoginRenewalMatchesTheSDK(t *testing.T) {
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
	to, requests := recorder(t)
	w := newWalk(awsprofile.Chain{Settings: awsprofile.Settings{Region: "us-east-2", Endpoints: map[string]string{"signin": to}}}, Options{Now: time.Now})
	_, ours := w.createOAuth2Token(context.Background(), login)
	_, sdks := logincreds.New(signin.New(signin.Options{Region: "us-east-2", BaseEndpoint: &to}), path).Retrieve(context.Background())
	if ours == nil || sdks == nil || len(*requests) != 2 {
		t.Fatalf("%v, %v, %d requests", ours, sdks, len(*requests))
	}
	our, sdk := (*requests)[0], (*requests)[1]
	ourHeader, ourClaims := openDPoP(t, our.dpop, &private.PublicKey)
	header, claims := openDPoP(t, sdk.dpop, &private.PublicKey)
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
	our.dpop, sdk.dpop = "", ""
	if !reflect.DeepEqual(our, sdk) {
		t.Errorf("sent\n%+v\nthe SDK sends\n%+v", our, sdk)
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
