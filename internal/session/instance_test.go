package session

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	smithytime "github.com/aws/smithy-go/time"

	"git-credential-codecommit/awsprofile"
)

// A metadata service that accepts the connection and never responds gets a token
// request and an IMDSv1 request; the error comes within two seconds.
func TestSilentMetadataEndsWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newMetadata(awsprofile.MetadataSettings{Timeout: time.Second, Attempts: 1})
		tries := 0
		client.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			tries++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		_, err := client.get(context.Background(), securityCredentials, notEmpty, noFinal)
		if took := time.Since(began); err == nil || tries != 2 || took >= 2*time.Second {
			t.Errorf("%d tries in %s: %v", tries, took, err)
		}
	})
}

// A slow metadata service gets the configured timeout and number of attempts, even
// beyond the SDK's limit of 5 seconds in total.
func TestMetadataHasTheTimeThatIsConfigured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings awsprofile.MetadataSettings
		takes    time.Duration
		status   int
		gets     int
	}{
		"timeout":  {awsprofile.MetadataSettings{Timeout: 10 * time.Second, Attempts: 1}, 8 * time.Second, http.StatusOK, 1},
		"attempts": {awsprofile.MetadataSettings{Timeout: 3 * time.Second, Attempts: 5}, 2 * time.Second, http.StatusServiceUnavailable, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newMetadata(c.settings)
				gets := 0
				client.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					header, status := http.Header{}, c.status
					if r.Method == http.MethodPut {
						header.Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "300")
						status = http.StatusOK
					} else {
						gets++
					}
					if err := smithytime.SleepWithContext(r.Context(), c.takes); err != nil {
						return nil, err
					}
					return &http.Response{Request: r, StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("role"))}, nil
				})
				_, err := client.get(context.Background(), securityCredentials, notEmpty, noFinal)
				if gets != c.gets || (err == nil) != (c.status == http.StatusOK) {
					t.Errorf("asked %d times: %v", gets, err)
				}
			})
		})
	}
}

// Like in the AWS CLI, every failed attempt is repeated, three attempts in total.
func TestContainerRequestsAreRetried(t *testing.T) {
	t.Parallel()
	const good = `{"AccessKeyId": "AKIDEXAMPLEEXAMPLE", "SecretAccessKey": "s", "Token": "t", "Expiration": "2999-01-01 00:00:00+00:00"}`
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"400": {http.StatusBadRequest, ""}, "401": {http.StatusUnauthorized, ""}, "403": {http.StatusForbidden, ""}, "404": {http.StatusNotFound, ""},
		"429": {http.StatusTooManyRequests, ""}, "503": {http.StatusServiceUnavailable, ""},
		"an empty answer": {http.StatusOK, ""}, "half JSON": {http.StatusOK, good[:40]}, "HTML": {http.StatusOK, "<html>"}, "no keys": {http.StatusOK, "{}"},
	} {
		for bad := 2; bad <= 3; bad++ {
			synctest.Test(t, func(t *testing.T) { // the pauses take no time
				asked := 0
				client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					status, body := http.StatusOK, good
					if asked++; asked <= bad {
						status, body = c.status, c.body
					}
					return &http.Response{Request: r, StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
				})}
				began := time.Now()
				_, err := askContainerAgain(t.Context(), func() (Credentials, error) {
					return askContainer(t.Context(), client, &url.URL{Scheme: "http", Host: containerHost, Path: "/"}, "")
				})
				if took := time.Since(began); asked != 3 || (err == nil) != (bad < 3) || took != 2*containerPause {
					t.Errorf("%s, %d times: asked %d times in %s, %v", name, bad, asked, took, err)
				}
			})
		}
	}
}

func TestContainerEndpointIsRetried(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 1 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, metadataKeys)
	}))
	defer server.Close()
	w := newWalk(awsprofile.Chain{}, Options{Now: time.Now})
	if _, err := (container{awsprofile.Container{FullURI: server.URL}}).credentials(t.Context(), w); err != nil || asked != 2 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

// A caller whose context ends between two attempts does not wait for the next one,
// and gets the result of the last one.
func TestContainerPauseEndsWithTheContext(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), containerPause/2)
	defer cancel()
	_, err := container{awsprofile.Container{FullURI: server.URL}}.credentials(ctx, newWalk(awsprofile.Chain{}, Options{Now: time.Now}))
	if err == nil || !strings.HasSuffix(err.Error(), "it responded with 503") {
		t.Errorf("%v; want the answer to the last try", err)
	}
}

func TestContainerTokenIsAHeadersValue(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"a\nb", "a\rb", "a\x00b", "a\x1bb", "a\x7fb", "a\u00e9"} {
		if _, err := containerToken(awsprofile.Container{Token: token}); err == nil {
			t.Errorf("%q was taken", token)
		}
	}
	if token, err := containerToken(awsprofile.Container{Token: "Bearer a+/="}); err != nil || token != "Bearer a+/=" {
		t.Errorf("%q, %v", token, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
