package awsfake

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// An oidcCaller calls the OIDC service as a registered client.
type oidcCaller struct {
	t      *testing.T
	client *http.Client
	id     map[string]any // clientId and clientSecret
}

func newOIDCCaller(t *testing.T, c *Cloud, grants ...string) *oidcCaller {
	t.Helper()
	o := &oidcCaller{t: t, client: client(t, c)}
	fields := map[string]any{"clientName": "test", "clientType": "public"}
	if len(grants) > 0 {
		maps.Copy(fields, map[string]any{"grantTypes": grants, "redirectUris": []string{loopbackRedirect}, "issuerUrl": SSOStartURL, "scopes": []string{accountAccess}})
	}
	status, answer := o.call("client/register", fields)
	if status != 200 {
		t.Fatalf("RegisterClient: %d %v", status, answer)
	}
	o.id = map[string]any{"clientId": answer["clientId"], "clientSecret": answer["clientSecret"]}
	return o
}

func (o *oidcCaller) call(path string, fields map[string]any) (int, map[string]any) {
	o.t.Helper()
	all := maps.Clone(fields)
	maps.Copy(all, o.id)
	body, err := json.Marshal(all)
	if err != nil {
		o.t.Fatal(err)
	}
	status, text := fetch(o.t, o.client, http.MethodPost, "https://oidc.us-east-2.amazonaws.com/"+path, http.Header{"Content-Type": {"application/json"}}, string(body))
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		o.t.Fatalf("%v: %s", err, text)
	}
	return status, answer
}

func newPerson(t *testing.T, c *Cloud) *Person {
	t.Helper()
	p, err := c.NewPerson()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// listen simulates a client that waits on loopback for the browser.
func listen(t *testing.T) (redirect string, answers <-chan url.Values) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan url.Values, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.URL.Query() })}
	go server.Serve(l) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { server.Close() })
	return "http://" + l.Addr().String() + "/oauth/callback", got
}

func TestAuthorizationCodeNeedsItsVerifier(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	o := newOIDCCaller(t, s.Cloud, grantAuthCode, grantRefresh)
	redirect, answers := listen(t)
	person := newPerson(t, s.Cloud)
	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // of RFC 7636, appendix B
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	if challenge != "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" {
		t.Fatal(challenge)
	}
	id, _ := o.id["clientId"].(string)
	good := url.Values{
		"response_type": {"code"}, "client_id": {id}, "redirect_uri": {redirect}, "state": {"s"},
		"code_challenge_method": {"S256"}, "scopes": {accountAccess}, "code_challenge": {challenge},
	}
	const page = "https://oidc.us-east-2.amazonaws.com/authorize?"
	for name, bad := range map[string]string{
		"response_type": "token", "client_id": "other", "redirect_uri": "http://evil.example/oauth/callback", "state": "",
		"code_challenge_method": "plain", "scopes": "other:scope", "code_challenge": challenge + "=",
	} {
		query := maps.Clone(good)
		query.Set(name, bad)
		if text, _, err := person.Decide(t.Context(), page+query.Encode(), Allow); err == nil || !strings.Contains(text, "<title>Error</title>") {
			t.Errorf("%s=%s: %v: %s", name, bad, err, text)
		}
	}
	allow := func() string {
		t.Helper()
		if text, _, err := person.Decide(t.Context(), page+good.Encode(), Allow); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		answer := <-answers
		if answer.Get("state") != "s" || answer.Get("code") == "" {
			t.Fatalf("redirected with %v", answer)
		}
		return answer.Get("code")
	}
	for name, change := range map[string]map[string]any{
		"another verifier":     {"codeVerifier": strings.Repeat("x", 43)},
		"no verifier":          {"codeVerifier": ""},
		"another redirect URI": {"redirectUri": "http://127.0.0.1:1/oauth/callback"},
		"another code":         {"code": "other"},
	} {
		fields := map[string]any{"grantType": grantAuthCode, "code": allow(), "codeVerifier": verifier, "redirectUri": redirect}
		maps.Copy(fields, change)
		if status, answer := o.call("token", fields); status != 400 || answer["error"] != "invalid_grant" {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	fields := map[string]any{"grantType": grantAuthCode, "code": allow(), "codeVerifier": verifier, "redirectUri": redirect}
	if status, answer := newOIDCCaller(t, s.Cloud, grantAuthCode).call("token", fields); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("another client: %d %v", status, answer)
	}
	fields["code"] = allow()
	if status, answer := o.call("token", fields); status != 200 || answer["refreshToken"] == nil {
		t.Errorf("%d %v", status, answer)
	}
	if status, answer := o.call("token", fields); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("a second time: %d %v", status, answer)
	}
	if _, _, err := person.Decide(t.Context(), page+good.Encode(), Deny); err != nil {
		t.Fatal(err)
	}
	if answer := <-answers; answer.Get("error") != "access_denied" || answer.Get("state") != "s" || answer.Has("code") {
		t.Errorf("denied: redirected with %v", answer)
	}
}

func TestDeviceCodeWaitsForAPerson(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	o := newOIDCCaller(t, s.Cloud)
	person := newPerson(t, s.Cloud)
	offset := time.Duration(0)
	wait := func(long time.Duration) {
		offset += long
		s.SetClock(offset)
	}
	start := func() (page string, try func(want string)) {
		t.Helper()
		status, answer := o.call("device_authorization", map[string]any{"startUrl": SSOStartURL})
		if status != 200 {
			t.Fatalf("%d %v", status, answer)
		}
		page, _ = answer["verificationUriComplete"].(string)
		return page, func(want string) {
			t.Helper()
			status, token := o.call("token", map[string]any{"grantType": grantDevice, "deviceCode": answer["deviceCode"]})
			if got, _ := token["error"].(string); got != want || (status == 200) != (want == "") {
				t.Errorf("%d %v; want %q", status, token, want)
			}
			if token["refreshToken"] != nil {
				t.Error("a refresh token without the scope for it")
			}
		}
	}
	page, try := start()
	try("authorization_pending")
	try("slow_down")
	wait(2 * time.Second)
	if text, _, err := person.Decide(t.Context(), page, Allow); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	try("")
	try("invalid_grant")

	page, try = start()
	if _, _, err := person.Decide(t.Context(), page, Deny); err != nil {
		t.Fatal(err)
	}
	try("access_denied")

	_, try = start()
	wait(11 * time.Minute)
	try("expired_token")

	if status, answer := o.call("device_authorization", map[string]any{"startUrl": "https://other.awsapps.com/start"}); status != 400 || answer["error"] != "invalid_request" {
		t.Errorf("another start URL: %d %v", status, answer)
	}
	if status, answer := newOIDCCaller(t, s.Cloud, grantAuthCode).call("device_authorization", map[string]any{"startUrl": SSOStartURL}); status != 400 || answer["error"] != "unauthorized_client" {
		t.Errorf("a client of the other grant: %d %v", status, answer)
	}
}

func TestRegistrationIsChecked(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	o := &oidcCaller{t: t, client: client(t, s.Cloud)}
	good := map[string]any{"clientName": "test", "clientType": "public", "grantTypes": []string{grantAuthCode}, "redirectUris": []string{loopbackRedirect}, "issuerUrl": SSOStartURL, "scopes": []string{accountAccess}}
	for field, bad := range map[string]any{
		"clientName": "", "clientType": "confidential", "redirectUris": []string{"https://evil.example/"},
		"issuerUrl": "https://evil.example/start", "scopes": []string{"other:scope"},
	} {
		fields := maps.Clone(good)
		fields[field] = bad
		if status, answer := o.call("client/register", fields); status != 400 {
			t.Errorf("%s: %v: %d %v", field, bad, status, answer)
		}
	}
}

func TestPortalListsInPagesUntilLogout(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	hc := client(t, s.Cloud)
	token := s.NewSSOToken(time.Hour)
	call := func(method, path string) (int, map[string]any) {
		t.Helper()
		status, text := fetch(t, hc, method, "https://portal.sso.us-east-2.amazonaws.com/"+path, http.Header{"X-Amz-Sso_bearer_token": {token.AccessToken}}, "")
		var answer map[string]any
		if text != "" {
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
		}
		return status, answer
	}
	s.SetPortalPages(1)
	_, first := call(http.MethodGet, "assignment/accounts")
	_, second := call(http.MethodGet, "assignment/accounts?next_token=1")
	one, _ := first["accountList"].([]any)
	two, _ := second["accountList"].([]any)
	if len(one) != 1 || len(two) != 1 || first["nextToken"] != "1" || second["nextToken"] != nil {
		t.Errorf("%v %v", first, second)
	}
	if _, roles := call(http.MethodGet, "assignment/roles?account_id="+AccountA); len(roles["roleList"].([]any)) != 1 {
		t.Errorf("%v", roles)
	}
	if status, _ := call(http.MethodPost, "logout"); status != 200 || s.SSOTokens() != 0 {
		t.Errorf("logout: %d", status)
	}
	if status, _ := call(http.MethodGet, "assignment/accounts"); status != 401 {
		t.Errorf("after logout: %d", status)
	}
}
