package identitycenter

import (
	"context"
	"crypto/subtle"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// callbackPath is where the browser returns to.
const callbackPath = "/oauth/callback"

// Limits of the listener.
const (
	headerTimeout   = 10 * time.Second // for a request's header
	maxHeader       = 16 << 10         // bytes; a code has some hundred
	finalPageWindow = 3 * time.Second  // for the browser to load the final page
)

// A loopback listens on 127.0.0.1 until the browser returns from the sign-in: for
// one request with the right host, path and state. Everything else gets a 404: other
// users of this machine and web pages can send requests, too.
// See RFC 8252, sections 7.3 and 8.3.
type loopback struct {
	state  string
	host   string // 127.0.0.1:PORT
	server *http.Server

	returned chan callback // the browser's return; buffered
	finished chan struct{} // closed by finish
	signedIn bool          // how it ended; set before finished is closed

	mu       sync.Mutex
	accepted bool          // the one request has come
	shown    bool          // the browser has the final page
	showing  chan struct{} // closed when shown
}

// A callback is what the browser brings: one of the two.
type callback struct {
	code    string
	problem string // the service's error code
}

// listen starts listening.
func listen(ctx context.Context, state string) (*loopback, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &loopback{
		state: state, host: listener.Addr().String(),
		returned: make(chan callback, 1), finished: make(chan struct{}), showing: make(chan struct{}),
	}
	l.server = &http.Server{
		Handler:           l,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func() { _ = l.server.Serve(listener) }()
	return l, nil
}

// redirectURI is where the browser is to return.
func (l *loopback) redirectURI() string { return "http://" + l.host + callbackPath }

// finish shows the browser how it ended, and stops listening.
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
		ctx, cancel := context.WithTimeout(context.Background(), finalPageWindow)
		defer cancel()
		_ = l.server.Shutdown(ctx) // lets the page be sent
	}
	_ = l.server.Close()
}

// ServeHTTP implements http.Handler.
func (l *loopback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setPageHeaders(w.Header())
	// Another host name that leads here is DNS rebinding.
	if r.Method == http.MethodGet && r.Host == l.host {
		switch r.URL.Path {
		case callbackPath:
			if answer, ok := l.accept(r.URL.RawQuery); ok {
				l.returned <- answer
				l.redirect(w, r)
				return
			}
		case signedInPath, failedPath:
			if l.show(w, r.URL.Path) {
				return
			}
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

// accept reports whether a query is the browser's return, the first one.
func (l *loopback) accept(rawQuery string) (answer callback, ok bool) {
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

// redirect leads the browser to the final page once it is known how it ended, so
// that the code stays in no title, log or history.
func (l *loopback) redirect(w http.ResponseWriter, r *http.Request) {
	select {
	case <-l.finished:
	case <-r.Context().Done():
		return
	}
	path := failedPath
	if l.signedIn {
		path = signedInPath
	}
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
}

// show shows the final page if it is the one at that path.
func (l *loopback) show(w http.ResponseWriter, path string) bool {
	select {
	case <-l.finished:
	default:
		return false
	}
	if l.signedIn != (path == signedInPath) {
		return false
	}
	writePage(w, l.signedIn)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.shown {
		l.shown = true
		close(l.showing)
	}
	return true
}
