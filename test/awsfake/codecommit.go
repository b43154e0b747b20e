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

// challenge is the answer to a request without credentials. The realm of the
// real service is not documented.
const challenge = `Basic realm="AWS CodeCommit"`

// repositoryPath takes a path apart: the repository's own path, its name, and
// what is asked of it.
var repositoryPath = regexp.MustCompile(`^(/v1/repos/([A-Za-z0-9._-]{1,100}))(/info/refs|/git-upload-pack|/git-receive-pack|/info/lfs(?:/.*)?)$`)

// serveCodeCommit is git's smart HTTP with CodeCommit's own authentication
// in front of it: Basic, with a signature as the password.
// See https://git-scm.com/docs/http-protocol
func (c *Cloud) serveCodeCommit(w http.ResponseWriter, r *http.Request, e endpoint) {
	asked := parseGitRequest(r)
	username, password, authorized := r.BasicAuth()
	accessKeyID, token, _ := strings.Cut(username, "%")
	entry := c.record(r, CodeCommit)
	c.note(entry, func(entry *Request) {
		entry.Action = asked.action
		entry.AccessKeyID = accessKeyID
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		if !authorized {
			w.Header().Set("WWW-Authenticate", challenge)
			http.Error(w, "authorization required", http.StatusUnauthorized)
			return
		}
		if asked.action == "" {
			http.Error(w, "no such path", http.StatusNotFound)
			return
		}
		key, err := c.checkGitSignature(gitCredential{
			accessKeyID: accessKeyID,
			token:       token,
			password:    password,
			host:        hostname(r.Host),
		}, asked, e)
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		c.serveRepository(w, r, asked, key, e)
	})
}

// A gitRequest is what a request asks of which repository.
type gitRequest struct {
	repository string   // its name
	operation  string   // the rest of the path: /info/refs, /git-upload-pack, …
	action     string   // GitPull or GitPush; empty if it is none that CodeCommit serves
	signed     []string // the paths that the signature may be for
}

func parseGitRequest(r *http.Request) gitRequest {
	m := repositoryPath.FindStringSubmatch(r.URL.Path)
	if m == nil {
		return gitRequest{}
	}
	asked := gitRequest{repository: m[2], operation: m[3], signed: []string{m[1]}}
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
		asked.action = "GitPull"
		if r.Method == http.MethodPut {
			asked.action = "GitPush"
		}
		// git-lfs asks its helper once per server, or per URL: the signature is
		// then for the beginning of the path or for the whole.
		asked.signed = nil
		for end := len(m[1] + "/info/lfs"); end <= len(r.URL.Path); end++ {
			if end == len(r.URL.Path) || r.URL.Path[end] == '/' {
				asked.signed = append(asked.signed, r.URL.Path[:end])
			}
		}
	}
	return asked
}

// A gitCredential is what a client shows, and the host it shows it to.
type gitCredential struct {
	accessKeyID, token, password, host string
}

// checkGitSignature verifies the credential of a git request and returns whose it is.
//
// The password is the signing time, a Z, and a Signature Version 4 over a
// canonical request of CodeCommit's own: the method is GIT, the one header is
// the host, and an empty line stands where the hash of the body would. The time
// in the string to sign has no Z.
func (c *Cloud) checkGitSignature(shown gitCredential, asked gitRequest, e endpoint) (*credential, error) {
	stamp, sum, ok := strings.Cut(shown.password, "Z")
	if !ok {
		return nil, errors.New("the password is not a signature")
	}
	signed, err := time.Parse("20060102T150405", stamp)
	if err != nil {
		return nil, errors.New("the password does not begin with a time")
	}
	if refusal := checkSigned(signed, c.Now()); refusal != nil {
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

// serveRepository checks that the caller may do what it asks, and has git do it.
func (c *Cloud) serveRepository(w http.ResponseWriter, r *http.Request, asked gitRequest, key *credential, e endpoint) {
	name := fmt.Sprintf("arn:%s:codecommit:%s:%s:%s", e.partition, e.region, key.of.arn.account, asked.repository)
	now := c.Now()
	c.mu.Lock()
	repository, there := c.repositories[name]
	may := func(action string) bool {
		return decide(key.of.policies, question{action: "codecommit:" + action, resource: name, context: key.context(now)}) == allowed
	}
	permitted := may(asked.action)
	c.mu.Unlock()
	switch {
	case !permitted:
		http.Error(w, fmt.Sprintf("%s is not authorized to perform: codecommit:%s on resource: %s", key.arn(), asked.action, name), http.StatusForbidden)
		return
	case !there:
		http.Error(w, "the repository does not exist", http.StatusNotFound)
		return
	case strings.HasPrefix(asked.operation, "/info/lfs"):
		serveLFS(w, r)
		return
	}

	// net/http/cgi refuses chunked bodies, in which git sends a push beyond
	// http.postBuffer (1 MiB): the body goes to a file, and its length is known.
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
		panic(http.ErrAbortHandler) // the client went away
	}

	inner := r.Clone(r.Context())
	inner.Body, inner.ContentLength, inner.TransferEncoding = body, length, nil
	inner.Header.Del("Authorization") // git has no business with it
	inner.URL.Path = "/" + repository.path() + asked.operation
	backend := cgi.Handler{
		Path: c.git,
		Args: []string{"http-backend"},
		Dir:  c.emptyHome(),
		Env:  append(c.gitEnv(), "GIT_PROJECT_ROOT="+c.repositoriesDir(), "GIT_HTTP_EXPORT_ALL=1"),
		// Diagnostics of git's own: a test that fails shows the client's side of it.
		Stderr: io.Discard,
	}
	if protocol := r.Header.Get("Git-Protocol"); protocol != "" {
		backend.Env = append(backend.Env, "GIT_PROTOCOL="+protocol)
	}
	if asked.action == "GitPush" {
		backend.Env = append(backend.Env, "REMOTE_USER="+key.AccessKeyID) // what lets git take a push
	}
	backend.ServeHTTP(w, inner)
}

// gitEnv is the environment of the cloud's own git: nobody's configuration.
func (c *Cloud) gitEnv() []string {
	return []string{
		"HOME=" + c.emptyHome(),
		"XDG_CONFIG_HOME=" + c.emptyHome(),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_CONFIG_COUNT=2",
		// The folder may belong to another user where it is mounted from outside.
		"GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		// Nothing of git's goes on in the background once a push was answered.
		"GIT_CONFIG_KEY_1=receive.autogc", "GIT_CONFIG_VALUE_1=false",
	}
}

// serveLFS says, in git-lfs's own terms, that there is no store for large files;
// that the request got here shows that its signature was good.
func serveLFS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/vnd.git-lfs+json")
	writeJSON(w, http.StatusNotImplemented, map[string]string{"message": "awsfake stores no large files"})
}
