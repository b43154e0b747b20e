package session

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
)

// Two chains through the same two roles in opposite order do not wait for each
// other's locks.
func TestOppositeChainsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond) // so that the two walks overlap
		role := r.FormValue("RoleArn")
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>`+
			`<AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials>`+
			`<AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/%s/s</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
			time.Now().Add(time.Hour).UTC().Format(time.RFC3339), role[len(role)-1:])
	}))
	t.Cleanup(server.Close)
	a, b := awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/A"}, awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/B"}
	for range 3 {
		home := t.TempDir()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // less than the wait for a lock
		var both sync.WaitGroup
		for _, roles := range [][]awsprofile.Role{{a, b}, {b, a}} {
			both.Go(func() {
				chain := awsprofile.Chain{
					Source:   awsprofile.StaticKeys{Keys: awsprofile.Keys{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "s"}},
					Roles:    roles,
					Settings: awsprofile.Settings{Region: "us-east-2", Endpoints: map[string]string{"sts": server.URL}},
				}
				began := time.Now()
				if _, err := Get(ctx, chain, Options{Now: time.Now, Home: home}); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("it took %s", took)
				}
			})
		}
		both.Wait()
		cancel()
	}
}
