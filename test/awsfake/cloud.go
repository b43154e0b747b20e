package awsfake

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Config configures a [Cloud].
type Config struct {
	// Dir is the folder for the cloud's files (the authority's certificate and the
	// repositories). It is created if it does not exist, and never removed.
	Dir string
	// Now is the clock. Nil means time.Now. See also SetClock.
	Now func() time.Time
}

// A Cloud is a separate AWS; clouds share nothing. Its methods may be called
// concurrently.
type Cloud struct {
	dir       string
	git       string // path of the git program
	authority *authority
	now       func() time.Time

	aws       *server // all of AWS's host names, over TLS
	proxy     *server
	metadata  *server
	container *server

	done    chan struct{} // closed by Close; ends hanging requests
	serving sync.WaitGroup
	closeMu sync.RWMutex
	closed  bool
	tunnels tunnels

	logMu sync.Mutex
	log   []*Request

	faultMu sync.Mutex
	faults  map[string][]*Fault

	mu           sync.Mutex // guards all fields below
	clockOffset  time.Duration
	agedBefore   time.Time                   // see AgeSignatures
	hosts        map[string]endpoint         // private names, from AllowHost
	users        map[string]*user            // by ARN
	roles        map[string]*role            // by ARN
	groups       map[string]*group           // by ACCOUNT/NAME
	profiles     map[string]*instanceProfile // by ACCOUNT/NAME
	credentials  map[string]*credential
	secrets      []string
	repositories map[string]Repository // by Repository.key
	locks        map[string][]lock     // of git-lfs, by Repository.key
	instance     *Instance
	instanceKey  *credential
	imdsTokens   map[string]time.Time // by token: expiry
	network      Network
	quirks       Quirks
	challenged   map[string]bool // by client address; for ChallengeFirst
	usedOnce     map[string]bool // by password; for SignatureOnce
	containerDef *ContainerTask
	containerKey *credential
	issuers      map[string]*issuer // by URL
	portal       portal
	logins       map[string]*login // by refresh token
}

// Start starts an empty cloud. It requires git on PATH.
func Start(config Config) (*Cloud, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, fmt.Errorf("awsfake: %w", err)
	}
	dir, err := filepath.Abs(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("awsfake: %w", err)
	}
	now := config.Now
	if now == nil {
		now = time.Now
	}
	a, err := newAuthority()
	if err != nil {
		return nil, fmt.Errorf("awsfake: %w", err)
	}
	c := &Cloud{
		dir:          dir,
		git:          git,
		authority:    a,
		now:          now,
		done:         make(chan struct{}),
		hosts:        map[string]endpoint{},
		users:        map[string]*user{},
		roles:        map[string]*role{},
		groups:       map[string]*group{},
		profiles:     map[string]*instanceProfile{},
		credentials:  map[string]*credential{},
		repositories: map[string]Repository{},
		locks:        map[string][]lock{},
		imdsTokens:   map[string]time.Time{},
		issuers:      map[string]*issuer{},
		logins:       map[string]*login{},
	}
	if err := c.start(); err != nil {
		c.Close()
		return nil, fmt.Errorf("awsfake: %w", err)
	}
	return c, nil
}

func (c *Cloud) start() error {
	// The HOME of git, so that the user's configuration has no effect.
	if err := os.MkdirAll(c.emptyHome(), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(c.CAFile(), c.authority.pem(), 0o644); err != nil {
		return err
	}
	for _, s := range []struct {
		at     **server
		handle http.HandlerFunc
		tls    *tls.Config
	}{
		{&c.aws, c.serveAWS, &tls.Config{GetCertificate: c.authority.certificate, MinVersion: tls.VersionTLS12}},
		{&c.proxy, c.serveProxy, nil},
		{&c.metadata, c.serveMetadata, nil},
		{&c.container, c.serveContainer, nil},
	} {
		started, err := startServer(c.whileOpen(s.handle), s.tls)
		if err != nil {
			return err
		}
		*s.at = started
	}
	return nil
}

// Close stops the cloud and closes all connections. It waits for requests in
// progress, so that the caller can then remove the folder.
func (c *Cloud) Close() {
	c.closeMu.Lock()
	if c.closed {
		c.closeMu.Unlock()
		return
	}
	c.closed = true
	close(c.done)
	c.closeMu.Unlock()

	for _, s := range []*server{c.proxy, c.aws, c.metadata, c.container} {
		if s != nil {
			s.close()
		}
	}
	c.tunnels.close()
	c.serving.Wait()
}

// whileOpen counts the requests in progress, so that Close can wait for them.
func (c *Cloud) whileOpen(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.closeMu.RLock()
		if c.closed {
			c.closeMu.RUnlock()
			panic(http.ErrAbortHandler)
		}
		c.serving.Add(1)
		c.closeMu.RUnlock()
		defer c.serving.Done()
		// Every response has the cloud's time instead of the machine's, because
		// clients use it to measure the error of their clock.
		w.Header().Set("Date", c.Now().UTC().Format(http.TimeFormat))
		handle(w, r)
	}
}

// Now returns the cloud's time.
func (c *Cloud) Now() time.Time {
	c.mu.Lock()
	offset := c.clockOffset
	c.mu.Unlock()
	return c.now().Add(offset)
}

// SetClock sets the cloud's clock to Config.Now plus offset.
func (c *Cloud) SetClock(offset time.Duration) {
	c.mu.Lock()
	c.clockOffset = offset
	c.mu.Unlock()
}

// AgeSignatures makes all git signatures so far older than 15 minutes, and
// therefore invalid, without changing the clients' clock. It waits for the next
// second, because signatures contain whole seconds.
func (c *Cloud) AgeSignatures() {
	next := c.Now().Truncate(time.Second).Add(time.Second)
	time.Sleep(next.Sub(c.Now()))
	c.mu.Lock()
	c.agedBefore = next
	c.mu.Unlock()
}

// AllowHost makes a private DNS name resolve to CodeCommit in a region, like a
// company's own name for a VPC endpoint.
func (c *Cloud) AllowHost(name, region string) {
	partition, _ := partitionOf(region)
	c.mu.Lock()
	c.hosts[strings.ToLower(name)] = endpoint{service: CodeCommit, region: region, partition: partition}
	c.mu.Unlock()
}

// AddVanityURL makes a company's host name redirect to the IAM Identity Center
// portal.
func (c *Cloud) AddVanityURL(host string) {
	c.mu.Lock()
	c.hosts[strings.ToLower(host)] = endpoint{service: SSOVanity}
	c.mu.Unlock()
}

// endpoint returns the service with a host name.
func (c *Cloud) endpoint(host string) (endpoint, bool) {
	c.mu.Lock()
	e, ok := c.hosts[strings.ToLower(host)]
	c.mu.Unlock()
	if ok {
		return e, true
	}
	return endpointOf(host)
}

// CAFile returns the path of the certificate (PEM) that clients must trust.
func (c *Cloud) CAFile() string { return filepath.Join(c.dir, "ca.pem") }

// ProxyURL returns the URL of the CONNECT proxy, without a trailing slash.
func (c *Cloud) ProxyURL() string { return c.proxy.url() }

// MetadataURL returns the URL of the EC2 metadata service, without a trailing
// slash.
func (c *Cloud) MetadataURL() string { return c.metadata.url() }

// ContainerURL returns the URL of the container credentials endpoint, including its
// path, for AWS_CONTAINER_CREDENTIALS_FULL_URI.
func (c *Cloud) ContainerURL() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.containerDef == nil {
		return c.container.url()
	}
	return c.container.url() + c.containerDef.Path
}

func (c *Cloud) emptyHome() string { return filepath.Join(c.dir, "empty-home") }

// Env returns the environment variables (NAME=value) that make a program send its
// AWS and git requests to the cloud. Append them to the environment that they
// override. The caller must set HOME and the variables that select credentials,
// including those of container credentials (see ContainerURL).
func (c *Cloud) Env() []string {
	return []string{
		"https_proxy=" + c.ProxyURL(),
		"HTTPS_PROXY=" + c.ProxyURL(),
		// An inherited NO_PROXY would bypass the proxy, and an inherited http_proxy
		// would receive the AWS CLI's metadata requests.
		"no_proxy=", "NO_PROXY=",
		"http_proxy=", "HTTP_PROXY=",
		"all_proxy=", "ALL_PROXY=",
		"GIT_SSL_CAINFO=" + c.CAFile(),
		"AWS_CA_BUNDLE=" + c.CAFile(),
		"AWS_EC2_METADATA_SERVICE_ENDPOINT=" + c.MetadataURL(),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
	}
}

// serveAWS passes a request to the service of its host name.
func (c *Cloud) serveAWS(w http.ResponseWriter, r *http.Request) {
	host := hostname(r.Host)
	e, ok := c.endpoint(host)
	if !ok || r.TLS.ServerName != "" && !strings.EqualFold(r.TLS.ServerName, host) {
		http.Error(w, "awsfake: not served under this name", http.StatusMisdirectedRequest)
		return
	}
	switch e.service {
	case STS:
		c.serveSTS(w, r, e)
	case SSO:
		c.servePortal(w, r, e)
	case SSOOIDC:
		c.serveOIDC(w, r, e)
	case SSOVanity:
		c.serve(w, r, c.record(r, SSOVanity), func(w http.ResponseWriter, r *http.Request) {
			c.mu.Lock()
			portal := c.portal.startURL
			c.mu.Unlock()
			http.Redirect(w, r, portal+"/", http.StatusFound)
		})
	case SSODevice:
		c.serveDevicePage(w, r, e)
	case Signin:
		c.serveSignin(w, r, e)
	case CodeCommit, CodeConnections:
		c.serveGit(w, r, e)
	case IAM:
		c.serveIAM(w, r, e)
	case EC2:
		c.serveEC2(w, r, e)
	}
}

// serve records a request, and applies a fault or lets the service answer.
func (c *Cloud) serve(w http.ResponseWriter, r *http.Request, entry *Request, answer http.HandlerFunc) {
	watched := &statusWriter{ResponseWriter: w, noted: func(status int) {
		c.note(entry, func(e *Request) { e.Status = status })
	}}
	c.logMu.Lock()
	service, action := entry.Service, entry.Action
	c.logMu.Unlock()
	if f := c.takeFault(service, action); f != nil && !c.meet(f, watched, r) {
		return
	}
	answer(watched, r)
}

// hostname returns a host without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// maxBody is how many bytes of a request's body services other than CodeCommit
// read; clients send far less.
const maxBody = 1 << 20

func readBody(r *http.Request) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r.Body, maxBody))
}

// A statusWriter records the status of a response.
type statusWriter struct {
	http.ResponseWriter
	noted   func(status int)
	answers bool
}

func (w *statusWriter) note(status int) {
	if !w.answers {
		w.answers = true
		w.noted(status)
	}
}

func (w *statusWriter) WriteHeader(status int) {
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.note(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] access the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A server is an HTTP/1.1 server on 127.0.0.1, on a port chosen by the system.
type server struct {
	http   *http.Server
	addr   string
	ended  chan struct{}
	secure bool
}

func startServer(handler http.Handler, config *tls.Config) (*server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{
		http: &http.Server{
			Handler:  handler,
			ErrorLog: log.New(io.Discard, "", 0), // disconnecting clients are part of the tests
		},
		addr:   listener.Addr().String(),
		ended:  make(chan struct{}),
		secure: config != nil,
	}
	if config != nil {
		// HTTP/1.1 only, like STS. Faults need access to the connection too.
		config.NextProtos = []string{"http/1.1"}
		listener = tls.NewListener(listener, config)
	}
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // the server should stop only when it is closed
		}
	}()
	return s, nil
}

func (s *server) url() string {
	if s.secure {
		return "https://" + s.addr
	}
	return "http://" + s.addr
}

func (s *server) close() {
	s.http.Close()
	<-s.ended
}
