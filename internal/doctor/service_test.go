package doctor

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// Git's http.proxy takes precedence over the environment's proxy, and NO_PROXY over
// both. Hosts match NO_PROXY as in curl 7.88.1:
//
//	curl -x http://127.0.0.1:1 --noproxy LIST --resolve HOST:443:127.0.0.2 https://HOST
func TestGitProxy(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:2")
	const (
		host  = "git-codecommit.us-east-2.amazonaws.com"
		proxy = "http://127.0.0.1:1"
	)
	git, err := gitconfig.Find()
	if err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		value string
		env   map[string]string
		want  string // "" for none
	}{
		{value: proxy, want: proxy},
		{value: "127.0.0.1:1", want: proxy},
		{value: ""},
		{value: proxy, env: map[string]string{"NO_PROXY": host}},
		{value: proxy, env: map[string]string{"no_proxy": host}},
		{value: proxy, env: map[string]string{"no_proxy": "", "NO_PROXY": host}, want: proxy},
		{value: proxy, env: map[string]string{"NO_PROXY": "*"}},
		{value: proxy, env: map[string]string{"NO_PROXY": ".amazonaws.com"}},
		{value: proxy, env: map[string]string{"NO_PROXY": "amazonaws.com."}},
		{value: proxy, env: map[string]string{"NO_PROXY": "AmazonAWS.com"}},
		{value: proxy, env: map[string]string{"NO_PROXY": "localhost us-east-2.amazonaws.com"}},
		{value: proxy, env: map[string]string{"NO_PROXY": "localhost\t, " + host}},
		{value: proxy, env: map[string]string{"NO_PROXY": "example.com"}, want: proxy},
		{value: proxy, env: map[string]string{"NO_PROXY": "east-2.amazonaws.com"}, want: proxy},
		{value: proxy, env: map[string]string{"NO_PROXY": "x" + host}, want: proxy},
		{value: proxy, env: map[string]string{"NO_PROXY": host + ":443"}, want: proxy},
		{value: proxy, env: map[string]string{"NO_PROXY": "*.amazonaws.com"}, want: proxy},
		{value: proxy, env: map[string]string{"NO_PROXY": "*, localhost"}, want: proxy},
		{value: proxy, env: map[string]string{"NO_PROXY": ", ."}, want: proxy},
	} {
		if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[http]\n\tproxy = "+c.value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		entries, err := git.Effective(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		x := &examination{
			Doctor: &Doctor{
				Git:     git,
				Entries: entries,
				LookupEnv: func(name string) (string, bool) {
					value, set := c.env[name]
					return value, set
				},
			},
			target: Target{URL: "https://" + host + "/v1/repos/x"},
		}
		client, err := x.client(t.Context())
		if err != nil {
			t.Errorf("%q, %v: %v", c.value, c.env, err)
			continue
		}
		defer client.CloseIdleConnections()
		got := ""
		if choose := client.Transport.(*http.Transport).Proxy; choose != nil {
			u, err := choose(&http.Request{URL: &url.URL{Scheme: "https", Host: host}})
			if err != nil {
				t.Error(err)
			}
			if u != nil {
				got = u.String()
			}
		}
		if got != c.want {
			t.Errorf("http.proxy %q, %v: %q; want %q", c.value, c.env, got, c.want)
		}
	}
}

// A server that answers with status 101 keeps the connection, without a time limit.
func TestServiceThatSwitchesProtocols(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	}))
	t.Cleanup(server.Close)
	answered := make(chan reply, 1)
	go func() {
		answered <- (&examination{}).requestBy(t.Context(), server.Client(), codecommit.Endpoint{Host: server.Listener.Addr().String()}, "git-upload-pack", unsigned)
	}()
	select {
	case r := <-answered:
		if !errors.Is(r.err, awsclient.ErrSwitched) {
			t.Errorf("%+v", r)
		}
	case <-time.After(time.Minute):
		t.Error("it waits for the body")
	}
}
