package awsfake

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// password returns the password for a git request. Host is the signed host; it
// contains the region.
func password(k Credentials, at time.Time, host, region, path string) string {
	stamp := at.UTC().Format("20060102T150405")
	return stamp + "Z" + signature(k.SecretAccessKey, stamp[:8], region, "codecommit", stamp, "GIT\n"+path+"\n\nhost:"+host+"\n\nhost\n")
}

// username returns the username for the password.
func username(k Credentials) string {
	if k.SessionToken == "" {
		return k.AccessKeyID
	}
	return k.AccessKeyID + "%" + k.SessionToken
}

func basic(username, password string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))}}
}

// Generated with botocore; AWS's git-remote-codecommit and the AWS CLI's codecommit
// credential-helper follow the same rule.
func TestGitSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ host, region, want string }{
		{"git-codecommit.us-east-1.amazonaws.com", "us-east-1", "20260101T000000Zb5b25456a2c242e638a30a61c54e218059ec9372d499bd3a6800e11e8273c904"},
		{"git-codecommit-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "20260101T000000Z63f93be02bc368b9f5db19e67ed00328ea51a88c69d513731303381ca33de4b3"},
		{"git-codecommit.cn-north-1.amazonaws.com.cn", "cn-north-1", "20260101T000000Z4ed0e705ca53afda2891df47c406087327a6fc940868296c2e8550b128a3e5f9"},
		{"vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-1.vpce.amazonaws.com", "us-east-1", "20260101T000000Z50897a26592a697c79623e7c6b8730d21793abfe7c1f1e2d00b9986f9846590c"},
	} {
		e, ok := endpointOf(v.host)
		if !ok || e.region != v.region {
			t.Fatalf("%s: %+v", v.host, e)
		}
		start := time.Date(2026, 1, 1, 0, 10, 0, 0, time.UTC)
		c := newCloudless()
		c.now = func() time.Time { return start }
		if err := c.AddUser(User{ARN: "arn:" + e.partition + ":iam::111122223333:user/alice", AccessKeys: []AccessKey{{DeveloperAccessKeyID, DeveloperSecretKey}}}); err != nil {
			t.Fatal(err)
		}
		shown := gitCredential{accessKeyID: DeveloperAccessKeyID, password: v.want, host: v.host}
		asked := gitRequest{signed: []string{"/v1/repos/MyDemoRepo"}}
		if _, err := c.checkGitSignature(shown, asked, e); err != nil {
			t.Errorf("%s: %v", v.host, err)
		}
		asked.signed[0] += "2"
		if _, err := c.checkGitSignature(shown, asked, e); err == nil {
			t.Errorf("%s: accepted for another path", v.host)
		}
	}
}

func TestCodeCommitAnswers(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	contributor, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	auditor, err := s.NewSession(AuditorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	over, err := s.NewSession(ContributorRole, "test", -time.Second)
	if err != nil {
		t.Fatal(err)
	}
	const (
		host = "git-codecommit.us-east-2.amazonaws.com"
		vpce = "vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-2.vpce.amazonaws.com"
		path = "/v1/repos/SharedDemoRepo"
		pull = "/info/refs?service=git-upload-pack"
		push = "/info/refs?service=git-receive-pack"
	)
	now := time.Now()
	good := func(k Credentials) http.Header {
		return basic(username(k), password(k, now, host, Region, path))
	}
	for name, c := range map[string]struct {
		url    string
		header http.Header
		want   int
	}{
		"no credential":             {host + path + pull, nil, 401},
		"no credential, no path":    {host + "/", nil, 401},
		"contributor pulls":         {host + path + pull, good(contributor), 200},
		"contributor pushes":        {host + path + push, good(contributor), 200},
		"auditor pulls":             {host + path + pull, good(auditor), 200},
		"auditor pushes":            {host + path + push, good(auditor), 403},
		"through a vpc endpoint":    {vpce + path + pull, basic(username(contributor), password(contributor, now, vpce, Region, path)), 200},
		"signed for the other name": {vpce + path + pull, good(contributor), 403},
		"fips":                      {"git-codecommit-fips.us-east-2.amazonaws.com" + path + pull, basic(username(contributor), password(contributor, now, "git-codecommit-fips.us-east-2.amazonaws.com", Region, path)), 200},
		"signed for another region": {host + path + pull, basic(username(contributor), password(contributor, now, host, "us-east-1", path)), 403},
		"signed for another path":   {host + path + pull, basic(username(contributor), password(contributor, now, host, Region, "/v1/repos/MySharedDemoRepo")), 403},
		"signed without a slash":    {host + path + pull, basic(username(contributor), password(contributor, now, host, Region, path[1:])), 403},
		"signed 14 minutes ago":     {host + path + pull, basic(username(contributor), password(contributor, now.Add(-14*time.Minute), host, Region, path)), 200},
		"signed 16 minutes ago":     {host + path + pull, basic(username(contributor), password(contributor, now.Add(-16*time.Minute), host, Region, path)), 403},
		"signed in the future":      {host + path + pull, basic(username(contributor), password(contributor, now.Add(16*time.Minute), host, Region, path)), 403},
		"session that has ended":    {host + path + pull, good(over), 403},
		"session without its token": {host + path + pull, basic(contributor.AccessKeyID, password(contributor, now, host, Region, path)), 403},
		"not a signature":           {host + path + pull, basic(username(contributor), "swordfish"), 403},
		"empty":                     {host + path + pull, basic("", ""), 403},
		"user without permission":   {host + path + pull, good(developerKey), 403},
		"no permission on that one": {host + "/v1/repos/Other" + pull, basic(username(contributor), password(contributor, now, host, Region, "/v1/repos/Other")), 403},
		"deleted repository":        {host + "/v1/repos/" + DeletedRepo + pull, basic(username(contributor), password(contributor, now, host, Region, "/v1/repos/"+DeletedRepo)), 404},
		"name in another case":      {host + "/v1/repos/shareddemorepo" + pull, basic(username(auditor), password(auditor, now, host, Region, "/v1/repos/shareddemorepo")), 404},
		"repository ending in .git": {host + path + ".git" + pull, basic(username(auditor), password(auditor, now, host, Region, path+".git")), 404},
		"other region":              {"git-codecommit.us-west-2.amazonaws.com" + path + pull, basic(username(auditor), password(auditor, now, "git-codecommit.us-west-2.amazonaws.com", "us-west-2", path)), 404},
		"dumb protocol":             {host + path + "/HEAD", good(contributor), 404},
	} {
		if status, body := fetch(t, client(t, s.Cloud), http.MethodGet, "https://"+c.url, c.header, ""); status != c.want {
			t.Errorf("%s: status %d, want %d: %s", name, status, c.want, body)
		}
	}

	s.Reset()
	s.Fail(CodeCommit, Fault{Action: "GitPull", Status: http.StatusTooManyRequests})
	if status, _ := fetch(t, client(t, s.Cloud), http.MethodGet, "https://"+host+path+pull, good(contributor), ""); status != 429 {
		t.Errorf("throttled: status %d", status)
	}
	s.Revoke(contributor.AccessKeyID)
	if status, _ := fetch(t, client(t, s.Cloud), http.MethodGet, "https://"+host+path+pull, good(contributor), ""); status != 403 {
		t.Errorf("revoked: status %d", status)
	}
	if got := s.Requests(CodeCommit); len(got) != 2 || got[0].Action != "GitPull" || got[0].AccessKeyID != contributor.AccessKeyID || got[0].Status != 429 || got[1].Status != 403 {
		t.Errorf("recorded: %+v", got)
	}
}

func TestCodeCommitRequestsBasicAuthentication(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/x/info/refs?service=git-upload-pack", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client(t, c).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Basic realm=") {
		t.Errorf("WWW-Authenticate: %q", got)
	}
}

// A workplace is a HOME with git, whose credential helper returns a fixed
// credential.
type workplace struct {
	t   *testing.T
	dir string
	env []string
}

func newWorkplace(t *testing.T, c *Cloud, k Credentials, r Repository) *workplace {
	t.Helper()
	dir := t.TempDir()
	host, path, _ := strings.Cut(strings.TrimPrefix(r.URL, "https://"), "/")
	const helper = `!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$FAKE_USERNAME" "$FAKE_PASSWORD"; }; f`
	config := "[user]\n\tname = Test\n\temail = test@example.com\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
	if err := os.WriteFile(filepath.Join(dir, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &workplace{t: t, dir: dir, env: []string{
		"PATH=" + os.Getenv("PATH"), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"),
		"HOME=" + dir, "USERPROFILE=" + dir, "LC_ALL=C",
		"FAKE_USERNAME=" + username(k),
		"FAKE_PASSWORD=" + password(k, c.Now(), host, r.Region, "/"+path),
	}}
	w.env = append(w.env, c.Env()...)
	w.git("config", "--global", "credential.helper", helper)
	return w
}

// git runs git, which must succeed, and returns its output.
func (w *workplace) git(args ...string) string {
	w.t.Helper()
	out, err := w.try(args...)
	if err != nil {
		w.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return out
}

func (w *workplace) try(args ...string) (string, error) {
	cmd := exec.CommandContext(w.t.Context(), "git", args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (w *workplace) write(name string, content []byte) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), content, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func TestGitClonesAndPushes(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	k, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkplace(t, s.Cloud, k, s.Shared)
	w.git("clone", s.Shared.URL, "work")
	w.write("work/hello.txt", []byte("hello\n"))
	w.git("-C", "work", "add", ".")
	w.git("-C", "work", "commit", "-m", "hello")
	w.git("-C", "work", "push")

	// Above http.postBuffer (1 MiB), git sends chunks, after an empty request.
	s.Reset()
	big := make([]byte, 3<<20)
	random := rand.NewChaCha8([32]byte{})
	random.Read(big) //nolint:errcheck // it never fails
	w.write("work/big.bin", big)
	w.git("-C", "work", "add", ".")
	w.git("-C", "work", "commit", "-m", "big")
	w.git("-C", "work", "push")
	pushes := 0
	for _, r := range s.Requests(CodeCommit) {
		if r.Method == http.MethodPost && r.Action == "GitPush" && r.Status == 200 {
			pushes++
		}
	}
	if pushes != 2 {
		t.Errorf("%d requests with a push, want 2: %+v", pushes, s.Requests(CodeCommit))
	}

	w.git("clone", s.Shared.URL, "again")
	if got, want := w.git("-C", "again", "rev-parse", "HEAD"), w.git("-C", "work", "rev-parse", "HEAD"); got != want {
		t.Errorf("cloned %s, pushed %s", got, want)
	}
	if got, err := os.ReadFile(filepath.Join(w.dir, "again", "big.bin")); err != nil || !bytes.Equal(got, big) {
		t.Errorf("big.bin is not what was pushed: %v", err)
	}
	if n := s.Count(ProxyRefused); n != 0 {
		t.Errorf("%d requests left the cloud", n)
	}
	bodies, err := filepath.Glob(filepath.Join(s.dir, "body-*"))
	if err != nil || len(bodies) > 0 {
		t.Errorf("not removed: %v %v", bodies, err)
	}
}

func TestGitFetchesWithProtocolVersion2(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	k, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkplace(t, s.Cloud, k, s.Shared)
	w.env = append(w.env, "GIT_TRACE_PACKET=1")
	if out := w.git("-c", "protocol.version=2", "ls-remote", s.Shared.URL); !strings.Contains(out, "version 2") {
		t.Errorf("no version 2 in:\n%s", out)
	}
	if out := w.git("-c", "protocol.version=0", "ls-remote", s.Shared.URL); strings.Contains(out, "version 2") {
		t.Errorf("version 2 in:\n%s", out)
	}
}

func TestGitFetchesMuch(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	k, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkplace(t, s.Cloud, k, s.Empty)
	w.git("clone", s.Empty.URL, "work")
	// With many refs, git compresses its fetch request (gzip).
	for i := range 30 {
		w.git("-C", "work", "commit", "--allow-empty", "-m", strings.Repeat("x", i+1))
		w.git("-C", "work", "tag", "t"+strings.Repeat("x", i))
	}
	w.git("-C", "work", "push", "--tags", "origin", "HEAD:main")
	w.git("-c", "protocol.version=0", "clone", s.Empty.URL, "again")
	if out := w.git("-C", "again", "tag"); len(strings.Fields(out)) != 30 {
		t.Errorf("tags: %q", out)
	}
}

func TestGitReportsAMissingPermission(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	k, err := s.NewSession(AuditorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkplace(t, s.Cloud, k, s.Shared)
	w.git("clone", s.Shared.URL, "work")
	w.git("-C", "work", "commit", "--allow-empty", "-m", "no")
	if out, err := w.try("-C", "work", "push"); err == nil || !strings.Contains(out, "403") {
		t.Errorf("push without permission: %v\n%s", err, out)
	}
	if out, err := w.try("clone", s.MyShared.URL); err == nil || !strings.Contains(out, "403") {
		t.Errorf("signature for another repository: %v\n%s", err, out)
	}
	w.git("config", "--global", "credential.helper", "")
	if out, err := w.try("ls-remote", s.Shared.URL); err == nil || !strings.Contains(out, "terminal prompts disabled") {
		t.Errorf("no credential: %v\n%s", err, out)
	}
}

// A push without REMOTE_USER must fail: git requires it.
func TestEveryRequestOfAPushNeedsThePermission(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	k, err := s.NewSession(AuditorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(s.Shared.URL, "https://"), "/")
	header := basic(username(k), password(k, time.Now(), host, Region, "/"+path))
	header.Set("Content-Type", "application/x-git-receive-pack-request")
	if status, _ := fetch(t, client(t, s.Cloud), http.MethodPost, s.Shared.URL+"/git-receive-pack", header, "0000"); status != 403 {
		t.Errorf("status %d", status)
	}
}

func TestRepositoriesAreSeparateByAccountAndRegion(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	if _, err := s.CreateRepository(AccountA, Region, SharedDemoRepo); err == nil {
		t.Error("made a second time")
	}
	for _, name := range []string{"", ".", "..", "a/b", "a b", strings.Repeat("a", 101)} {
		if _, err := s.CreateRepository(AccountA, Region, name); err == nil {
			t.Errorf("made with the name %q", name)
		}
	}
	maintainer := Credentials{AccessKeyID: MaintainerAccessKeyID, SecretAccessKey: MaintainerSecretKey}
	w := newWorkplace(t, s.Cloud, maintainer, s.Namesake)
	w.git("clone", s.Namesake.URL, "work")
	readme, err := os.ReadFile(filepath.Join(w.dir, "work", "README.md"))
	if err != nil || !bytes.HasPrefix(readme, []byte("Not the shared repository")) {
		t.Errorf("%v: %q", err, readme)
	}
}
