package doctor

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"git-credential-codecommit/internal/gitconfig"
)

// What git's http.proxy says goes before the environment's proxy, and NO_PROXY
// before both. Which hosts NO_PROXY names is as curl 7.88.1 has it:
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
