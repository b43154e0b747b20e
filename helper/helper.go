// Package helper is the git credential helper: git's actions get, store, erase and
// capability, the protocol in which git requests them, and the line in git's
// configuration that names the helper.
//
// The protocol is described in git-credential(1), INPUT/OUTPUT FORMAT, and the
// actions in gitcredentials(7), CUSTOM HELPERS.
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
	// Endpoint reports whether a host, as git sends it, is one that this helper
	// answers for.
	Endpoint func(host string) (codecommit.Endpoint, bool)
	// Credentials returns what signs a request for a repository.
	Credentials func(context.Context, codecommit.Endpoint, codecommit.Repository) (Credentials, error)
	// Forget removes a stored session if these are its credentials.
	Forget func(accessKeyID, sessionToken string)
	// Report prints an error for which git gets neither an answer nor a failure.
	Report func(error)
	// Now returns this machine's time.
	Now func() time.Time
	// NoHome reports whether git has no configuration for this user, only that
	// of the system.
	NoHome func() bool
}

// Credentials are the access key that signs a request.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string        // "" for long-term keys
	Expires         time.Time     // when they stop working; zero if unknown
	Skew            time.Duration // AWS's clock minus this machine's
}

// String shows no secret.
func (c Credentials) String() string { return "credentials" }

// GoString shows no secret.
func (c Credentials) GoString() string { return c.String() }

// MarshalText shows no secret, so that encoders and loggers write none.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// isOurs reports whether a request is for this helper, judging by the request
// alone: a request for another host touches no file, network or child process.
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
