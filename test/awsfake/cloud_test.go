package awsfake

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// newCloud starts an empty cloud, which is closed at the end of the test.
func newCloud(t *testing.T) *Cloud {
	t.Helper()
	c, err := Start(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// newScenarios starts the scenarios' cloud, which is closed at the end of the test.
func newScenarios(t *testing.T) *Scenarios {
	t.Helper()
	s, err := StartScenarios(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// client returns an HTTP client configured like Env.
func client(t *testing.T, c *Cloud) *http.Client {
	t.Helper()
	proxy, err := url.Parse(c.ProxyURL())
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(c.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in CAFile")
	}
	transport := &http.Transport{
		Proxy:           http.ProxyURL(proxy),
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// fetch sends a request and returns the status and body of the response.
func fetch(t *testing.T, hc *http.Client, method, url string, header http.Header, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		r.Header = header
	}
	answer, err := hc.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestHostNamesLeadToTheirService(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]endpoint{
		"git-codecommit.us-east-2.amazonaws.com":                                      {CodeCommit, "us-east-2", "aws"},
		"GIT-CodeCommit.us-east-2.amazonaws.com":                                      {CodeCommit, "us-east-2", "aws"},
		"git-codecommit-fips.us-gov-west-1.amazonaws.com":                             {CodeCommit, "us-gov-west-1", "aws-us-gov"},
		"git-codecommit.cn-north-1.amazonaws.com.cn":                                  {CodeCommit, "cn-north-1", "aws-cn"},
		"git-codecommit.us-iso-east-1.c2s.ic.gov":                                     {CodeCommit, "us-iso-east-1", "aws-iso"},
		"git-codecommit.us-isob-east-1.sc2s.sgov.gov":                                 {CodeCommit, "us-isob-east-1", "aws-iso-b"},
		"git-codecommit.eusc-de-east-1.amazonaws.eu":                                  {CodeCommit, "eusc-de-east-1", "aws-eusc"},
		"vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-1.vpce.amazonaws.com": {CodeCommit, "us-east-1", "aws"},
		"vpce-1-us-east-1a.git-codecommit-fips.us-east-1.vpce.amazonaws.com":          {CodeCommit, "us-east-1", "aws"},
		"sts.amazonaws.com":                         {STS, "us-east-1", "aws"},
		"sts.eu-west-1.amazonaws.com":               {STS, "eu-west-1", "aws"},
		"sts-fips.us-east-1.amazonaws.com":          {STS, "us-east-1", "aws"},
		"sts.cn-north-1.amazonaws.com.cn":           {STS, "cn-north-1", "aws-cn"},
		"portal.sso.us-east-2.amazonaws.com":        {SSO, "us-east-2", "aws"},
		"oidc.us-east-2.amazonaws.com":              {SSOOIDC, "us-east-2", "aws"},
		"us-east-2.signin.aws.amazon.com":           {Signin, "us-east-2", "aws"},
		"cn-north-1.signin.amazonaws.cn":            {Signin, "cn-north-1", "aws-cn"},
		"signin.eusc-de-east-1.amazonaws.eu":        {Signin, "eusc-de-east-1", "aws-eusc"},
		"us-gov-west-1.signin.amazonaws-us-gov.com": {Signin, "us-gov-west-1", "aws-us-gov"},
	} {
		if got, ok := endpointOf(host); !ok || got != want {
			t.Errorf("endpointOf(%q) = %v, %v, want %v", host, got, ok, want)
		}
	}
}

func TestForeignHostsAreRefusedAndRecorded(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	hc := client(t, c)
	for _, host := range []string{
		"example.com",
		"git-codecommit.us-east-2.amazonaws.com.evil.example",
		"evil-git-codecommit.us-east-2.amazonaws.com",
		"git-codecommit.us-east-2.amazonaws.com.cn",
		"git-codecommit.cn-north-1.amazonaws.com",
		"git-codecommit.us-east-1.evil.example",
		"git-codecommit.us-east-2.amazonaws.com:8443",
		"ec2-203-0-113-25.compute-1.amazonaws.com",
		"s3.amazonaws.com",
	} {
		c.Reset()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host, nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := hc.Do(r); err == nil {
			answer.Body.Close()
			t.Errorf("%s: answered with %s", host, answer.Status)
		}
		if got := c.Requests(""); len(got) != 1 || got[0].Service != ProxyRefused || got[0].Status != http.StatusBadGateway {
			t.Errorf("%s: recorded: %+v", host, got)
		}
	}
}

func TestPrivateHostNameLeadsToCodeCommit(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.AllowHost("git.corp.example", "us-east-2")
	if status, _ := fetch(t, client(t, c), http.MethodGet, "https://git.corp.example/v1/repos/x/info/refs?service=git-upload-pack", nil, ""); status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
}

func TestAnswersCarryTheCloudsTime(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.SetClock(-20 * time.Minute)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://sts.us-east-2.amazonaws.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client(t, c).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if off := time.Since(date); err != nil || off < 19*time.Minute || off > 21*time.Minute {
		t.Errorf("Date %q is off by %v, %v", answer.Header.Get("Date"), off, err)
	}
}

func TestFaultsApplyInOrder(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Fail(STS,
		Fault{Times: 2, Status: 503, Body: "busy"},
		STSError(400, "Throttling", "Rate exceeded"),
		Fault{Skip: 1, Status: 418},
	)
	hc := client(t, c)
	var got []int
	for range 6 {
		status, _ := fetch(t, hc, http.MethodPost, "https://sts.us-east-2.amazonaws.com/", nil, "Action=GetCallerIdentity&Version=2011-06-15")
		got = append(got, status)
	}
	want := []int{503, 503, 400, 403, 418, 403} // 403: no signature
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("statuses %v, want %v", got, want)
		}
	}
	for i, r := range c.Requests(STS) {
		if r.Status != want[i] || r.Action != "GetCallerIdentity" {
			t.Errorf("recorded: %+v", r)
		}
	}
}

func TestFaultOfAnActionLeavesTheOthers(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.Fail(STS, Fault{Action: "AssumeRole", Times: -1, Status: 500})
	hc := client(t, c)
	for _, call := range []struct {
		action string
		want   int
	}{{"GetCallerIdentity", 403}, {"AssumeRole", 500}, {"GetCallerIdentity", 403}, {"AssumeRole", 500}} {
		if status, _ := fetch(t, hc, http.MethodPost, "https://sts.us-east-2.amazonaws.com/", nil, "Version=2011-06-15&Action="+call.action); status != call.want {
			t.Errorf("%s: status %d, want %d", call.action, status, call.want)
		}
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.SetInstance(&Instance{})
	do := func(url string) error {
		hc := client(t, c)
		hc.Transport.(*http.Transport).DisableKeepAlives = true
		if strings.HasPrefix(url, "http:") {
			hc.Transport.(*http.Transport).Proxy = nil
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("x=y"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := hc.Do(r)
		if err == nil {
			answer.Body.Close()
		}
		return err
	}
	for service, url := range map[string]string{STS: "https://sts.us-east-2.amazonaws.com/", Metadata: c.MetadataURL() + tokenPath} {
		c.Fail(service, Fault{Reset: true}, Fault{Drop: true})
		if err := do(url); !errors.Is(err, syscall.ECONNRESET) && !isReset(err) {
			t.Errorf("%s: reset: %v", service, err)
		}
		if err := do(url); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: drop: %v", service, err)
		}
		for _, r := range c.Requests(service) {
			if r.Status != 0 {
				t.Errorf("recorded with a response: %+v", r)
			}
		}
	}
	c.Fail(Proxy, Fault{Status: http.StatusProxyAuthRequired})
	if err := do("https://sts.us-east-2.amazonaws.com/"); err == nil {
		t.Error("proxy: no error")
	}
}

// isReset also recognizes Windows' error for a reset.
func isReset(err error) bool {
	return err != nil && strings.Contains(err.Error(), "forcibly closed")
}

func TestHugeBodyIsStreamed(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	const size = 20 << 20
	c.Fail(STS, Fault{Body: "<html>", Size: size})
	status, body := fetch(t, client(t, c), http.MethodPost, "https://sts.us-east-2.amazonaws.com/", nil, "Action=GetCallerIdentity")
	if status != 200 || len(body) != size+len("<html>") || !strings.HasPrefix(body, "<html>") {
		t.Errorf("status %d, %d bytes", status, len(body))
	}
}

func TestCloseEndsHangingRequests(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.SetInstance(&Instance{})
	c.Fail(Metadata, Fault{Hang: true})
	c.Fail(STS, Fault{Delay: time.Hour})
	ended := make(chan error, 2)
	for _, url := range []string{c.MetadataURL() + tokenPath, "https://sts.us-east-2.amazonaws.com/"} {
		hc := client(t, c)
		if strings.HasPrefix(url, "http:") {
			hc.Transport.(*http.Transport).Proxy = nil
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			answer, err := hc.Do(r)
			if err == nil {
				answer.Body.Close()
			}
			ended <- err
		}()
	}
	for c.Count(Metadata) == 0 || c.Count(STS) == 0 {
		time.Sleep(time.Millisecond)
	}
	c.Close()
	for range 2 {
		if err := <-ended; err == nil {
			t.Error("answered")
		}
	}
	c.Close() // a second time does nothing
	if conn, err := net.Dial("tcp", strings.TrimPrefix(c.ProxyURL(), "http://")); err == nil {
		conn.Close()
		t.Error("still listening")
	}
}

func TestScenariosKnowTheirSecrets(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	session, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	sso := s.NewSSOToken(time.Hour)
	known := strings.Join(s.Secrets(), "\n")
	for _, secret := range []string{DeveloperSecretKey, MaintainerSecretKey, AuditorSecretKey, ContainerToken, session.SecretAccessKey, session.SessionToken, sso.AccessToken, sso.RefreshToken} {
		if !strings.Contains(known, secret) {
			t.Errorf("%.8s… is not among them", secret)
		}
	}
}
