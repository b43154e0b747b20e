package session

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
)

// service is a fake metadata service: responses by method and path, the last one of
// each repeated. Other requests get a 404.
type service map[string][]string

func (s service) start(t *testing.T) (endpoint string, asked func() []string) {
	t.Helper()
	var log []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Method + " " + r.URL.Path
		log = append(log, key)
		answers := s[key]
		if len(answers) == 0 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if len(answers) > 1 {
			s[key] = answers[1:]
		}
		status, body := http.StatusOK, answers[0]
		if _, err := fmt.Sscanf(body, "%3d", &status); err == nil && len(body) == 3 {
			body = ""
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string { return log }
}

const (
	putToken = "PUT /latest/api/token"
	getRole  = "GET /latest/meta-data/iam/security-credentials/"
)

var metadataKeys = `{"Code": "Success", "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "Token": "t", "Expiration": "2999-01-01T00:00:00Z"}`

func TestMetadata(t *testing.T) {
	t.Parallel()
	const usual = 3 // requests
	for name, c := range map[string]struct {
		service  service
		path     string // of the endpoint
		settings awsprofile.MetadataSettings
		requests int
		says     string // "" for credentials
		hint     string
	}{
		"usual":                        {service{putToken: {"token"}, getRole: {"MyRole\n"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{}, usual, "", ""},
		"a role with a path":           {service{putToken: {"token"}, getRole: {"team/MyRole"}, getRole + "team/MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{}, usual, "", ""},
		"a role's ARN":                 {service{putToken: {"token"}, getRole: {"arn:aws:iam::1:role/MyRole"}, getRole + "arn:aws:iam::1:role/MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{}, usual, "", ""},
		"no role's name":               {service{putToken: {"token"}, getRole: {".."}}, "", awsprofile.MetadataSettings{}, 2, "its response is not a role name", ""},
		"another one":                  {service{putToken: {"token"}, getRole: {"a/../b"}}, "", awsprofile.MetadataSettings{}, 2, "its response is not a role name", ""},
		"a point":                      {service{putToken: {"token"}, getRole: {"."}}, "", awsprofile.MetadataSettings{}, 2, "its response is not a role name", ""},
		"a folder":                     {service{putToken: {"token"}, getRole: {"role/"}}, "", awsprofile.MetadataSettings{}, 2, "its response is not a role name", ""},
		"an endpoint with a path":      {service{"PUT /x/latest/api/token": {"token"}, "GET /x/latest/meta-data/iam/security-credentials/": {"R"}, "GET /x/latest/meta-data/iam/security-credentials/R": {metadataKeys}}, "/x/", awsprofile.MetadataSettings{}, usual, "", ""},
		"IMDSv1 only":                  {service{getRole: {"MyRole"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{}, usual, "", ""},
		"IMDSv1 only, but disabled":    {service{getRole: {"MyRole"}}, "", awsprofile.MetadataSettings{V1Disabled: true}, 1, "it responded with 404 to the request for an IMDSv2 token, and IMDSv1 is disabled (AWS_EC2_METADATA_V1_DISABLED)", "unset AWS_EC2_METADATA_V1_DISABLED"},
		"a bad token request":          {service{putToken: {"400"}}, "", awsprofile.MetadataSettings{}, 1, "it responded with 400 to the request for an IMDSv2 token", ""},
		"a bad one, and IMDSv1 is off": {service{putToken: {"400"}}, "", awsprofile.MetadataSettings{V1Disabled: true}, 1, "it responded with 400 to the request for an IMDSv2 token", ""},
		"disabled for the instance":    {service{putToken: {"403"}, getRole: {"403"}}, "", awsprofile.MetadataSettings{}, 2, "it responded with 403: the service is disabled for the instance", "--http-endpoint enabled"},
		"disabled, and IMDSv1 is off":  {service{putToken: {"403"}, getRole: {"403"}}, "", awsprofile.MetadataSettings{V1Disabled: true}, 1, "it responded with 403: the service is disabled for the instance", "--http-endpoint enabled"},
		"tokens refused and required":  {service{putToken: {"403"}, getRole: {"401"}}, "", awsprofile.MetadataSettings{}, 2, "it requires an IMDSv2 token, but responded with 403 to the request for one", ""},
		"a token that has expired":     {service{putToken: {"token"}, getRole: {"401", "MyRole"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{}, 5, "", ""},
		"no token is good":             {service{putToken: {"token"}, getRole: {"401"}}, "", awsprofile.MetadataSettings{}, 4, "it responded with 401", ""},
		"403, repeated":                {service{putToken: {"token"}, getRole: {"403", "403", "MyRole"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{Attempts: 3}, 5, "", ""},
		"403, not repeated":            {service{putToken: {"token"}, getRole: {"403", "MyRole"}}, "", awsprofile.MetadataSettings{}, 2, "it responded with 403", ""},
		"404 for the list, repeated":   {service{putToken: {"token"}, getRole: {"404", "MyRole"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{Attempts: 2}, 4, "", ""},
		"an empty list, repeated":      {service{putToken: {"token"}, getRole: {" \n", "MyRole"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{Attempts: 2}, 4, "", ""},
		"an empty list":                {service{putToken: {"token"}, getRole: {" \n"}}, "", awsprofile.MetadataSettings{}, 2, "the EC2 instance has no role: no instance profile is attached", ""},
		"half JSON, repeated":          {service{putToken: {"token"}, getRole: {"MyRole"}, getRole + "MyRole": {metadataKeys[:40], "", metadataKeys}}, "", awsprofile.MetadataSettings{Attempts: 3}, 5, "", ""},
		"half JSON":                    {service{putToken: {"token"}, getRole: {"MyRole"}, getRole + "MyRole": {metadataKeys[:40], metadataKeys}}, "", awsprofile.MetadataSettings{}, 3, "the response is not JSON", ""},
		"a reason, not repeated":       {service{putToken: {"token"}, getRole: {"MyRole"}, getRole + "MyRole": {`{"Code": "Failed"}`}}, "", awsprofile.MetadataSettings{Attempts: 3}, 3, `the response has the code "Failed" instead of Success`, ""},
		"other names":                  {service{putToken: {"token"}, getRole: {"MyRole"}, getRole + "MyRole": {strings.ReplaceAll(metadataKeys, "AccessKeyId", "accessKeyId")}}, "", awsprofile.MetadataSettings{}, 3, "the response contains no credentials", ""},
		"an empty token":               {service{putToken: {""}, getRole: {"MyRole"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{}, usual, "", ""},
		"an empty one, and required":   {service{putToken: {" \n"}, getRole: {"401"}}, "", awsprofile.MetadataSettings{}, 2, "it requires an IMDSv2 token, but responded with 200 to the request for one", ""},
		"an empty one, IMDSv1 is off":  {service{putToken: {""}, getRole: {"MyRole"}}, "", awsprofile.MetadataSettings{V1Disabled: true}, 1, "its response is not an IMDSv2 token", ""},
		"a token at the second try":    {service{putToken: {"500", "token"}, getRole: {"MyRole"}, getRole + "MyRole": {metadataKeys}}, "", awsprofile.MetadataSettings{V1Disabled: true, Attempts: 2}, 4, "", ""},
		"a token lost to outages":      {service{putToken: {"500", "token", "500"}, getRole: {"401"}}, "", awsprofile.MetadataSettings{V1Disabled: true, Attempts: 2}, 3, "IMDSv1 is disabled (AWS_EC2_METADATA_V1_DISABLED)", ""},
		"no token at the second try":   {service{putToken: {"500"}, getRole: {"MyRole"}}, "", awsprofile.MetadataSettings{V1Disabled: true, Attempts: 2}, 2, "it responded with 500 to the request for an IMDSv2 token, and IMDSv1 is disabled (AWS_EC2_METADATA_V1_DISABLED)", ""},
		"a secret as the token":        {service{putToken: {"to\x01ken"}}, "", awsprofile.MetadataSettings{}, 1, "its response is not an IMDSv2 token", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, asked := c.service.start(t)
			set := c.settings
			set.Endpoint, set.Timeout, set.Attempts = endpoint+c.path, 10*time.Second, max(1, set.Attempts)
			w := newWalk(awsprofile.Chain{Source: awsprofile.EC2{}, Settings: awsprofile.Settings{Metadata: set}}, Options{Now: time.Now})
			creds, err := w.source(t.Context())
			switch {
			case c.says == "" && (err != nil || creds.AccessKeyID != "ASIAIOSFODNN7EXAMPLE"):
				t.Errorf("%s, %v", creds, err)
			case c.says != "" && (err == nil || !strings.HasSuffix(err.Error(), c.says)):
				t.Errorf("%v; want %s", err, c.says)
			}
			hints := ""
			for _, h := range cli.HintsOf(err) {
				hints += h.Text("x") + "\n"
			}
			if !strings.Contains(hints, c.hint) {
				t.Errorf("hints %q; want %s", hints, c.hint)
			}
			if got := asked(); len(got) != c.requests {
				t.Errorf("%d requests, want %d: %q", len(got), c.requests, got)
			}
		})
	}
}

// Errors of net/http about a body can contain the server's text.
func TestErrorsContainNoTextOfMetadata(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"trailer": "4\r\nRole\r\n0\r\ntext of the server\r\n\r\n",
		"chunk":   "text of the server\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+body)
			}))
			t.Cleanup(server.Close)
			set := awsprofile.MetadataSettings{Endpoint: server.URL, Timeout: 10 * time.Second, Attempts: 1}
			w := newWalk(awsprofile.Chain{Source: awsprofile.EC2{}, Settings: awsprofile.Settings{Metadata: set}}, Options{Now: time.Now})
			if _, err := w.source(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "cannot list the instance's role: the connection failed") {
				t.Errorf("%v", err)
			}
		})
	}
}

// During an outage, EC2 serves expired keys, which AWS accepts.
func TestExpiredInstanceKeysAreUsed(t *testing.T) {
	t.Parallel()
	expired := strings.Replace(metadataKeys, "2999", "2020", 1)
	endpoint, _ := service{putToken: {"token"}, getRole: {"MyRole"}, getRole + "MyRole": {expired}}.start(t)
	set := awsprofile.MetadataSettings{Endpoint: endpoint, Timeout: 10 * time.Second, Attempts: 1}
	w := newWalk(awsprofile.Chain{Source: awsprofile.EC2{}, Settings: awsprofile.Settings{Metadata: set}}, Options{Now: time.Now})
	creds, err := w.source(t.Context())
	if err != nil || creds.AccessKeyID != "ASIAIOSFODNN7EXAMPLE" || !creds.Expires.IsZero() {
		t.Errorf("%s until %s, %v", creds, creds.Expires, err)
	}
}

// A container endpoint's refusal includes the reason.
func TestContainerRefusals(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"code": "NoIdInRequest", "message": "CredentialsV2Request: No ID in the request", "HTTPErrorCode": 400}`: "it responded with 400 (NoIdInRequest: CredentialsV2Request: No ID in the request)",
		"[f7aa6f2a]: (AccessDeniedException): the pod has no association, fault: client\nsecond line":              "it responded with 400 ([f7aa6f2a]: (AccessDeniedException): the pod has no association, fault: client)",
		"invalid token: CANARY-CANARY-CANARY":                           "it responded with 400", // the request's own
		`{"code": "X", "message": "{\"SecretAccessKey\": \"CANARY\"}"}`: "it responded with 400",
		"":                       "it responded with 400",
		"\x1b[31mred":            "it responded with 400 ([31mred)",
		strings.Repeat("a", 900): "it responded with 400 (" + strings.Repeat("a", 200) + ")",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
		}))
		endpoint, err := containerEndpoint(awsprofile.Container{FullURI: strings.Replace(server.URL, "127.0.0.1", "LOCALHOST", 1)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = askContainer(t.Context(), server.Client(), endpoint, "CANARY-CANARY-CANARY")
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
		server.Close()
	}
}
