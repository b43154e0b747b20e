package awsfake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The actions of git-lfs's requests: see Request.Action.
const (
	lfsBatch    = "LFSBatch"
	lfsUpload   = "LFSUpload"
	lfsDownload = "LFSDownload"
	lfsLocks    = "LFSLocks"
)

const (
	lfsRoot      = "/info/lfs"
	lfsMediaType = "application/vnd.git-lfs+json"
)

// lfsObject is the path of an object relative to lfsRoot: its SHA-256.
var lfsObject = regexp.MustCompile(`^/objects/([0-9a-f]{64})$`)

// asLFS completes a request from git-lfs, whose path always has .git after the
// repository's name. Depending on the configuration, git-lfs passes the git
// remote's URL or the LFS URL to its helper, so the signature may be for either
// path, or for any path in between.
func (asked *gitRequest) asLFS(r *http.Request) {
	asked.repository.Name = strings.TrimSuffix(asked.repository.Name, ".git")
	rest := strings.TrimPrefix(asked.operation, lfsRoot)
	switch {
	case rest == "/objects/batch" && r.Method == http.MethodPost:
		asked.action = lfsBatch
	case lfsObject.MatchString(rest) && r.Method == http.MethodPut:
		asked.action = lfsUpload
	case lfsObject.MatchString(rest) && r.Method == http.MethodGet:
		asked.action = lfsDownload
	case rest == "/locks" || strings.HasPrefix(rest, "/locks/"):
		asked.action = lfsLocks
	}
	asked.signed = []string{asked.base, strings.TrimSuffix(asked.base, ".git")}
	for end := len(asked.base + lfsRoot); end <= len(r.URL.Path); end++ {
		if end == len(r.URL.Path) || r.URL.Path[end] == '/' {
			asked.signed = append(asked.signed, r.URL.Path[:end])
		}
	}
}

func (asked gitRequest) isLFS() bool { return strings.HasPrefix(asked.operation, lfsRoot) }

// An lfsRequest is a git-lfs request with a valid signature.
type lfsRequest struct {
	gitRequest
	repository Repository
	there      bool
	key        *credential
	may        func(action string) bool
	forbid     func(action string)
}

// allowed reports whether the caller may make the request and the repository
// exists. Otherwise it sends the error response.
func (l lfsRequest) allowed(w http.ResponseWriter, action string) bool {
	switch {
	case !l.may(action):
		l.forbid(action)
		return false
	case !l.there:
		lfsError(w, http.StatusNotFound, "the repository does not exist")
		return false
	}
	return true
}

// serveLFS serves large files: the batch API with the basic transfer, an object
// store under the same path, and locks. Object requests need the same
// authentication.
// See https://github.com/git-lfs/git-lfs/tree/main/docs/api
func (c *Cloud) serveLFS(w http.ResponseWriter, r *http.Request, l lfsRequest) {
	switch l.action {
	case lfsBatch:
		c.serveBatch(w, r, l)
	case lfsUpload:
		if l.allowed(w, "GitPush") {
			storeObject(w, r, l)
		}
	case lfsDownload:
		if l.allowed(w, "GitPull") {
			sendObject(w, r, l)
		}
	case lfsLocks:
		c.serveLocks(w, r, l)
	}
}

func (c *Cloud) serveBatch(w http.ResponseWriter, r *http.Request, l lfsRequest) {
	type object struct {
		OID  string `json:"oid"`
		Size int64  `json:"size"`
	}
	type link struct {
		Href string `json:"href"`
	}
	type failure struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	type result struct {
		object
		Actions map[string]link `json:"actions,omitempty"`
		Error   *failure        `json:"error,omitempty"`
	}
	var batch struct {
		Operation string   `json:"operation"`
		Objects   []object `json:"objects"`
	}
	if body, err := readBody(r); err != nil || json.Unmarshal(body, &batch) != nil {
		lfsError(w, http.StatusUnprocessableEntity, "the body is not a batch request")
		return
	}
	action := map[string]string{"upload": "GitPush", "download": "GitPull"}[batch.Operation]
	if action == "" {
		lfsError(w, http.StatusUnprocessableEntity, "no such operation")
		return
	}
	if !l.allowed(w, action) {
		return
	}
	answer := struct {
		Transfer string   `json:"transfer"`
		Objects  []result `json:"objects"`
	}{Transfer: "basic", Objects: []result{}}
	for _, o := range batch.Objects {
		one := result{object: o}
		_, err := os.Stat(l.file(o.OID))
		href := map[string]link{batch.Operation: {Href: "https://" + r.Host + strings.ReplaceAll(l.base, " ", "%20") + lfsRoot + "/objects/" + o.OID}}
		switch stored := err == nil; {
		case !lfsObject.MatchString("/objects/" + o.OID):
			one.Error = &failure{http.StatusUnprocessableEntity, "not an object ID"}
		case batch.Operation == "download" && !stored:
			one.Error = &failure{http.StatusNotFound, "no such object"}
		case batch.Operation == "download" || !stored:
			one.Actions = href
		}
		answer.Objects = append(answer.Objects, one)
	}
	writeLFS(w, http.StatusOK, answer)
}

// file returns the path of a stored object.
func (l lfsRequest) file(oid string) string { return filepath.Join(l.repository.Dir, "lfs", oid) }

// storeObject stores an object if its content has the hash in its name.
func storeObject(w http.ResponseWriter, r *http.Request, l lfsRequest) {
	oid := lfsObject.FindStringSubmatch(strings.TrimPrefix(l.operation, lfsRoot))[1]
	file := l.file(oid)
	err := func() error {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		partial, err := os.CreateTemp(filepath.Dir(file), "partial-*")
		if err != nil {
			return err
		}
		defer os.Remove(partial.Name())
		defer partial.Close()
		sum := sha256.New()
		if _, err := io.Copy(io.MultiWriter(partial, sum), r.Body); err != nil {
			return err
		}
		if hex.EncodeToString(sum.Sum(nil)) != oid {
			return errors.New("the content does not have the hash that names it")
		}
		if err := partial.Close(); err != nil {
			return err
		}
		return os.Rename(partial.Name(), file)
	}()
	if err != nil {
		lfsError(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	w.WriteHeader(http.StatusOK)
}

func sendObject(w http.ResponseWriter, r *http.Request, l lfsRequest) {
	f, err := os.Open(l.file(lfsObject.FindStringSubmatch(strings.TrimPrefix(l.operation, lfsRoot))[1]))
	if err != nil {
		lfsError(w, http.StatusNotFound, "no such object")
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, f)
}

// LFSObjects returns the number of large files in a repository.
func (c *Cloud) LFSObjects(r Repository) int {
	objects, err := filepath.Glob(filepath.Join(r.Dir, "lfs", "[0-9a-f]*"))
	if err != nil {
		panic(fmt.Sprintf("awsfake: %v", err)) // invalid pattern
	}
	return len(objects)
}

func writeLFS(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", lfsMediaType)
	writeJSON(w, status, value)
}

func lfsError(w http.ResponseWriter, status int, message string) {
	writeLFS(w, status, map[string]string{"message": message})
}
