package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/session"
)

// A service is the CodeCommit host that git would use.
type service struct {
	endpoint    codecommit.Endpoint
	path        string // path of the repository, without a leading slash
	credentials session.Result
	client      *http.Client
	roots       *x509.CertPool
	scrub       scrubber

	offset    time.Duration // the service's time minus this machine's
	requests  int
	exchanges []exchange // exchanges to show in the report
}

// maxRequests limits the requests of one run.
const maxRequests = 300

// timeout limits one request.
const timeout = 60 * time.Second

// maxBody limits how much of a response is read.
const maxBody = 64 << 10 // 64 KiB

func newService(o options, creds session.Result) (*service, error) {
	host := codecommit.Host(o.repository.Region, false)
	ep, ok := codecommit.ParseEndpoint(host)
	if !ok {
		return nil, fmt.Errorf("%s is not a host of CodeCommit", host)
	}
	s := &service{endpoint: ep, path: "v1/repos/" + o.repository.Name, credentials: creds, offset: creds.Skew, scrub: newScrubber(o, creds)}
	for _, variable := range []string{"GIT_SSL_CAINFO", "AWS_CA_BUNDLE"} {
		if path := os.Getenv(variable); path != "" && s.roots == nil {
			bundle, err := awsclient.ReadCABundle(path)
			if err != nil {
				return nil, err
			}
			s.roots = x509.NewCertPool()
			s.roots.AppendCertsFromPEM(bundle)
		}
	}
	s.client = s.newClient()
	return s, nil
}

// newClient returns a client without open connections.
func (s *service) newClient() *http.Client {
	transport := awsclient.NewTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	return &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// now returns the service's time.
func (s *service) now() time.Time { return time.Now().Add(s.offset) }

// A request is one request for a repository. The zero value is git's first request
// for fetching.
type request struct {
	host        string // default: the region's
	path        string // default: the repository's
	operation   string // default: /info/refs?service=git-upload-pack
	body        string // if not empty, the method is POST
	contentType string

	anonymous  bool      // send no credentials
	fresh      bool      // use a new connection, and do not repeat the request after a 401
	at         time.Time // default: now
	signedHost string    // default: host
	signedPath string    // default: path
	token      string    // default: the session token

	name string // name in the report
	keep bool   // show the exchange in the report
}

// An exchange is a response.
type exchange struct {
	name   string
	status int
	header http.Header
	body   string
}

// send sends a request and returns the response. Like git, it repeats the request
// on the same connection after a 401.
func (s *service) send(ctx context.Context, r request) (exchange, error) {
	if r.host == "" {
		r.host = s.endpoint.Host
	}
	if r.path == "" {
		r.path = s.path
	}
	if r.operation == "" {
		r.operation = "/info/refs?service=git-upload-pack"
	}
	client := s.client
	if r.fresh {
		client = s.newClient()
		defer client.CloseIdleConnections()
	}
	x, err := s.sendOnce(ctx, client, r)
	if err == nil && x.status == http.StatusUnauthorized && !r.anonymous && !r.fresh {
		x, err = s.sendOnce(ctx, client, r)
	}
	if err == nil && r.keep {
		x.name = r.name
		s.exchanges = append(s.exchanges, x)
	}
	return x, err
}

func (s *service) sendOnce(ctx context.Context, client *http.Client, r request) (exchange, error) {
	if s.requests++; s.requests > maxRequests {
		return exchange{}, fmt.Errorf("more than %d requests", maxRequests)
	}
	method := http.MethodGet
	if r.body != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://"+r.host+"/"+r.path+r.operation, strings.NewReader(r.body))
	if err != nil {
		return exchange{}, err
	}
	req.Header.Set("User-Agent", "git/2.47.0 (git-credential-codecommit test/live)")
	req.Header.Set("Git-Protocol", "version=2")
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
		req.Header.Set("Accept", r.contentType)
	}
	if !r.anonymous {
		req.SetBasicAuth(s.sign(r))
	}
	resp, err := client.Do(req)
	if err != nil {
		if cause := awsclient.NetworkCause(err); cause != nil {
			err = cause
		}
		return exchange{}, fmt.Errorf("%s: %w", r.host, err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	err = errors.Join(err, resp.Body.Close())
	// The first response determines the offset of this machine's clock.
	if date, e := http.ParseTime(resp.Header.Get("Date")); e == nil && s.requests == 1 {
		if offset := time.Until(date); offset.Abs() > 2*time.Second {
			s.offset = offset
		}
	}
	return exchange{status: resp.StatusCode, header: resp.Header, body: string(body)}, err
}

// sign returns the username and password for a request.
func (s *service) sign(r request) (username, password string) {
	ep := codecommit.Endpoint{Host: r.host, Region: s.endpoint.Region}
	if r.signedHost != "" {
		ep.Host = r.signedHost
	}
	path := r.path
	if r.signedPath != "" {
		path = r.signedPath
	}
	at, token := r.at, s.credentials.SessionToken
	if at.IsZero() {
		at = s.now()
	}
	if r.token != "" {
		token = r.token
	}
	return codecommit.Username(s.credentials.AccessKeyID, token), codecommit.Sign(s.credentials.SecretAccessKey, ep, path, at)
}
