package identitycenter

import (
	"bufio"
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// callbackPath is the path of the redirect URI.
const callbackPath = "/oauth/callback"

// Limits of the listener.
const (
	connectionTimeout = 10 * time.Second // for a request and its response
	maxRequest        = 16 << 10         // bytes; a code has a few hundred
	maxConnections    = 64               // without a request yet; a browser opens a few
	finalPageWindow   = 3 * time.Second  // for the browser to load the final page
	acceptPause       = 100 * time.Millisecond
)

// A loopback listens on 127.0.0.1 until the browser returns from the sign-in. It
// accepts one request, with the right host, path and state. Everything else gets a
// 404, because other users of this machine and web pages can send requests too.
// See RFC 8252, sections 7.3 and 8.3.
//
// It answers one request per connection. An http.Server would do no more here, and
// would add 0.35 MB to the program.
type loopback struct {
	state    string
	host     string // 127.0.0.1:PORT
	listener net.Listener

	returned chan callback // receives the callback; buffered
	finished chan struct{} // closed by finish
	signedIn bool          // result of the sign-in; set before finished is closed

	mu       sync.Mutex
	waiting  []net.Conn    // connections without a request yet, oldest first
	accepted bool          // the callback was received
	shown    bool          // the final page was sent
	showing  chan struct{} // closed when shown
}

// A callback is the result that the browser brings: a code or an error code.
type callback struct {
	code    string
	problem string // error code of the service
}

// listen starts listening.
func listen(ctx context.Context, state string) (*loopback, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &loopback{
		state: state, host: listener.Addr().String(), listener: listener,
		returned: make(chan callback, 1), finished: make(chan struct{}), showing: make(chan struct{}),
	}
	go l.serve()
	return l, nil
}

// redirectURI returns the URI to which the browser returns.
func (l *loopback) redirectURI() string { return "http://" + l.host + callbackPath }

// finish shows the result in the browser, and stops listening.
func (l *loopback) finish(signedIn bool) {
	l.signedIn = signedIn
	close(l.finished)
	l.mu.Lock()
	wait := l.accepted
	l.mu.Unlock()
	if wait {
		select {
		case <-l.showing:
		case <-time.After(finalPageWindow):
		}
	}
	_ = l.listener.Close()
}

// serve accepts connections until the listener is closed.
func (l *loopback) serve() {
	for {
		conn, err := l.listener.Accept()
		switch {
		case err == nil:
			l.wait(conn)
			go l.handle(conn)
		case errors.Is(err, net.ErrClosed):
			return
		default: // too many open files, for example
			time.Sleep(acceptPause)
		}
	}
}

// wait records a connection until its request arrives. If there are too many, it
// closes the oldest one, so that other programs cannot block the browser.
func (l *loopback) wait(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting = append(l.waiting, conn); len(l.waiting) > maxConnections {
		_ = l.waiting[0].Close()
		l.waiting = slices.Delete(l.waiting, 0, 1)
	}
}

// waited removes a connection that wait recorded.
func (l *loopback) waited(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = slices.DeleteFunc(l.waiting, func(c net.Conn) bool { return c == conn })
}

// handle answers the request on one connection.
func (l *loopback) handle(conn net.Conn) {
	defer conn.Close()
	timer := time.AfterFunc(connectionTimeout, func() { _ = conn.Close() })
	r, err := http.ReadRequest(bufio.NewReader(io.LimitReader(conn, maxRequest)))
	timer.Stop()
	l.waited(conn)
	if err != nil {
		return
	}
	answer := l.answer(r)
	timer = time.AfterFunc(connectionTimeout, func() { _ = conn.Close() })
	defer timer.Stop()
	_, _ = conn.Write(answer.bytes())
	if answer.body != "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.shown {
			l.shown = true
			close(l.showing)
		}
	}
}

// An answer is an HTTP response to the browser.
type answer struct {
	status   int
	location string // URL of a redirect; "" for none
	body     string // a final page; "" for none
}

// bytes returns the response as bytes.
func (a answer) bytes() []byte {
	header := http.Header{}
	setPageHeaders(header)
	header.Set("Connection", "close")
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.body != "" {
		header.Set("Content-Type", "text/html; charset=utf-8")
	}
	if a.location != "" {
		header.Set("Location", a.location)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	_ = header.Write(&b)
	b.WriteString("\r\n" + a.body)
	return b.Bytes()
}

// answer returns the response to a request. The callback is answered once the
// result of the sign-in is known. It redirects to the final page, so that the code
// does not remain in the browser's title, log or history.
func (l *loopback) answer(r *http.Request) answer {
	notFound := answer{status: http.StatusNotFound}
	// Any other host name that resolves to this address is DNS rebinding.
	if r.Method != http.MethodGet || r.Host != l.host {
		return notFound
	}
	if r.URL.Path == callbackPath {
		received, ok := l.accept(r.URL.RawQuery)
		if !ok {
			return notFound
		}
		l.returned <- received
		<-l.finished
		return answer{status: http.StatusSeeOther, location: l.finalPath()}
	}
	select {
	case <-l.finished:
		if r.URL.Path == l.finalPath() {
			return answer{status: http.StatusOK, body: finalPage(l.signedIn)}
		}
	default:
	}
	return notFound
}

// finalPath returns the path of the final page. It waits for the result of the
// sign-in.
func (l *loopback) finalPath() string {
	if l.signedIn {
		return signedInPath
	}
	return failedPath
}

// accept reports whether a query is the first callback, and parses it.
func (l *loopback) accept(rawQuery string) (received callback, ok bool) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil || len(query["state"]) != 1 || len(query["code"])+len(query["error"]) != 1 ||
		subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(l.state)) != 1 {
		return callback{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.accepted
	l.accepted = true
	return callback{code: query.Get("code"), problem: query.Get("error")}, first
}
