package awsfake

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestContainerCredentials(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	for name, c := range map[string]struct {
		url    string
		header http.Header
		want   int
	}{
		"token":       {s.ContainerURL(), http.Header{"Authorization": {ContainerToken}}, 200},
		"wrong token": {s.ContainerURL(), http.Header{"Authorization": {"x"}}, 401},
		"no token":    {s.ContainerURL(), nil, 401},
		"other path":  {s.ContainerURL() + "x", http.Header{"Authorization": {ContainerToken}}, 400},
	} {
		if status, body := fetch(t, direct(t), http.MethodGet, c.url, c.header, ""); status != c.want {
			t.Errorf("%s: status %d: %s", name, status, body)
		}
	}
	var got struct{ RoleArn, AccessKeyId, SecretAccessKey, Token, Expiration string }
	_, body := fetch(t, direct(t), http.MethodGet, s.ContainerURL(), http.Header{"Authorization": {ContainerToken}}, "")
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	k := Credentials{AccessKeyID: got.AccessKeyId, SecretAccessKey: got.SecretAccessKey, SessionToken: got.Token}
	if who := newCaller(t, s.Cloud, k).call("AssumeRole", "RoleArn="+RepoAccessRole, "RoleSessionName=test"); who.status != 200 {
		t.Errorf("%+v", who)
	}
	s.SetContainer(&ContainerTask{Role: InstanceRole, Path: "/"})
	if status, _ := fetch(t, direct(t), http.MethodGet, s.ContainerURL(), nil, ""); status != 400 {
		t.Errorf("role that trusts no container: status %d", status)
	}
	s.SetContainer(nil)
	if status, _ := fetch(t, direct(t), http.MethodGet, s.ContainerURL(), nil, ""); status != 400 {
		t.Errorf("no container: status %d", status)
	}
}

func TestPortalGivesTheAssignedRoles(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	hc := client(t, s.Cloud)
	get := func(token, account, role string) (int, string) {
		t.Helper()
		return fetch(t, hc, http.MethodGet, "https://portal.sso.us-east-2.amazonaws.com/federation/credentials?role_name="+role+"&account_id="+account, http.Header{"X-Amz-Sso_bearer_token": {token}}, "")
	}
	token := s.NewSSOToken(time.Hour)
	status, body := get(token.AccessToken, AccountA, SSOContributorRole)
	var got struct {
		RoleCredentials struct {
			AccessKeyID, SecretAccessKey, SessionToken string
			Expiration                                 int64
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatalf("status %d, %v: %s", status, err, body)
	}
	if left := time.Until(time.UnixMilli(got.RoleCredentials.Expiration)); left < 59*time.Minute || left > time.Hour {
		t.Errorf("lasts %v", left)
	}
	k := Credentials{AccessKeyID: got.RoleCredentials.AccessKeyID, SecretAccessKey: got.RoleCredentials.SecretAccessKey, SessionToken: got.RoleCredentials.SessionToken}
	if who := newCaller(t, s.Cloud, k).call("GetCallerIdentity"); who.Account != AccountA || !strings.Contains(who.Arn, "/AWSReservedSSO_RepositoryContributor_") {
		t.Errorf("%+v", who)
	}
	if status, _ := get(token.AccessToken, AccountB, SSOContributorRole); status != 403 {
		t.Errorf("role not assigned: status %d", status)
	}
	if status, _ := get("made up", AccountA, SSOContributorRole); status != 401 {
		t.Errorf("unknown token: status %d", status)
	}
	if status, _ := get(s.NewSSOToken(-time.Second).AccessToken, AccountA, SSOContributorRole); status != 401 {
		t.Errorf("token that has ended: status %d", status)
	}
	s.EndSSOTokens()
	if status, _ := get(token.AccessToken, AccountA, SSOContributorRole); status != 401 {
		t.Errorf("signed out: status %d", status)
	}
}

func TestSSOTokenIsRenewed(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	hc := client(t, s.Cloud)
	token := s.NewSSOToken(-time.Minute)
	create := func(fields map[string]string) (int, map[string]any) {
		t.Helper()
		body, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		status, text := fetch(t, hc, http.MethodPost, "https://oidc.us-east-2.amazonaws.com/token", http.Header{"Content-Type": {"application/json"}}, string(body))
		var answer map[string]any
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return status, answer
	}
	refresh := map[string]string{"clientId": token.ClientID, "clientSecret": token.ClientSecret, "grantType": grantRefresh, "refreshToken": token.RefreshToken}
	status, got := create(refresh)
	if status != 200 || got["tokenType"] != "Bearer" || got["expiresIn"] != 3600.0 {
		t.Fatalf("status %d: %v", status, got)
	}
	access, _ := got["accessToken"].(string)
	if status, _ := fetch(t, hc, http.MethodGet, "https://portal.sso.us-east-2.amazonaws.com/federation/credentials?role_name="+SSODeveloperRole+"&account_id="+AccountB, http.Header{"X-Amz-Sso_bearer_token": {access}}, ""); status != 200 {
		t.Errorf("the new token: status %d", status)
	}
	if status, got := create(refresh); status != 400 || got["error"] != "invalid_grant" {
		t.Errorf("the refresh token a second time: status %d: %v", status, got)
	}
	refresh["clientSecret"] = "wrong"
	if status, got := create(refresh); status != 401 || got["error"] != "invalid_client" {
		t.Errorf("wrong client: status %d: %v", status, got)
	}
	refresh["clientSecret"], refresh["grantType"] = token.ClientSecret, "password"
	if status, got := create(refresh); status != 400 || got["error"] != "unsupported_grant_type" {
		t.Errorf("other grant: status %d: %v", status, got)
	}
}

func TestWebIdentity(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	token := func(subject, audience string, length time.Duration) string {
		t.Helper()
		made, err := s.WebIdentityToken(GitHubIssuer, subject, audience, length)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	good := token(GitHubSubject, GitHubAudience, time.Hour)
	signature := good[strings.LastIndexByte(good, '.'):]
	forged := token("repo:example/app:ref:refs/heads/other", GitHubAudience, time.Hour)
	forged = forged[:strings.LastIndexByte(forged, '.')] + signature
	elsewhere := newScenarios(t)
	foreign, err := elsewhere.WebIdentityToken(GitHubIssuer, GitHubSubject, GitHubAudience, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		role, token string
		code        string // empty: it works
	}{
		"good":                {GitHubRole, good, ""},
		"expired":             {GitHubRole, token(GitHubSubject, GitHubAudience, -time.Second), "ExpiredTokenException"},
		"other audience":      {GitHubRole, token(GitHubSubject, "https://example.com", time.Hour), "InvalidIdentityToken"},
		"other repository":    {GitHubRole, token("repo:evil/app:ref:refs/heads/main", GitHubAudience, time.Hour), "AccessDenied"},
		"role trusts no OIDC": {ContributorRole, good, "AccessDenied"},
		"unknown role":        {GitHubRole + "2", good, "AccessDenied"},
		"provider not in B":   {InstanceRole, good, "InvalidIdentityToken"},
		"forged":              {GitHubRole, forged, "InvalidIdentityToken"},
		"foreign key":         {GitHubRole, foreign, "InvalidIdentityToken"},
		"no token at all":     {GitHubRole, "not.a.token", "InvalidIdentityToken"},
	} {
		got := newCaller(t, s.Cloud, Credentials{}).call("AssumeRoleWithWebIdentity", "RoleArn="+c.role, "RoleSessionName=test", "WebIdentityToken="+c.token)
		if got.Code != c.code || c.code == "" && got.WebIdentity.Arn != "arn:aws:sts::111122223333:assumed-role/GitHubActionsRole/test" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, r := range s.Requests(STS) {
		if r.Params.Has("WebIdentityToken") {
			t.Errorf("the record holds a token: %+v", r)
		}
	}
}

func TestLoginIsRefreshedWithAProof(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	hc := client(t, s.Cloud)
	l, err := s.NewLogin(DeveloperARN, 0)
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.NewLogin(DeveloperARN, 0)
	if err != nil {
		t.Fatal(err)
	}
	const url = "https://us-east-2.signin.aws.amazon.com/v1/token"
	refresh := func(proof string) (int, map[string]any) {
		t.Helper()
		body, err := json.Marshal(map[string]string{"clientId": l.ClientID, "grantType": grantRefresh, "refreshToken": l.RefreshToken})
		if err != nil {
			t.Fatal(err)
		}
		status, text := fetch(t, hc, http.MethodPost, url, http.Header{"Dpop": {proof}}, string(body))
		var answer map[string]any
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return status, answer
	}
	status, got := refresh(dpop(t, l.DPoPKey, "POST", url, time.Now()))
	access, _ := got["accessToken"].(map[string]any)
	if status != 200 || got["expiresIn"] != 900.0 || access["sessionToken"] == nil {
		t.Fatalf("status %d: %v", status, got)
	}
	for name, proof := range map[string]string{
		"no proof":      "",
		"other key":     dpop(t, other.DPoPKey, "POST", url, time.Now()),
		"other method":  dpop(t, l.DPoPKey, "GET", url, time.Now()),
		"other url":     dpop(t, l.DPoPKey, "POST", url+"x", time.Now()),
		"made long ago": dpop(t, l.DPoPKey, "POST", url, time.Now().Add(-time.Hour)),
	} {
		if status, got := refresh(proof); status != 400 {
			t.Errorf("%s: status %d: %v", name, status, got)
		}
	}
	for code, want := range map[string]int{"TOKEN_EXPIRED": 401, "USER_CREDENTIALS_CHANGED": 403, "INSUFFICIENT_PERMISSIONS": 403} {
		s.EndLogins(code)
		if status, got := refresh(dpop(t, l.DPoPKey, "POST", url, time.Now())); status != want || got["error"] != code {
			t.Errorf("%s: status %d: %v", code, status, got)
		}
	}
}

// dpop returns the proof that a request comes from the holder of the key: RFC 9449,
// section 4.2.
func dpop(t *testing.T, private, method, url string, at time.Time) string {
	t.Helper()
	block, _ := pem.Decode([]byte(private))
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := signJWT(key, map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(t, key)},
		map[string]any{"htm": method, "htu": url, "iat": at.Unix(), "jti": "1"})
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

func jwk(t *testing.T, key *ecdsa.PrivateKey) map[string]string {
	t.Helper()
	public, err := key.PublicKey.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	point := public.Bytes()
	return map[string]string{
		"kty": "EC", "crv": "P-256",
		"x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}
}
