package session

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"git-credential-codecommit/awsprofile"
)

func TestContainerEndpointsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{
		"http://evil.example/", "http://169.254.169.254/", "http://169.254.170.3/", "http://10.0.0.1/", "http://127.0.0.1.evil.example/",
		"http://localhost.evil.example/", "http://2130706433/", "http://127.1/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://0.0.0.0/",
		"http://user:pass@127.0.0.1/", "http://127.0.0.1@evil.example/", "https://user@evil.example/", "http://[fd00:ec2::254]/", "http://[::]/", "http://[fe80::1]/",
		"ftp://127.0.0.1/", "file:///etc/passwd", "//127.0.0.1/", "127.0.0.1", "http://", "http:///x", "https://", "gopher://127.0.0.1/", "unix:///x",
		"http://127.0.0.1:port/", "http://127.0.0.1\n/", "http://127.0.0.1 /", "http://localhost%00.evil.example/", "http://evil.example\\@127.0.0.1/", "http://LOCALHOST.evil/",
	} {
		if u, err := containerEndpoint(awsprofile.Container{FullURI: uri}); err == nil {
			t.Errorf("%q: would be asked at %s", uri, u)
		}
	}
	for _, uri := range []string{"@evil.example/", ".evil.example/", ":80/", "x", "//\x00", "?x", "#x", "\\evil.example"} {
		if u, err := containerEndpoint(awsprofile.Container{RelativeURI: uri}); err == nil {
			t.Errorf("relative %q: would be asked at %s", uri, u)
		}
	}
	for _, uri := range []string{
		"http://localhost/x", "http://127.0.0.1:8080/x", "http://127.9.9.9/", "http://[::1]/", "http://169.254.170.2/v2", "http://169.254.170.23/v1",
		"http://[fd00:ec2::23]/v1", "https://credentials.example/x",
	} {
		if _, err := containerEndpoint(awsprofile.Container{FullURI: uri}); err != nil {
			t.Errorf("%q: %v", uri, err)
		}
	}
	for _, uri := range []string{"/v2/credentials/x", "//evil.example/x", "/@evil.example"} {
		if u, err := containerEndpoint(awsprofile.Container{RelativeURI: uri}); err != nil || u.Host != containerHost {
			t.Errorf("relative %q: %v, %v", uri, u, err)
		}
	}
}

func FuzzContainerEndpoint(f *testing.F) {
	f.Add("http://127.0.0.1/x", "")
	f.Add("http://evil.example@127.0.0.1/", "/v2/x")
	f.Fuzz(func(t *testing.T, full, relative string) {
		u, err := containerEndpoint(awsprofile.Container{FullURI: full, RelativeURI: relative})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of two lines: %q", err)
			}
			return
		}
		again, err := url.Parse(u.String()) // as the client reads it
		if err != nil || again.Host != u.Host || again.User != nil {
			t.Errorf("%q and %q: %v, %v", full, relative, again, err)
		}
		if u.Scheme != "https" && !isContainerHost(u.Hostname()) {
			t.Errorf("%q and %q: would be asked at %s", full, relative, u)
		}
	})
}

// Accepted credentials contain only characters that are safe for git, and the error
// for others shows nothing of them.
func FuzzCredentials(f *testing.F) {
	f.Add("ASIAIOSFODNN7EXAMPLE", "CANARYsecret", "CANARYtoken")
	f.Add("ASIAIOSFODNN7EXAMPLE", "CANARYsecret\n", "CANARYtoken\nhost=evil.example")
	f.Fuzz(func(t *testing.T, id, secret, token string) {
		body, err := json.Marshal(map[string]any{
			"Version": 1, "AccessKeyId": id, "SecretAccessKey": secret, "SessionToken": token, "Token": token, "Expiration": "2026-11-22T06:00:00Z",
		})
		if err != nil {
			t.Skip()
		}
		for _, read := range []func([]byte) (Credentials, error){fromProcess, fromMetadata} {
			c, err := read(body)
			if err == nil {
				err = c.check()
			}
			if err != nil {
				if len(secret) > 8 && strings.Contains(err.Error(), secret) || len(token) > 8 && strings.Contains(err.Error(), token) {
					t.Errorf("an error shows a secret: %q", err)
				}
				continue
			}
			for _, part := range []string{c.AccessKeyID, c.SecretAccessKey, c.SessionToken} {
				for i := range len(part) {
					if part[i] <= ' ' || part[i] >= 0x7f {
						t.Errorf("%q came through", part)
					}
				}
			}
			if strings.Trim(c.AccessKeyID, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
				t.Errorf("%q came through", c.AccessKeyID)
			}
			if printed := fmt.Sprintf("%v %+v %#v %s", c, c, c, &c); len(secret) > 8 && !strings.Contains(id, secret) && strings.Contains(printed, secret) {
				t.Errorf("they print as %s", printed)
			}
		}
	})
}
