package awsfake

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// The buttons of the sign-in pages.
const (
	Allow = "allow"
	Deny  = "deny"
)

// A Person has a browser that can reach the cloud.
type Person struct{ client *http.Client }

// NewPerson returns a person whose browser uses a proxy and trusts the certificates
// in a file, as the variables of Cloud.Env configure.
func NewPerson(proxyURL, caFile string) (*Person, error) {
	proxy, err := url.Parse(proxyURL)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + caFile)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Person{&http.Client{Jar: jar, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: pool},
		Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.Hostname() == "127.0.0.1" {
				return nil, nil // browsers use no proxy for this machine
			}
			return proxy, nil
		},
	}}}, nil
}

// NewPerson returns a person whose browser can reach the cloud.
func (c *Cloud) NewPerson() (*Person, error) { return NewPerson(c.ProxyURL(), c.CAFile()) }

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	formID     = regexp.MustCompile(`<input type="hidden" name="id" value="([^"]*)">`)
)

// Decide opens a sign-in page and clicks a button: Allow or Deny. It returns the
// text and the URL of the final page.
func (p *Person) Decide(ctx context.Context, page, button string) (text, at string, err error) {
	shown, at, err := p.open(ctx, http.MethodGet, page, "")
	if err != nil {
		return "", "", err
	}
	action, id := formAction.FindStringSubmatch(shown), formID.FindStringSubmatch(shown)
	if action == nil || id == nil {
		return shown, at, fmt.Errorf("no button on the page %q", shown)
	}
	base, err := url.Parse(at)
	if err != nil {
		return "", "", err
	}
	to, err := base.Parse(html.UnescapeString(action[1]))
	if err != nil {
		return "", "", err
	}
	return p.open(ctx, http.MethodPost, to.String(), url.Values{"id": {html.UnescapeString(id[1])}, "decision": {button}}.Encode())
}

// open loads a page and follows redirects.
func (p *Person) open(ctx context.Context, method, page, body string) (text, at string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, page, strings.NewReader(body))
	if err != nil {
		return "", "", err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return "", "", err
	}
	defer resp.Body.Close()
	shown, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return string(shown), resp.Request.URL.String(), err
}
