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
	Host    string    // as sent by the client, with a port if there is one
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
	// Params are STS's parameters, except secrets.
	Params url.Values

	AccessKeyID string // of the credentials, even if they were wrong
	UserAgent   string
	Status      int  // zero before the response, and if the connection was cut
	Proxied     bool // plain HTTP through the proxy, which no AWS service allows
}

// Requests returns the requests to one service, or all if service is empty, in
// order of arrival. A request is recorded before it is answered.
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

// Count returns the number of requests to one service, or of all if service is
// empty.
func (c *Cloud) Count(service string) int { return len(c.Requests(service)) }

// Reset removes the recorded requests and the remaining faults. Users, sessions,
// repositories and the clock are kept.
func (c *Cloud) Reset() {
	c.logMu.Lock()
	c.log = nil
	c.logMu.Unlock()
	c.faultMu.Lock()
	c.faults = nil
	c.faultMu.Unlock()
}

// record records a request. Later changes to its fields must go through note.
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

// secretParams are omitted from Request.Params, so that tests can print a Request.
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
