package awsfake

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Quirks make CodeCommit behave differently from what its clients assume, so that
// tests can check whether they detect it. The zero value is the assumed behaviour.
type Quirks struct {
	Unauthenticated int // status without credentials, instead of 401
	Refused         int // status for a wrong signature, instead of 403
	Missing         int // status for a repository that does not exist, instead of 404

	MaxAge    time.Duration // of a signature, instead of 15 minutes
	MaxFuture time.Duration // of a signature, instead of 15 minutes

	ChallengeFirst bool // answer the first request on a connection with 401, even with credentials
	SignatureOnce  bool // accept a signature only once
	DotGitIgnored  bool // require the signature over a path without .git
	TrailingSlash  bool // also accept a signature over the path with a trailing slash
	LFSWholePath   bool // require the signature of git-lfs over the whole path
	EncodedToken   bool // require the session token percent-encoded
	LowerCaseHost  bool // require the signature over the host in lower case
	NoFIPS         bool // have no FIPS endpoint
	NoVPC          bool // have no VPC endpoint
}

// SetQuirks sets how CodeCommit behaves from now on.
func (c *Cloud) SetQuirks(q Quirks) {
	c.mu.Lock()
	c.quirks, c.challenged, c.usedOnce = q, map[string]bool{}, map[string]bool{}
	c.mu.Unlock()
}

// status returns the replacement of an assumed status.
func status(quirk, assumed int) int {
	if quirk != 0 {
		return quirk
	}
	return assumed
}

// absent reports whether the service does not have a host.
func (q Quirks) absent(host string) bool {
	return q.NoFIPS && strings.HasPrefix(host, "git-codecommit-fips.") || q.NoVPC && strings.HasPrefix(host, "vpce-")
}

// challenges reports whether a request with credentials gets a 401.
func (c *Cloud) challenges(r *http.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.challenged[r.RemoteAddr]
	if c.quirks.ChallengeFirst {
		c.challenged[r.RemoteAddr] = true
	}
	return c.quirks.ChallengeFirst && first
}

// used reports whether a password was used before, and records it.
func (c *Cloud) used(password string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.usedOnce[password]
	if c.quirks.SignatureOnce {
		c.usedOnce[password] = true
	}
	return c.quirks.SignatureOnce && before
}

// signedPaths returns the paths that the signature may be for.
func (q Quirks) signedPaths(asked gitRequest, whole string) []string {
	paths := asked.signed
	if q.LFSWholePath && asked.isLFS() {
		paths = []string{whole}
	}
	if q.DotGitIgnored && !asked.isLFS() {
		paths = []string{strings.TrimSuffix(asked.base, ".git")}
	}
	if q.TrailingSlash {
		paths = append(paths[:len(paths):len(paths)], asked.base+"/")
	}
	return paths
}

// token returns the session token as the client sent it.
func (q Quirks) token(sent string) string {
	if !q.EncodedToken {
		return sent
	}
	token, err := url.QueryUnescape(sent)
	if err != nil || token == sent {
		return "" // it was not encoded
	}
	return token
}

// host returns the host that the signature must cover.
func (q Quirks) host(sent string) string {
	if q.LowerCaseHost {
		return strings.ToLower(sent)
	}
	return sent
}

// checkSigned rejects a signature that is too old, or too far in the future.
func (q Quirks) checkSigned(signed, now time.Time) *apiError {
	if q.MaxAge != 0 && signed.Before(now.Add(-q.MaxAge)) {
		return &apiError{403, "SignatureDoesNotMatch", "Signature expired"}
	}
	if q.MaxFuture != 0 && signed.After(now.Add(q.MaxFuture)) {
		return &apiError{403, "SignatureDoesNotMatch", "Signature not yet current"}
	}
	if q.MaxAge > maxSkew && signed.Before(now) || q.MaxFuture > maxSkew && signed.After(now) {
		return nil
	}
	return checkSigned(signed, now)
}
