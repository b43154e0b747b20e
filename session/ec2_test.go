package session

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"git-credential-codecommit/awsprofile"
)

// A metadata service that takes the connection and is silent is asked for a
// token and then as IMDSv1; the error comes before two seconds are over.
func TestSilentMetadataEndsWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newMetadataClient(awsprofile.MetadataSettings{Timeout: time.Second, Attempts: 1})
		tries := 0
		client.seen.base = roundTrip(func(r *http.Request) (*http.Response, error) {
			tries++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		_, err := client.get(context.Background(), securityCredentials)
		if took := time.Since(began); err == nil || tries != 2 || took >= 2*time.Second {
			t.Errorf("%d tries in %s: %v", tries, took, err)
		}
	})
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
