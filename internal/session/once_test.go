package session

import (
	"bufio"
	"cmp"
	"context"
	"crypto/elliptic"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/identitycenter"
)

// wire is the tests' network: it plays one connection after another as configured,
// the last one repeatedly.
type wire struct {
	plays    []play
	dials    atomic.Int32
	requests atomic.Int32
}

// play is what happens to one connection. It returns the response to the first
// request; "" breaks the connection instead. A nil play rejects the connection.
type play func(w *wire, conn net.Conn) string

func (w *wire) dial(context.Context, string, string) (net.Conn, error) {
	p := w.plays[min(int(w.dials.Add(1)), len(w.plays))-1]
	if p == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		if text := p(w, theirs); text != "" {
			_, _ = io.WriteString(theirs, text)
		}
	}()
	return ours, nil
}

// hear reads a request.
func (w *wire) hear(conn net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	if err == nil {
		w.requests.Add(1)
	}
}

// lose reads the request and closes the connection.
func lose(w *wire, conn net.Conn) string {
	w.hear(conn)
	return ""
}

// hold reads the request and sends nothing until the peer gives up.
func hold(w *wire, conn net.Conn) string {
	w.hear(conn)
	_, _ = io.Copy(io.Discard, conn)
	return ""
}

// cut closes the connection after the first bytes.
func cut(_ *wire, conn net.Conn) string {
	_, _ = conn.Read(make([]byte, 64<<10))
	return ""
}

// answer reads the request and answers it. The response ends the connection.
func answer(status int, body string) play {
	return func(w *wire, conn net.Conn) string {
		w.hear(conn)
		return fmt.Sprintf("HTTP/1.1 %d x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	}
}

// An MFA code and a refresh token work once. A call with one is retried only if it
// cannot have been processed. Otherwise the retry would be rejected, and the
// rejection would hide the original error.
func TestSingleUseCodesAreNotRetried(t *testing.T) {
	t.Parallel()
	_, key := newLoginKey(t, elliptic.P256())
	const (
		xml = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
			`<AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>` +
			`<AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/R/s</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`
		xmlRefusal  = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>%s</Code></Error></ErrorResponse>`
		login       = `{"accessToken": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE"}, "refreshToken": "r2", "expiresIn": 900}`
		token       = `{"accessToken": "t", "refreshToken": "r2", "expiresIn": 900}`
		jsonRefusal = `{"__type": "%s"}`
	)
	role := awsprofile.Role{ARN: "arn:aws:iam::111122223333:role/R"}
	withMFA := role
	withMFA.MFASerial = "arn:aws:iam::111122223333:mfa/m"
	for name, call := range map[string]struct {
		once    bool
		good    string
		refusal string // format with a verb for the error code
		make    func(t *testing.T, w *walk) error
	}{
		"AssumeRole": {false, xml, xmlRefusal, func(_ *testing.T, w *walk) error {
			_, err := w.assumeRole(context.Background(), Credentials{}, 1)
			return err
		}},
		"AssumeRole with an MFA code": {true, xml, xmlRefusal, func(_ *testing.T, w *walk) error {
			_, err := w.assumeRole(context.Background(), Credentials{}, 2)
			return err
		}},
		"CreateOAuth2Token": {true, login, jsonRefusal, func(_ *testing.T, w *walk) error {
			_, err := w.createOAuth2Token(context.Background(), loginFile{RefreshToken: "r", ClientID: "c", DPoPKey: key})
			return err
		}},
		"CreateToken": {true, token, jsonRefusal, func(t *testing.T, w *walk) error {
			return renewSSO(t, w, identitycenter.Token{ClientID: "c", ClientSecret: "s", RefreshToken: "r"})
		}},
	} {
		good := answer(http.StatusOK, call.good)
		for fault, c := range map[string]struct {
			plays    []play
			through  string // "TLS", "a proxy"; "" for neither
			requests int32  // if the call contains something that works only once
			ordinary int32  // requests of other calls
			dials    int32  // of every call; 0 means one per request
			says     string // part of the error; "" for none
		}{
			"the connection is refused":   {[]play{nil}, "", 0, 0, 3, "connection refused"},
			"no connection at first":      {[]play{nil, good}, "", 1, 1, 2, ""},
			"no TLS handshake":            {[]play{cut}, "TLS", 0, 0, 3, "the connection was closed before a response arrived"},
			"a TLS handshake without end": {[]play{hold}, "TLS", 0, 0, 3, "timed out"},
			"the proxy is busy":           {[]play{answer(503, "")}, "a proxy", 3, 3, 0, "the proxy (HTTPS_PROXY) refused the connection with 503"},
			"busy at first":               {[]play{answer(503, "<html>"), good}, "", 2, 2, 0, ""},
			"busy":                        {[]play{answer(503, "<html>")}, "", 3, 3, 0, "it responded with 503, but not in AWS's format"},
			"too many requests":           {[]play{answer(429, "<html>")}, "", 3, 3, 0, "it responded with 429, but not in AWS's format"},
			"too many calls, says AWS":    {[]play{answer(400, fmt.Sprintf(call.refusal, "Throttling"))}, "", 3, 3, 0, ": too many requests (tried 3 times)"},
			"the answer is lost":          {[]play{lose, good}, "", 1, 2, 0, "the connection was closed before a response arrived"},
			"no answer":                   {[]play{hold, good}, "", 1, 2, 0, "timed out"},
			"an unreadable answer":        {[]play{answer(200, "<html>"), good}, "", 1, 2, 0, "the response is not from AWS"},
			"an empty answer":             {[]play{answer(200, ""), good}, "", 1, 2, 0, "the response is empty"},
			"half an answer":              {[]play{answer(200, call.good[:len(call.good)/2]), good}, "", 1, 2, 0, "the response is not from AWS"},
			"a failure":                   {[]play{answer(500, "<html>"), good}, "", 1, 2, 0, "it responded with 500, but not in AWS's format"},
			"a failure of AWS's":          {[]play{answer(500, fmt.Sprintf(call.refusal, "InternalFailure")), good}, "", 1, 2, 0, ": the service reported an internal error"},
			"a gateway's failure":         {[]play{answer(504, "<html>"), good}, "", 1, 2, 0, "it responded with 504, but not in AWS's format"},
		} {
			t.Run(name+", "+fault, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { // the pauses take no time
					network := &wire{plays: c.plays}
					to := "http://aws.example"
					if c.through != "" {
						to = "https://aws.example"
					}
					endpoints := map[string]string{"sts": to, "sso_oidc": to, "signin": to}
					w := newWalk(awsprofile.Chain{Roles: []awsprofile.Role{role, withMFA}, Settings: awsprofile.Settings{Region: "us-east-2", Endpoints: endpoints}}, Options{
						Now: time.Now, Prompt: func(context.Context, string) (string, error) { return "123456", nil },
					})
					client, err := w.aws.HTTP()
					if err != nil {
						t.Fatal(err)
					}
					base := client.Transport.(*awsclient.CappedTransport).Base.(*http.Transport)
					base.DialContext = network.dial
					base.Proxy = nil
					if c.through == "a proxy" {
						base.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example"})
					}
					defer base.CloseIdleConnections()
					err = call.make(t, w)
					synctest.Wait()
					requests := c.ordinary
					if call.once {
						requests = c.requests
						if (err == nil) != (c.says == "") || err != nil && !strings.HasSuffix(err.Error(), c.says) {
							t.Errorf("%v; want %s", err, c.says)
						}
					}
					dials := cmp.Or(c.dials, requests)
					if network.requests.Load() != requests || network.dials.Load() != dials {
						t.Errorf("%d requests in %d connections; want %d in %d: %v", network.requests.Load(), network.dials.Load(), requests, dials, err)
					}
				})
			})
		}
	}
}
