package awsfake

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// direct is a client without a proxy, as the metadata service requires.
func direct(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func imdsToken(t *testing.T, c *Cloud) http.Header {
	t.Helper()
	status, token := fetch(t, direct(t), http.MethodPut, c.MetadataURL()+tokenPath, http.Header{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": {"21600"}}, "")
	if status != 200 {
		t.Fatalf("token: status %d", status)
	}
	return http.Header{"X-Aws-Ec2-Metadata-Token": {token}}
}

func TestInstanceMetadata(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	get := func(path string, header http.Header) (int, string) {
		t.Helper()
		return fetch(t, direct(t), http.MethodGet, s.MetadataURL()+path, header, "")
	}
	for name, header := range map[string]http.Header{"version 1": nil, "version 2": imdsToken(t, s.Cloud)} {
		if status, body := get(credentialsPath, header); status != 200 || body != "MyInstanceRole" {
			t.Errorf("%s: role: %d %q", name, status, body)
		}
		if status, body := get(regionPath, header); status != 200 || body != Region {
			t.Errorf("%s: region: %d %q", name, status, body)
		}
		if status, body := get(documentPath, header); status != 200 || !strings.Contains(body, `"accountId": "888888888888"`) {
			t.Errorf("%s: document: %d %q", name, status, body)
		}
		if status, _ := get(credentialsPath+"Other", header); status != 404 {
			t.Errorf("%s: other role: %d", name, status)
		}
		var got struct{ Code, Type, AccessKeyId, SecretAccessKey, Token, Expiration, LastUpdated string }
		status, body := get(credentialsPath+"MyInstanceRole", header)
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got.Code != "Success" || got.Type != "AWS-HMAC" {
			t.Fatalf("%s: credentials: %d %v %+v", name, status, err, got)
		}
		k := Credentials{AccessKeyID: got.AccessKeyId, SecretAccessKey: got.SecretAccessKey, SessionToken: got.Token}
		if who := newCaller(t, s.Cloud, k).call("GetCallerIdentity"); who.Arn != "arn:aws:sts::888888888888:assumed-role/MyInstanceRole/i-1234567890abcdef0" {
			t.Errorf("%s: %+v", name, who)
		}
		if _, again := get(credentialsPath+"MyInstanceRole", header); again != body {
			t.Errorf("%s: other credentials the second time", name)
		}
	}
}

func TestInstanceMetadataWithTokensOnly(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	s.SetInstance(&Instance{Role: InstanceRole, Region: Region, V2Only: true})
	url := s.MetadataURL() + credentialsPath
	if status, _ := fetch(t, direct(t), http.MethodGet, url, nil, ""); status != 401 {
		t.Errorf("without a token: status %d", status)
	}
	if status, _ := fetch(t, direct(t), http.MethodGet, url, http.Header{"X-Aws-Ec2-Metadata-Token": {"AQAEA-made-up"}}, ""); status != 401 {
		t.Errorf("with another token: status %d", status)
	}
	header := imdsToken(t, s.Cloud)
	if status, _ := fetch(t, direct(t), http.MethodGet, url, header, ""); status != 200 {
		t.Errorf("with a token: status %d", status)
	}
	s.SetClock(7 * time.Hour)
	if status, _ := fetch(t, direct(t), http.MethodGet, url, header, ""); status != 401 {
		t.Errorf("with an old token: status %d", status)
	}
	for _, ttl := range []string{"", "0", "21601", "x"} {
		if status, _ := fetch(t, direct(t), http.MethodPut, s.MetadataURL()+tokenPath, http.Header{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": {ttl}}, ""); status != 400 {
			t.Errorf("token for %q seconds: status %d", ttl, status)
		}
	}
}

func TestInstanceMetadataGoesWrong(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	if err := s.AddRole(Role{ARN: "arn:aws:iam::888888888888:role/NotForEC2", Trust: trusting(`{"Service":"ecs-tasks.amazonaws.com"}`, "sts:AssumeRole", "")}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		instance *Instance
		path     string
		status   int
		want     string
	}{
		"not in EC2":     {nil, credentialsPath, 404, ""},
		"no role":        {&Instance{Region: Region}, credentialsPath, 404, "404 - Not Found"},
		"no tokens":      {&Instance{Role: InstanceRole, NoV2: true}, tokenPath, 404, ""},
		"renamed, list":  {&Instance{Role: InstanceRole, RenamedFrom: "Old"}, credentialsPath, 200, "Old"},
		"renamed, get":   {&Instance{Role: InstanceRole, RenamedFrom: "Old"}, credentialsPath + "Old", 404, ""},
		"failed":         {&Instance{Role: InstanceRole, Code: "Failed"}, credentialsPath + "MyInstanceRole", 200, `"Code": "Failed"`},
		"not trusted":    {&Instance{Role: "arn:aws:iam::888888888888:role/NotForEC2"}, credentialsPath + "NotForEC2", 200, `"Code": "AssumeRoleUnauthorizedAccess"`},
		"gone role":      {&Instance{Role: "arn:aws:iam::888888888888:role/Gone"}, credentialsPath + "Gone", 200, `"Code": "InvalidInstanceProfile"`},
		"expired":        {&Instance{Role: InstanceRole, Expired: true}, credentialsPath + "MyInstanceRole", 200, time.Now().UTC().Add(-time.Hour).Format(`"Expiration": "2006-01-02T`)},
		"other document": {&Instance{Role: InstanceRole}, "/latest/meta-data/hostname", 404, ""},
	} {
		s.SetInstance(c.instance)
		method := http.MethodGet
		if c.path == tokenPath {
			method = http.MethodPut
		}
		if status, body := fetch(t, direct(t), method, s.MetadataURL()+c.path, nil, ""); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: status %d, want %d: %s", name, status, c.status, body)
		}
	}
}

func TestMetadataFaultsByAction(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	s.Fail(Metadata,
		Fault{Action: "PutToken", Status: 403},
		Fault{Action: "GetCredentials", Times: -1, Status: 401},
	)
	url := s.MetadataURL()
	if status, _ := fetch(t, direct(t), http.MethodPut, url+tokenPath, nil, ""); status != 403 {
		t.Errorf("token: status %d", status)
	}
	header := imdsToken(t, s.Cloud)
	for range 3 {
		if status, _ := fetch(t, direct(t), http.MethodGet, url+credentialsPath+"MyInstanceRole", header, ""); status != 401 {
			t.Errorf("credentials: status %d", status)
		}
	}
	if status, _ := fetch(t, direct(t), http.MethodGet, url+credentialsPath, header, ""); status != 200 {
		t.Errorf("role name: status %d", status)
	}
}

func TestMetadataThroughTheProxyIsRecorded(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	for url, service := range map[string]string{
		"http://169.254.169.254" + credentialsPath: Metadata,
		"http://169.254.170.2" + ContainerPath:     Container,
	} {
		fetch(t, client(t, s.Cloud), http.MethodGet, url, nil, "")
		if got := s.Requests(service); len(got) != 1 || !got[0].Proxied {
			t.Errorf("%s: recorded: %+v", url, got)
		}
	}
}
