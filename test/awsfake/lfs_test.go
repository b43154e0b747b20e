package awsfake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The signature of a git-lfs request may cover the repository, as git-lfs requests
// it for an https remote, or any path from .git/info/lfs on.
func TestLFSAcceptsSignaturesForTheRequestsOfGitLFS(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	contributor, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	const (
		host   = "git-codecommit.us-east-2.amazonaws.com"
		path   = "/v1/repos/SharedDemoRepo"
		server = path + ".git/info/lfs"
	)
	for signed, want := range map[string]int{
		path:                             200,
		path + ".git":                    200,
		server:                           200,
		server + "/objects":              200,
		server + "/objects/batch":        200,
		server + "/objects/batch/x":      403,
		server + "/locks":                403,
		path + "/info/lfs":               403,
		"/v1/repos/MySharedDemoRepo.git": 403,
	} {
		header := basic(username(contributor), password(contributor, time.Now(), host, Region, signed))
		if status, body := fetch(t, client(t, s.Cloud), http.MethodPost, "https://"+host+server+"/objects/batch", header, `{"operation": "download", "objects": []}`); status != want {
			t.Errorf("signed for %s: status %d, want %d: %s", signed, status, want, body)
		}
	}
}

// compact returns JSON without spaces, and other text unchanged.
func compact(body string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(body)) != nil {
		return body
	}
	return b.String()
}

func TestLFSObjects(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	const (
		host    = "git-codecommit.us-east-2.amazonaws.com"
		path    = "/v1/repos/SharedDemoRepo"
		server  = path + ".git/info/lfs"
		content = "a large file"
	)
	as := func(role string) func(method, url, body string) (int, string) {
		k, err := s.NewSession(role, "test", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return func(method, operation, body string) (int, string) {
			return fetch(t, client(t, s.Cloud), method, "https://"+host+server+operation, basic(username(k), password(k, time.Now(), host, Region, path)), body)
		}
	}
	contributor, auditor := as(ContributorRole), as(AuditorRole)
	sum := sha256.Sum256([]byte(content))
	oid := hex.EncodeToString(sum[:])
	batch := func(operation string) string {
		return fmt.Sprintf(`{"operation": %q, "objects": [{"oid": %q, "size": %d}]}`, operation, oid, len(content))
	}
	href := "https://" + host + server + "/objects/" + oid
	for _, step := range []struct {
		as                      func(method, operation, body string) (int, string)
		method, operation, body string
		status                  int
		want                    string
	}{
		{contributor, "POST", "/objects/batch", batch("download"), 200, `"code":404`},
		{auditor, "POST", "/objects/batch", batch("upload"), 403, "not authorized to perform: codecommit:GitPush"},
		{auditor, "PUT", "/objects/" + oid, content, 403, "GitPush"},
		{contributor, "POST", "/objects/batch", batch("upload"), 200, `"upload":{"href":"` + href + `"}`},
		{contributor, "PUT", "/objects/" + oid, content + "!", 422, "hash"},
		{contributor, "PUT", "/objects/" + oid, content, 200, ""},
		{contributor, "POST", "/objects/batch", batch("upload"), 200, `{"oid":"` + oid + `","size":12}]`},
		{auditor, "POST", "/objects/batch", batch("download"), 200, `"download":{"href":"` + href + `"}`},
		{auditor, "GET", "/objects/" + oid, "", 200, content},
		{auditor, "GET", "/objects/" + strings.Repeat("0", 64), "", 404, "no such object"},
		{contributor, "POST", "/objects/batch", batch("erase"), 422, ""},
		{contributor, "POST", "/objects/batch", "{", 422, ""},
		{contributor, "GET", "/objects/x", "", 404, ""},
	} {
		if status, body := step.as(step.method, step.operation, step.body); status != step.status || !strings.Contains(compact(body), step.want) {
			t.Errorf("%s %s %s: %d %s", step.method, step.operation, step.body, status, body)
		}
	}
	if n := s.LFSObjects(s.Shared); n != 1 {
		t.Errorf("%d objects", n)
	}
}

func TestLFSLocks(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	const (
		host = "git-codecommit.us-east-2.amazonaws.com"
		path = "/v1/repos/SharedDemoRepo"
	)
	as := func(role string) func(method, operation, body string) (int, string) {
		k, err := s.NewSession(role, "test", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return func(method, operation, body string) (int, string) {
			return fetch(t, client(t, s.Cloud), method, "https://"+host+path+".git/info/lfs"+operation, basic(username(k), password(k, time.Now(), host, Region, path)), body)
		}
	}
	one, other, auditor := as(ContributorRole), as(MFARole), as(AuditorRole)
	status, body := one("POST", "/locks", `{"path": "a.bin"}`)
	var made struct{ Lock lock }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != 201 || made.Lock.Owner.Name != ContributorRole {
		t.Fatalf("%d %s, %v", status, body, err)
	}
	id := made.Lock.ID
	for _, step := range []struct {
		as                      func(method, operation, body string) (int, string)
		method, operation, body string
		status                  int
		want                    string
	}{
		{other, "POST", "/locks", `{"path": "a.bin"}`, 409, ContributorRole},
		{auditor, "POST", "/locks", `{"path": "b.bin"}`, 403, "GitPush"},
		{auditor, "GET", "/locks?path=a.bin", "", 200, id},
		{auditor, "GET", "/locks?path=b.bin", "", 200, `{"locks":[]}`},
		{one, "POST", "/locks/verify", `{}`, 200, `"ours":[{"id":"` + id},
		{other, "POST", "/locks/verify", `{}`, 200, `"theirs":[{"id":"` + id},
		{other, "POST", "/locks/" + id + "/unlock", `{}`, 403, "belongs to"},
		{other, "POST", "/locks/x/unlock", `{}`, 404, ""},
		{other, "POST", "/locks/" + id + "/unlock", `{"force": true}`, 200, id},
		{one, "POST", "/locks/verify", `{}`, 200, `{"ours":[],"theirs":[]}`},
	} {
		if status, body := step.as(step.method, step.operation, step.body); status != step.status || !strings.Contains(compact(body), step.want) {
			t.Errorf("%s %s %s: %d %s", step.method, step.operation, step.body, status, body)
		}
	}
}
