package awsclient

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"git-credential-codecommit/awsprofile"
)

// The body of a response with status 101 is the connection itself, on which net/http
// applies no time limit.
func TestServerThatSwitchesProtocols(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	}))
	t.Cleanup(server.Close)
	public, err := newHTTPClient(NewClock(time.Now), awsprofile.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]*http.Client{"public": public, "link-local": NewLinkLocalClient(time.Second)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := make(chan error, 1)
			go func() {
				resp, err := client.Get(server.URL)
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					_ = resp.Body.Close()
				}
				failed <- err
			}()
			select {
			case err := <-failed:
				if err == nil || !strings.HasSuffix(NetworkCause(err).Error(), ": it switched to another protocol") {
					t.Errorf("%v", err)
				}
			case <-time.After(time.Minute):
				t.Error("it waits for the body")
			}
		})
	}
}

// slowWriter is a connection whose writes return some time after the peer has the
// bytes, as in a process that waits for a processor.
type slowWriter struct {
	net.Conn
	behind time.Duration
}

func (c slowWriter) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	time.Sleep(c.behind)
	return n, err
}

// A response that arrives before the write of the request returns is read
// completely. The SDK's request bodies made net/http treat that as a failed write
// and close the connection (aws/aws-sdk-go-v2#1825, #2737): the call was made
// twice, and with an MFA code it was rejected the second time.
func TestResponseBeforeRequestIsWritten(t *testing.T) {
	t.Parallel()
	const behind = 50 * time.Millisecond
	answer := `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		first, rest, _ := strings.Cut(answer, "\n")
		_, _ = io.WriteString(w, first)
		w.(http.Flusher).Flush()
		time.Sleep(2 * behind)
		_, _ = io.WriteString(w, rest)
	}))
	t.Cleanup(server.Close)
	client, err := newHTTPClient(NewClock(time.Now), awsprofile.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	base := client.Transport.(*CappedTransport).Base.(*http.Transport)
	t.Cleanup(base.CloseIdleConnections)
	base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return slowWriter{conn, behind}, err
	}
	out, err := sts.New(sts.Options{
		Region:       "us-east-2",
		BaseEndpoint: aws.String(server.URL),
		HTTPClient:   client,
		Credentials:  aws.AnonymousCredentials{},
		Retryer:      aws.NopRetryer{},
		Logger:       logging.Nop{},
	}).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(out.Account); got != "111122223333" {
		t.Errorf("account %q; want 111122223333", got)
	}
}

// A request without a body has no chunked encoding. net/http knows that http.NoBody
// is empty, but sends other readers in chunks.
func TestRequestWithoutBodyIsNotChunked(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 || len(r.TransferEncoding) != 0 {
			t.Errorf("length %d, in %v", r.ContentLength, r.TransferEncoding)
		}
		_, _ = io.WriteString(w, "x")
	}))
	t.Cleanup(server.Close)
	client, err := newHTTPClient(NewClock(time.Now), awsprofile.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []io.Reader{nil, http.NoBody} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}
