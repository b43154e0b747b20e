package session

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	smithytime "github.com/aws/smithy-go/time"

	"git-credential-codecommit/awsprofile"
)

// A metadata service that takes the connection and is silent is asked for a
// token and then as IMDSv1; the error comes before two seconds are over.
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

// A slow metadata service has the time and the attempts that are configured, be
// it longer than the SDK's own 5 seconds for all of them.
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

// Every failed attempt is repeated, as by the AWS CLI.
func TestContainerRequestsAreRetriedWhereItHelps(t *testing.T) {
	t.Parallel()
	for status, tries := range map[int]int{http.StatusTooManyRequests: 2, http.StatusNotFound: 2, http.StatusForbidden: 2, http.StatusBadRequest: 2, http.StatusUnauthorized: 2} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if asked++; asked == 1 {
					w.WriteHeader(status)
					return
				}
				_, _ = io.WriteString(w, `{"AccessKeyId": "AKIDEXAMPLEEXAMPLE", "SecretAccessKey": "s", "Token": "t", "Expiration": "2999-01-01 00:00:00+00:00"}`)
			}))
			defer server.Close()
			w := newWalk(awsprofile.Chain{}, Options{Now: time.Now})
			_, err := container{awsprofile.Container{FullURI: server.URL}}.credentials(context.Background(), w)
			if asked != tries || (err == nil) != (tries > 1) {
				t.Errorf("asked %d times, %v", asked, err)
			}
		})
	}
}

// Whose time ends between two tries is not kept waiting for the next one, and
// reads what came of the last.
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
