package awsfake

import (
	"net/http"
	"net/url"
	"slices"
	"time"
)

// A Request is the record of one request that reached the cloud.
type Request struct {
	Time    time.Time // by the cloud's clock
	Service string    // STS, Metadata, …
	Host    string    // as the client named it, with its port if it gave one
	Method  string
	Path    string // without the query

	// Action is what was asked for: STS's Action; GetRoleCredentials, ListAccounts,
	// ListAccountRoles or Logout (SSO); RegisterClient, StartDeviceAuthorization,
	// CreateToken, Authorize or Decide (SSOOIDC); CreateOAuth2Token (Signin); GetCredentials
	// (Container); PutToken, GetRoleName, GetCredentials, GetRegion or
	// GetIdentityDocument (Metadata); GitPull or GitPush (CodeCommit,
	// CodeConnections), or LFSBatch, LFSUpload, LFSDownload or LFSLocks (git-lfs at
	// either).
	Action string
	// Params are STS's parameters, without those that are secrets.
	Params url.Values

	AccessKeyID string // of the credentials used, whether they were right or not
	UserAgent   string
	Status      int  // zero while unanswered, and when the connection was cut
	Proxied     bool // plain HTTP through the proxy: right for nothing that AWS serves
}

// Requests returns the requests to one service, or to all if service is empty, in
// the order of their arrival. A request is recorded before it is answered.
func (c *Cloud) Requests(service string) []Request {
	c.logMu.Lock()
	defer c.logMu.Unlock()
	var found []Request
	for _, r := range c.log {
		if service == "" || r.Service == service {
			found = append(found, *r)
		}
	}
	return found
}

// Count returns the number of requests to one service, or to all if service is
// empty.
func (c *Cloud) Count(service string) int { return len(c.Requests(service)) }

// Reset forgets the recorded requests and the remaining faults. Users, sessions,
// repositories and the clock remain.
func (c *Cloud) Reset() {
	c.logMu.Lock()
	c.log = nil
	c.logMu.Unlock()
	c.faultMu.Lock()
	c.faults = nil
	c.faultMu.Unlock()
}

// record records a request. Its fields may then be changed through note only.
func (c *Cloud) record(r *http.Request, service string) *Request {
	entry := &Request{
		Time:      c.Now(),
		Service:   service,
		Host:      r.Host,
		Method:    r.Method,
		Path:      r.URL.Path,
		UserAgent: r.UserAgent(),
	}
	c.logMu.Lock()
	c.log = append(c.log, entry)
	c.logMu.Unlock()
	return entry
}

func (c *Cloud) note(entry *Request, change func(*Request)) {
	c.logMu.Lock()
	change(entry)
	c.logMu.Unlock()
}

// secretParams are left out of Request.Params, so that a test which prints a
// Request prints no secret.
var secretParams = []string{"WebIdentityToken", "TokenCode"}

func publicParams(form url.Values) url.Values {
	public := url.Values{}
	for name, values := range form {
		if !slices.Contains(secretParams, name) {
			public[name] = values
		}
	}
	return public
}
