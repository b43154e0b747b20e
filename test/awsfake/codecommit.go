package awsfake

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"regexp"
	"strings"
	"time"
)

// challenge is the response to a request without credentials. The real service's
// realm is not documented.
const challenge = `Basic realm="AWS CodeCommit"`

// repositoryPath splits a path into the repository's path, its name, and the
// operation.
var repositoryPath = regexp.MustCompile(`^(/v1/repos/([A-Za-z0-9._-]{1,100}))(/info/refs|/git-upload-pack|/git-receive-pack|/info/lfs(?:/.*)?)$`)

// serveGit serves git's smart HTTP protocol and git-lfs's API with CodeCommit's
// authentication: Basic, with a signature as the password. CodeCommit and
// CodeConnections' git proxy share it.
// See https://git-scm.com/docs/http-protocol
func (c *Cloud) serveGit(w http.ResponseWriter, r *http.Request, e endpoint) {
	asked := parseGitRequest(r, e)
	username, password, authorized := r.BasicAuth()
	accessKeyID, token, _ := strings.Cut(username, "%")
	entry := c.record(r, e.service)
	c.note(entry, func(entry *Request) {
		entry.Action = asked.action
		entry.AccessKeyID = accessKeyID
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		quirks := c.quirks
		c.mu.Unlock()
		if quirks.absent(hostname(r.Host)) {
			http.Error(w, "no such host", http.StatusMisdirectedRequest)
			return
		}
		if !authorized || c.challenges(r) {
			w.Header().Set("WWW-Authenticate", challenge)
			http.Error(w, "authorization required", status(quirks.Unauthenticated, http.StatusUnauthorized))
			return
		}
		if asked.action == "" {
			http.Error(w, "no such path", http.StatusNotFound)
			return
		}
		asked.signed = quirks.signedPaths(asked, r.URL.Path)
		key, err := c.checkGitSignature(gitCredential{
			accessKeyID: accessKeyID,
			token:       quirks.token(token),
			password:    password,
			host:        quirks.host(hostname(r.Host)),
		}, asked, e)
		if err == nil && c.used(password) {
			err = errors.New("the signature was used before")
		}
		if err != nil {
			http.Error(w, err.Error(), status(quirks.Refused, http.StatusForbidden))
			return
		}
		c.serveRepository(w, r, asked, key, e)
	})
}

// A gitRequest is a request for a repository.
type gitRequest struct {
	repository Repository // for CodeCommit without the account, which depends on the credential
	base       string     // the repository's path
	operation  string     // the rest of the path: /info/refs, /git-upload-pack, …
	action     string     // see Request.Action; empty if the service does not serve it
	signed     []string   // paths that the signature may be for
}

func parseGitRequest(r *http.Request, e endpoint) gitRequest {
	var asked gitRequest
	if e.service == CodeConnections {
		asked = parseConnectedRequest(r, e)
	} else if m := repositoryPath.FindStringSubmatch(r.URL.Path); m != nil {
		asked = gitRequest{repository: Repository{Region: e.region, Name: m[2]}, base: m[1], operation: m[3]}
	}
	asked.signed = []string{asked.base}
	service := strings.TrimPrefix(asked.operation, "/")
	if asked.operation == "/info/refs" {
		service = r.URL.Query().Get("service")
	}
	switch {
	case service == "git-upload-pack":
		asked.action = "GitPull"
	case service == "git-receive-pack":
		asked.action = "GitPush"
	case strings.HasPrefix(asked.operation, "/info/lfs"):
		asked.asLFS(r)
	}
	return asked
}

// A gitCredential is the credential in a request, and the host to which it was
// sent.
type gitCredential struct {
	accessKeyID, token, password, host string
}

// checkGitSignature verifies the credential of a git request and returns the
// cloud's credential with that ID.
//
// The password is the signing time, a Z, and a Signature Version 4 of a canonical
// request that is specific to CodeCommit: the method is GIT, the only header is the
// host, and an empty line replaces the hash of the body. The time in the string to
// sign has no Z.
func (c *Cloud) checkGitSignature(shown gitCredential, asked gitRequest, e endpoint) (*credential, error) {
	stamp, sum, ok := strings.Cut(shown.password, "Z")
	if !ok {
		return nil, errors.New("the password is not a signature")
	}
	signed, err := time.Parse("20060102T150405", stamp)
	if err != nil {
		return nil, errors.New("the password does not begin with a time")
	}
	c.mu.Lock()
	aged, quirks := signed.Before(c.agedBefore), c.quirks
	c.mu.Unlock()
	if aged {
		//lint:ignore ST1005 it is AWS's wording
		return nil, errors.New("Signature expired")
	}
	if refusal := quirks.checkSigned(signed, c.Now()); refusal != nil {
		return nil, errors.New(refusal.message)
	}
	key, refusal := c.key(shown.accessKeyID, shown.token)
	if refusal != nil {
		return nil, errors.New(refusal.message)
	}
	if key.of.arn.partition != e.partition {
		return nil, errors.New(errInvalidToken.message)
	}
	for _, path := range asked.signed {
		canonical := fmt.Sprintf("GIT\n%s\n\nhost:%s\n\nhost\n", path, shown.host)
		want := signature(key.SecretAccessKey, stamp[:8], e.region, "codecommit", stamp, canonical)
		if hmac.Equal([]byte(want), []byte(sum)) {
			return key, nil
		}
	}
	return nil, errors.New("the signature does not match")
}

// serveRepository checks the caller's permissions and passes the request to git.
func (c *Cloud) serveRepository(w http.ResponseWriter, r *http.Request, asked gitRequest, key *credential, e endpoint) {
	target := asked.repository
	if e.service == CodeCommit {
		target.Account = key.of.arn.account // the credential determines it
		target.ARN = fmt.Sprintf("arn:%s:codecommit:%s:%s:%s", e.partition, e.region, target.Account, target.Name)
	}
	now := c.Now()
	may := func(action string) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if e.service == CodeConnections {
			return mayUseConnection(key, target, action, key.context(now))
		}
		return decide(key.of.policies, question{action: "codecommit:" + action, resource: target.ARN, context: key.context(now)}) == allowed
	}
	forbid := func(action string) {
		action = "codecommit:" + action
		if e.service == CodeConnections {
			action = "codeconnections:UseConnection"
		}
		http.Error(w, fmt.Sprintf("%s is not authorized to perform: %s on resource: %s", key.arn(), action, target.ARN), http.StatusForbidden)
	}
	c.mu.Lock()
	repository, there := c.repositories[target.key()]
	missing := status(c.quirks.Missing, http.StatusNotFound)
	c.mu.Unlock()
	if asked.isLFS() {
		c.serveLFS(w, r, lfsRequest{gitRequest: asked, repository: repository, there: there, key: key, may: may, forbid: forbid})
		return
	}
	switch {
	case !may(asked.action):
		forbid(asked.action)
		return
	case !there:
		http.Error(w, "the repository does not exist", missing)
		return
	}

	// net/http/cgi rejects chunked bodies, which git sends for a push larger than
	// http.postBuffer (1 MiB). So the body is written to a file, which has a length.
	body, err := os.CreateTemp(c.dir, "body-*")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer os.Remove(body.Name())
	defer body.Close()
	length, err := io.Copy(body, r.Body)
	if err == nil {
		_, err = body.Seek(0, io.SeekStart)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the client disconnected
	}

	inner := r.Clone(r.Context())
	inner.Body, inner.ContentLength, inner.TransferEncoding = body, length, nil
	inner.Header.Del("Authorization") // git does not need it
	inner.URL.Path = "/" + repository.path() + asked.operation
	backend := cgi.Handler{
		Path: c.git,
		Args: []string{"http-backend"},
		Dir:  c.emptyHome(),
		Env:  append(c.gitEnv(), "GIT_PROJECT_ROOT="+c.repositoriesDir(), "GIT_HTTP_EXPORT_ALL=1"),
		// Discard git's diagnostics: a failing test shows the client's output.
		Stderr: io.Discard,
	}
	if protocol := r.Header.Get("Git-Protocol"); protocol != "" {
		backend.Env = append(backend.Env, "GIT_PROTOCOL="+protocol)
	}
	if asked.action == "GitPush" {
		backend.Env = append(backend.Env, "REMOTE_USER="+key.AccessKeyID) // git requires it for a push
	}
	backend.ServeHTTP(w, inner)
}

// gitEnv is the environment of the cloud's git, without any user's configuration.
func (c *Cloud) gitEnv() []string {
	return []string{
		"HOME=" + c.emptyHome(),
		"XDG_CONFIG_HOME=" + c.emptyHome(),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_CONFIG_COUNT=2",
		// The folder may belong to another user if it is mounted from outside.
		"GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		// Git must not leave a process in the background after a push.
		"GIT_CONFIG_KEY_1=receive.autogc", "GIT_CONFIG_VALUE_1=false",
	}
}
