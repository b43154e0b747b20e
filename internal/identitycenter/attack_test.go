package identitycenter

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
	"git-credential-codecommit/test/awsfake"
)

// A site is a cloud, a person with a browser, and a client with a separate home
// folder.
type site struct {
	*awsfake.Scenarios
	client *Client
	person *awsfake.Person
	home   string
}

var session = awsprofile.SSOSession{Name: "s", StartURL: awsfake.SSOStartURL, Region: awsfake.Region}

func newSite(t *testing.T) *site {
	t.Helper()
	cloud, err := awsfake.StartScenarios(awsfake.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	person, err := cloud.NewPerson()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Scenarios: cloud, person: person, home: t.TempDir()}
	s.client = s.newClient(t, s.home)
	return s
}

// newClient returns another client for the cloud.
func (s *site) newClient(t *testing.T, home string) *Client {
	t.Helper()
	proxy, err := url.Parse(s.ProxyURL())
	if err != nil {
		t.Fatal(err)
	}
	aws := awsclient.New(awsprofile.Settings{CABundle: s.CAFile()}, "", time.Now, func(string, ...any) {})
	h, err := aws.HTTP()
	if err != nil {
		t.Fatal(err)
	}
	h.Transport.(*awsclient.CappedTransport).Base.(*http.Transport).Proxy = http.ProxyURL(proxy)
	return New(aws, home, func(format string, args ...any) { t.Logf(format, args...) })
}

// decide makes the person click.
func (s *site) decide(t *testing.T, button string) func(Page) {
	return func(p Page) {
		go func() {
			if _, _, err := s.person.Decide(context.WithoutCancel(t.Context()), p.ToOpen(), button); err != nil {
				t.Error(err)
			}
		}()
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, device := range []bool{false, true} {
		token, err := s.client.SignIn(t.Context(), Request{Session: session, DeviceCode: device, Show: s.decide(t, awsfake.Allow)})
		if err != nil || token.StartURL != session.StartURL || token.Region != session.Region || (token.RefreshToken == "") != device {
			t.Fatalf("device code %v: %v, %v", device, token, err)
		}
		if stored, err := s.client.Token(t.Context(), session); err != nil || stored != token {
			t.Errorf("device code %v: stored %v, %v", device, stored, err)
		}
		accounts, err := s.client.Accounts(t.Context(), token)
		if err != nil || len(accounts) != 2 || accounts[0] != (Account{awsfake.AccountB, "Developers"}) {
			t.Errorf("accounts: %v, %v", accounts, err)
		}
		if _, err := s.client.SignIn(t.Context(), Request{Session: session, DeviceCode: device, Show: s.decide(t, awsfake.Deny)}); !errors.Is(err, ErrRefused) {
			t.Errorf("device code %v: refused: %v", device, err)
		}
		if err := s.client.Logout(t.Context(), token); err != nil {
			t.Error(err)
		}
		var none *NotSignedInError
		if _, err := s.client.Accounts(t.Context(), token); !errors.As(err, &none) {
			t.Errorf("after logout: %v", err)
		}
	}
	s.SetPortalPages(1)
	token, err := s.client.SignIn(t.Context(), Request{Session: session, Show: s.decide(t, awsfake.Allow)})
	if err != nil {
		t.Fatal(err)
	}
	if accounts, err := s.client.Accounts(t.Context(), token); err != nil || len(accounts) != 2 {
		t.Errorf("in pages: %v, %v", accounts, err)
	}
	if roles, err := s.client.Roles(t.Context(), token, awsfake.AccountA); err != nil || len(roles) != 1 || roles[0] != awsfake.SSOContributorRole {
		t.Errorf("roles: %v, %v", roles, err)
	}
}

// If AWS no longer knows a registration, a new one is made.
func TestUnknownRegistrationIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	request := Request{Session: session, DeviceCode: true, Show: s.decide(t, awsfake.Allow)}
	if _, err := s.client.SignIn(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPortal(awsfake.SSOStartURL, awsfake.Region); err != nil { // the new portal knows no clients
		t.Fatal(err)
	}
	if _, err := s.client.SignIn(t.Context(), request); err != nil {
		t.Error(err)
	}
}

// The service requests a slower interval, fails temporarily, and rejects the code.
func TestDeviceCodeFaults(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	request := Request{Session: session, DeviceCode: true, Show: s.decide(t, awsfake.Allow)}
	s.Fail(awsfake.SSOOIDC, awsfake.Fault{Action: "CreateToken", Status: 400, Header: http.Header{"X-Amzn-Errortype": {"AuthorizationPendingException"}}, Body: "{}"},
		awsfake.Fault{Action: "CreateToken", Status: 500, Body: "<html>"})
	if _, err := s.client.SignIn(t.Context(), request); err != nil {
		t.Error(err)
	}
	for code, want := range map[string]error{"ExpiredTokenException": ErrExpired, "AccessDeniedException": ErrRefused} {
		s.Reset()
		s.Fail(awsfake.SSOOIDC, awsfake.Fault{Action: "CreateToken", Status: 400, Header: http.Header{"X-Amzn-Errortype": {code}}, Body: "{}"})
		if _, err := s.client.SignIn(t.Context(), Request{Session: session, DeviceCode: true, Show: func(Page) {}}); !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// Other users of the machine and web pages can reach the listener, and get a 404.
func TestListenerAcceptsOnlyTheCallback(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "the-state")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(l.host, "127.0.0.1:") {
		t.Errorf("listens on %s", l.host)
	}
	_, port, err := net.SplitHostPort(l.host)
	if err != nil {
		t.Fatal(err)
	}
	good := callbackPath + "?code=c&state=the-state"
	send := func(method, target, host, header string) received {
		t.Helper()
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_, _ = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method, target, host, header)
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+l.host, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), r)
		if err != nil {
			t.Fatalf("%s %s: %v", method, target, err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return received{resp.StatusCode, resp.Header, string(body)}
	}
	for name, attack := range map[string]struct{ method, target, host, header string }{
		"no state":             {"GET", callbackPath + "?code=c", l.host, ""},
		"wrong state":          {"GET", callbackPath + "?code=c&state=other", l.host, ""},
		"two states":           {"GET", callbackPath + "?code=c&state=the-state&state=other", l.host, ""},
		"two codes":            {"GET", callbackPath + "?code=c&code=d&state=the-state", l.host, ""},
		"no code":              {"GET", callbackPath + "?state=the-state", l.host, ""},
		"code and error":       {"GET", callbackPath + "?code=c&error=e&state=the-state", l.host, ""},
		"error without state":  {"GET", callbackPath + "?error=access_denied", l.host, ""},
		"wrong path":           {"GET", "/?code=c&state=the-state", l.host, ""},
		"path below":           {"GET", callbackPath + "/x?code=c&state=the-state", l.host, ""},
		"page before its time": {"GET", signedInPath, l.host, ""},
		"DNS rebinding":        {"GET", good, "evil.example:" + port, ""},
		"localhost":            {"GET", good, "localhost:" + port, ""},
		"another port":         {"GET", good, "127.0.0.1:1", ""},
		"an absolute URL":      {"GET", "http://evil.example" + good, l.host, ""},
		"CORS preflight":       {"OPTIONS", good, l.host, "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\nAccess-Control-Request-Private-Network: true\r\n"},
		"POST":                 {"POST", good, l.host, "Content-Length: 0\r\n"},
		"HEAD":                 {"HEAD", good, l.host, ""},
		"broken query":         {"GET", callbackPath + "?code=c&state=the-state&%zz", l.host, ""},
	} {
		resp := send(attack.method, attack.target, attack.host, attack.header)
		if resp.status != http.StatusNotFound || resp.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", name, resp.status, resp.header)
		}
	}
	for name, header := range map[string]string{"a long header": "X: " + strings.Repeat("x", 10<<20), "a header without end": "X: "} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // after the test: the listener waits for the end of the other header
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s", good, l.host, header)
		if name == "a long header" {
			if text, _ := io.ReadAll(conn); len(text) > 0 {
				t.Errorf("%s: answered %q", name, text)
			}
		}
	}
	select {
	case answer := <-l.returned:
		t.Fatalf("accepted %+v", answer)
	default:
	}

	// The callback is accepted once, and redirects to a page without the code.
	answers := make(chan received, 1)
	go func() { answers <- send("GET", good, l.host, "") }()
	if answer := <-l.returned; answer != (callback{code: "c"}) {
		t.Errorf("%+v", answer)
	}
	if resp := send("GET", good, l.host, ""); resp.status != http.StatusNotFound {
		t.Errorf("a second return: %d", resp.status)
	}
	finished := make(chan struct{})
	go func() {
		l.finish(true)
		close(finished)
	}()
	resp := <-answers
	if resp.status != http.StatusSeeOther || resp.header.Get("Location") != signedInPath {
		t.Errorf("%d to %s", resp.status, resp.header.Get("Location"))
	}
	if other := send("GET", failedPath, l.host, ""); other.status != http.StatusNotFound {
		t.Errorf("the other page: %d", other.status)
	}
	page := send("GET", signedInPath, l.host, "")
	if !strings.Contains(page.body, "You can close this page") {
		t.Errorf("%s", page.body)
	}
	for _, active := range []string{"<script", "http://", "https://", "src=", "href="} {
		if strings.Contains(page.body, active) {
			t.Errorf("the page contains %s", active)
		}
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
	} {
		for _, r := range []received{resp, page} {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	if csp := page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("Content-Security-Policy: %s", csp)
	}
	<-finished
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.host); err == nil {
		conn.Close()
		t.Error("still listening")
	}
}

// Connections without a request are closed, the oldest ones first, so that they
// cannot use up the memory and file descriptors that the callback needs.
func TestListenerBoundsConnections(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "the-state")
	if err != nil {
		t.Fatal(err)
	}
	defer l.finish(false)
	var conns []net.Conn
	for range 2 * maxConnections {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	_ = conns[0].SetReadDeadline(time.Now().Add(connectionTimeout / 2))
	if n, err := conns[0].Read(make([]byte, 1)); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the first connection is still open: %v", err)
	}
	last := conns[len(conns)-1]
	_, _ = fmt.Fprintf(last, "GET %s?code=c&state=the-state HTTP/1.1\r\nHost: %s\r\n\r\n", callbackPath, l.host)
	if answer := <-l.returned; answer != (callback{code: "c"}) {
		t.Errorf("%+v", answer)
	}
}

// A received response of the listener.
type received struct {
	status int
	header http.Header
	body   string
}

// A page that sends the code of another person's sign-in with the right state signs
// no one in, because PKCE rejects the code.
func TestAnotherPersonsCodeIsRefused(t *testing.T) {
	t.Parallel()
	victim := newSite(t)
	attacker := victim.newClient(t, t.TempDir())

	// The attacker signs in with the same client, and keeps the code.
	reg, err := victim.client.register(t.Context(), session, session.StartURL, false, false)
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen(t.Context(), "attacker")
	if err != nil {
		t.Fatal(err)
	}
	defer l.finish(false)
	page, err := attacker.authorizeURL(t.Context(), reg, session, l, challengeOf(randomWord()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, _, _ = victim.person.Decide(ctx, page, awsfake.Allow) }()
	stolen := <-l.returned
	cancel()

	_, err = victim.client.SignIn(t.Context(), Request{Session: session, Show: func(p Page) {
		u, err := url.Parse(p.URL)
		if err != nil {
			t.Error(err)
			return
		}
		query := u.Query()
		back := query.Get("redirect_uri") + "?" + url.Values{"code": {stolen.code}, "state": {query.Get("state")}}.Encode()
		go func() {
			r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, back, nil)
			if err != nil {
				t.Error(err)
				return
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if body, _ := io.ReadAll(resp.Body); !strings.Contains(string(body), "You are not signed in") {
				t.Errorf("the browser shows %s", body)
			}
		}()
	}})
	if err == nil || !strings.Contains(err.Error(), "it belongs to another sign-in") || victim.SSOTokens() != 0 {
		t.Errorf("%v, %d tokens", err, victim.SSOTokens())
	}
}

// A start URL leads to IAM Identity Center or is an error, whatever the config file
// contains.
func TestStartURLsMustLeadToIdentityCenter(t *testing.T) {
	t.Parallel()
	for _, start := range []string{
		"http://example.awsapps.com/start", "https://alice@example.awsapps.com/start", "https://example.awsapps.com:8443/start",
		"https://127.0.0.1/start", "https://[::1]/start", "https://localhost/start", "file:///etc/passwd", "javascript:alert(1)", "https:example.awsapps.com",
		"", "https://", "https://exa mple.com/", "https://example..com/", "//example.awsapps.com/start", "https://ex\u00e4mple.com/",
		"https://example.awsapps.com/start # comment", "https://example.awsapps.com/st\u202eart", "https://example.awsapps.com/start\t",
	} {
		if err := CheckStartURL(start); err == nil {
			t.Errorf("%q is accepted", start)
		}
	}
	if err := CheckStartURL("https://d-1234567890.awsapps.com/start/#/"); err != nil {
		t.Error(err)
	}
	s := newSite(t)
	elsewhere := session
	elsewhere.StartURL = "https://sts.us-east-2.amazonaws.com/start" // which redirects to no portal
	if _, err := s.client.SignIn(t.Context(), Request{Session: elsewhere, Show: func(p Page) { t.Errorf("shown %+v", p) }}); err == nil {
		t.Error("signed in elsewhere")
	}
	if n := s.Count(awsfake.SSOOIDC); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestPagesOfTheDeviceCode(t *testing.T) {
	t.Parallel()
	const start = "https://sso.example.com/start"
	for page, good := range map[string]bool{
		"https://device.sso.us-east-2.amazonaws.com/":                         true,
		"https://device.sso.us-east-2.amazonaws.com/?user_code=ABCD-EFGH":     true,
		"https://DEVICE.SSO.us-east-2.amazonaws.com/":                         true,
		"https://d-1234567890.awsapps.com/start/#/device?user_code=ABCD-EFGH": true,
		"https://ssoins-1.us-east-2.portal.amazonaws.com/#/device":            true,
		"https://sso.example.com/device":                                      true,
		"http://device.sso.us-east-2.amazonaws.com/":                          false,
		"https://device.sso.us-west-2.amazonaws.com/":                         false,
		"https://device.sso.us-east-2.amazonaws.com.evil.example/":            false,
		"https://device.sso.us-east-2.amazonaws.com@evil.example/":            false,
		"https://alice:b@device.sso.us-east-2.amazonaws.com/":                 false,
		"https://device.sso.us-east-2.amazonaws.com:444/":                     false,
		"https://bucket.s3.amazonaws.com/":                                    false,
		"https://ec2-192-0-2-1.compute-1.amazonaws.com/":                      false,
		"https://evil.example/":                                               false,
		"https://evilawsapps.com/start":                                       false,
		"https://awsapps.com.evil.example/":                                   false,
		"javascript:alert(1)//https://device.sso.us-east-2.amazonaws.com/":    false,
		"file:///etc/passwd":                                                  false,
		"https:device.sso.us-east-2.amazonaws.com":                            false,
		"https://device.sso.us-east-2.amazonaws.com/\x1b[2J":                  false,
		"https://device.sso.us-east-2.amazonaws.com/?a=b c":                   false,
		"https://device.sso.us-east-2.amazonaws.com/\u202e":                   false,
		"https://device.sso.us-east-2.amazonaws.com\\@evil.example/":          false,
		"--help": false,
		"":       false,
		"https://evil.example/?https://device.sso.us-east-2.amazonaws.com/":          false,
		"https://xn--device-sso.us-east-2.amazonaws.com/":                            false,
		"https://device.sso.us-east-2.amazonaws.com./":                               false,
		"data:text/html,<script>alert(1)</script>":                                   false,
		"https://device.sso.us-east-2.amazonaws.com%2eevil.example/":                 false,
		"https://identitycenter.amazonaws.com/ssoins-1":                              true,
		"https://identitycenter.amazonaws.com.cn.evil.example/":                      false,
		"https://us-east-2.console.aws.amazon.com.portal.amazonaws.com.evil.example": false,
		"https://device.sso.us-east-2.amazonaws.com/" + strings.Repeat("a", maxPage): false,
	} {
		if err := checkPage(page, "us-east-2", start); (err == nil) != good {
			t.Errorf("%q: %v", page, err)
		} else if err != nil && strings.ContainsAny(err.Error(), "\x1b\u202e") {
			t.Errorf("%q is not escaped", page)
		}
	}
	// End to end, such a page is neither shown nor opened.
	s := newSite(t)
	for field, value := range map[string]string{"verificationUri": "javascript:alert(1)", "verificationUriComplete": "https://evil.example/", "userCode": "\x1b[2J"} {
		answer := map[string]string{"verificationUri": "https://device.sso.us-east-2.amazonaws.com/", "verificationUriComplete": "https://device.sso.us-east-2.amazonaws.com/?user_code=A", "userCode": "A"}
		answer[field] = value
		answer["deviceCode"] = "d"
		body, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		s.Fail(awsfake.SSOOIDC, awsfake.Fault{Action: "StartDeviceAuthorization", Body: string(body)})
		if _, err := s.client.SignIn(t.Context(), Request{Session: session, DeviceCode: true, Show: func(p Page) { t.Errorf("shown %+v", p) }}); err == nil {
			t.Errorf("%s: accepted", field)
		}
		s.Reset()
	}
}

// A token or registration that another user may have written or read is not used,
// and only a sign-in replaces it.
func TestFilesOfOtherUsersAreNotUsed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs POSIX permissions")
	}
	s := newSite(t)
	request := Request{Session: session, Show: s.decide(t, awsfake.Allow)}
	if _, err := s.client.SignIn(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	token := s.client.tokens.Path(key(session))
	registration := s.client.tokens.Path(store.RegistrationKey(session.Region, nil, session.Name, session.StartURL))
	registrations := func() (n int) {
		for _, r := range s.Requests(awsfake.SSOOIDC) {
			if r.Action == "RegisterClient" {
				n++
			}
		}
		return n
	}
	for name, spoil := range map[string]func(path string) error{
		"writable": func(path string) error { return os.Chmod(path, 0o666) },
		"readable": func(path string) error { return os.Chmod(path, 0o644) },
		"hard link": func(path string) error {
			return os.Link(path, filepath.Join(s.home, filepath.Base(path)+".link"))
		},
		"symbolic link": func(path string) error {
			moved := filepath.Join(s.home, filepath.Base(path)+".moved")
			return errors.Join(os.Rename(path, moved), os.Symlink(moved, path))
		},
		"another owner": func(path string) error {
			if os.Geteuid() != 0 {
				return os.Chmod(path, 0o666) // the closest case without root
			}
			return os.Chown(path, 65534, 65534)
		},
	} {
		if err := spoil(token); err != nil {
			t.Fatal(err)
		}
		var file *store.FileError
		if _, err := s.client.Token(t.Context(), session); !errors.As(err, &file) {
			t.Errorf("%s: the token: %v", name, err)
		}
		if all, err := s.client.Stored(slices.Values([]awsprofile.SSOSession{})); err != nil || len(all) != 0 {
			t.Errorf("%s: listed %v, %v", name, all, err)
		}
		if err := spoil(registration); err != nil {
			t.Fatal(err)
		}
		before := registrations()
		if _, err := s.client.SignIn(t.Context(), request); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if registrations() != before+1 {
			t.Errorf("%s: the registration was used", name)
		}
		if _, err := s.client.Token(t.Context(), session); err != nil {
			t.Errorf("%s: after signing in: %v", name, err)
		}
		for _, path := range []string{token, registration} {
			if info, err := os.Lstat(path); err != nil || info.Mode() != 0o600 {
				t.Errorf("%s: %s has mode %v, %v", name, path, info.Mode(), err)
			}
		}
	}
}

func TestTokenPrintsNoSecret(t *testing.T) {
	t.Parallel()
	token := Token{AccessToken: "secret", ClientSecret: "secret", RefreshToken: "secret"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(format, token); strings.Contains(text, "secret") {
			t.Errorf("%s: %s", format, text)
		}
	}
}
