package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// maxAnswer limits how much of an answer is read, in bytes.
const maxAnswer = 4 << 10

// Whether a request is signed.
const (
	unsigned = false
	signed   = true
)

// A reply is the service's answer, or the reason why there is none.
type reply struct {
	status int
	// message is the beginning of an error's text; "" if there is none.
	message string
	skew    time.Duration // the service's time minus this machine's
	err     error
	// unverified is true if the certificate was not verified.
	unverified bool
}

// errNotGit is returned for a status 200 whose response git would not accept as a
// repository:
// https://git-scm.com/docs/http-protocol#_smart_server_response.
var errNotGit = errors.New("the response has status 200 but is not in git's format: a proxy or the network's sign-in page may have answered")

// client returns an HTTP client that reaches the service as git does: through its
// proxy, and with its trusted certificates. It does not follow redirects.
func (x *examination) client(ctx context.Context) (*http.Client, error) {
	t := awsclient.NewTransport()
	var err error
	if t.Proxy, err = x.gitProxy().proxyFunc(x.noProxy()); err != nil {
		return nil, err
	}
	if t.TLSClientConfig, err = x.trust(ctx); err != nil {
		return nil, err
	}
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// withoutUser returns the URL without username and password.
func (x *examination) withoutUser() string {
	u, err := url.Parse(x.target.URL)
	if err != nil {
		return x.hostURL()
	}
	u.User = nil
	return u.String()
}

// trust returns the certificate authorities that git trusts; nil for the system's.
func (x *examination) trust(ctx context.Context) (*tls.Config, error) {
	bundle, _ := x.LookupEnv("GIT_SSL_CAINFO")
	if bundle == "" {
		var err error
		if bundle, err = x.Git.ForURL(ctx, "path", "http.sslCAInfo", x.withoutUser()); err != nil {
			return nil, err
		}
	}
	if bundle == "" {
		return nil, nil
	}
	pem, err := awsclient.ReadCABundle(bundle)
	if err != nil {
		return nil, fmt.Errorf("git's file of trusted certificates (GIT_SSL_CAINFO or http.sslCAInfo), %s: %w", bundle, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("git's file of trusted certificates (GIT_SSL_CAINFO or http.sslCAInfo), %s, contains no certificate", bundle)
	}
	return &tls.Config{RootCAs: pool}, nil
}

// verificationOff returns the setting that disables git's certificate checks ("" if
// there is none), and how to remove it.
func (x *examination) verificationOff() (setting string, run []Command, notes []string) {
	// Any value disables git's checks: http_init in git's http.c.
	if _, set := x.LookupEnv("GIT_SSL_NO_VERIFY"); set {
		return "GIT_SSL_NO_VERIFY is set", []Command{Shown(shell.Unset("GIT_SSL_NO_VERIFY"))}, nil
	}
	if e, ok := gitconfig.Unverified(x.Entries, x.target.URL); ok {
		run, notes = x.unset(e, "")
		return "http.sslVerify is false (" + where(e) + ")", run, notes
	}
	return "", nil, nil
}

// request requests the repository's refs, as git does to fetch (git-upload-pack) or
// to push (git-receive-pack):
// https://git-scm.com/docs/http-protocol#_smart_clients.
//
// A signed request has the username and password that git would get.
func (x *examination) request(ctx context.Context, ep codecommit.Endpoint, service string, sign bool) reply {
	client, err := x.client(ctx)
	if err != nil {
		return reply{err: err}
	}
	return x.requestBy(ctx, client, ep, service, sign)
}

func (x *examination) requestBy(ctx context.Context, client *http.Client, ep codecommit.Endpoint, service string, sign bool) reply {
	defer client.CloseIdleConnections()
	path := x.repository.Path
	if path == "" {
		path = "v1/repos/x" // any name: the service requests credentials first
	}
	address := url.URL{Scheme: "https", Host: ep.Host, Path: "/" + path + "/info/refs", RawQuery: "service=" + service}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return reply{err: errors.New("the URL is malformed")}
	}
	if sign {
		req.SetBasicAuth(
			codecommit.Username(x.result.AccessKeyID, x.result.SessionToken),
			codecommit.Sign(x.result.SecretAccessKey, ep, path, x.Now().Add(x.skew)))
	}
	resp, err := client.Do(req)
	if err != nil {
		return reply{err: awsclient.NetworkCause(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return reply{err: awsclient.ErrSwitched}
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode == http.StatusOK && !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/x-"+service+"-advertisement") {
		return reply{err: errNotGit}
	}
	r := reply{status: resp.StatusCode}
	if sign && r.status >= http.StatusBadRequest {
		r.message = x.shownMessage(string(body))
	}
	clock := awsclient.NewClock(x.Now)
	clock.See(resp.Header.Get("Date"))
	r.skew = clock.Skew()
	return r
}

// reach sends a request without credentials, to check the service and its clock. If
// git does not verify certificates, reach ignores an invalid one.
func (x *examination) reach(ctx context.Context) reply {
	client, err := x.client(ctx)
	if err != nil {
		return reply{err: err}
	}
	r := x.requestBy(ctx, client, x.endpoint, "git-upload-pack", unsigned)
	if setting, _, _ := x.verificationOff(); setting == "" || r.err == nil {
		return r
	}
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // no secret is sent
	r = x.requestBy(ctx, client, x.endpoint, "git-upload-pack", unsigned)
	r.unverified = r.err == nil
	return r
}

// checkService checks that the service can be reached.
func (x *examination) checkService(r reply) bool {
	x.skew, x.unverified = r.skew, r.unverified
	if r.err == nil && r.status < http.StatusInternalServerError {
		c := Check{Name: CheckService, Status: OK, Summary: x.endpoint.Host + " answers"}
		if setting, run, notes := x.verificationOff(); setting != "" {
			c.Status, c.Run, c.Notes = Warning, run, notes
			c.Summary += ", but git does not verify its certificate: " + setting
		}
		x.add(c)
		return true
	}
	c := Check{Name: CheckService, Status: Failed, Summary: fmt.Sprintf("%s responded with %d", x.endpoint.Host, r.status), Notes: []string{"the service has a problem: try again later"}}
	if r.err != nil {
		c.Summary, c.Notes = "CodeCommit cannot be reached: "+r.err.Error(), nil
	}
	switch {
	case errors.Is(r.err, awsclient.ErrUntrustedCertificate) && x.chain.Settings.CABundle != "":
		c.Run = []Command{x.git("config", "--global", "http."+x.hostURL()+".sslCAInfo", x.chain.Settings.CABundle)} // the setting for other hosts is unchanged
	case errors.Is(r.err, awsclient.ErrUntrustedCertificate):
		c.Run = []Command{Shown("git config --global http.sslCAInfo FILE")}
		c.Notes = []string{"FILE is a PEM file with your network's certificate authority"}
	case errors.Is(r.err, awsclient.ErrProxy):
		c.Summary = "CodeCommit cannot be reached: the proxy of " + x.gitProxy().setting + " cannot be reached or refuses the connection"
	case r.err != nil:
		c.Run = []Command{Shown("curl -sS -o /dev/null https://" + x.endpoint.Host)}
		c.Notes = []string{"check the network, and whether it needs a proxy: HTTPS_PROXY, or git's http.proxy"}
		if proxy := x.gitProxy(); proxy.address != "" {
			c.Notes = []string{"git uses the proxy of " + proxy.setting}
		}
	}
	x.add(c)
	return false
}
