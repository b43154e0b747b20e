// Package helper implements the git credential helper: the actions get, store,
// erase and capability, their protocol, and the helper line in git's configuration.
//
// The protocol is described in "INPUT/OUTPUT FORMAT" in git-credential(1), and the
// actions in "CUSTOM HELPERS" in gitcredentials(7).
package helper

import (
	"context"
	"fmt"
	"time"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
)

// A Helper answers git's requests.
type Helper struct {
	// Endpoint returns the endpoint of a host, as git sends it; ok is false if this
	// helper does not serve it.
	Endpoint func(host string) (codecommit.Endpoint, bool)
	// Credentials returns the credentials that sign a request for a repository.
	Credentials func(context.Context, codecommit.Endpoint, codecommit.Repository) (Credentials, error)
	// Forget removes a stored session if it has these credentials.
	Forget func(accessKeyID, sessionToken string)
	// Report prints an error that is not reported to git.
	Report func(error)
	// Now returns this machine's time.
	Now func() time.Time
	// NoHome reports whether git has only the system configuration, without one for
	// this user.
	NoHome func() bool
}

// Credentials are the access key that signs a request. They never print a secret.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string        // "" for long-term keys
	Expires         time.Time     // when they expire; zero if unknown
	Skew            time.Duration // AWS's time minus this machine's
}

// String returns a text without secrets.
func (c Credentials) String() string { return "credentials" }

// GoString returns a text without secrets.
func (c Credentials) GoString() string { return c.String() }

// MarshalText returns a text without secrets, so that encoders and loggers never
// write one.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// isOurs reports whether a request is for this helper. It needs only the request:
// for other hosts, the helper uses no file, network or child process.
func (h Helper) isOurs(req Request) (ep codecommit.Endpoint, ours bool) {
	ep, ours = h.Endpoint(req.Host)
	switch {
	case !ours:
		return ep, false
	case req.Protocol == "http":
		h.Report(plainHTTPError(req, ep))
		return ep, false
	case req.Protocol != "https", codecommit.IsGitCredential(req.Username):
		return ep, false
	}
	return ep, true
}

func plainHTTPError(req Request, ep codecommit.Endpoint) error {
	url := ep.URLForm()
	if r, err := ep.ParsePath(req.Path); err == nil {
		url = "https://" + ep.Host + "/" + r.Path
	}
	return cli.WithHints(
		fmt.Errorf("refusing to send credentials to %s over plain http", cli.Quote(req.Host)),
		cli.Run("git remote set-url origin "+url).When("use https"),
	)
}
