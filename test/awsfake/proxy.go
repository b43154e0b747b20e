package awsfake

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// serveProxy is the entry to the cloud. It connects CONNECT requests for AWS host
// names at port 443 to the TLS server, and rejects and records everything else. It
// never uses DNS, and connects only to loopback.
func (c *Cloud) serveProxy(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		c.serveForwarded(w, r)
		return
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, ""
	}
	if _, ok := c.endpoint(host); !ok || port != "443" {
		c.refuse(w, r)
		return
	}
	c.serve(w, r, c.record(r, Proxy), c.connect)
}

// serveForwarded answers requests for link-local addresses that clients wrongly
// send through a proxy. The record shows that (Proxied).
func (c *Cloud) serveForwarded(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Host {
	case "169.254.169.254":
		c.serveMetadata(w, r)
	case "169.254.170.2", "169.254.170.23":
		c.serveContainer(w, r)
	default:
		c.refuse(w, r)
	}
}

func (c *Cloud) refuse(w http.ResponseWriter, r *http.Request) {
	c.serve(w, r, c.record(r, ProxyRefused), func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "awsfake: no such host in this cloud", http.StatusBadGateway)
	})
}

// connect connects the client to the TLS server.
func (c *Cloud) connect(w http.ResponseWriter, r *http.Request) {
	var dialer net.Dialer
	inner, err := dialer.DialContext(r.Context(), "tcp", c.aws.addr)
	if err != nil {
		http.Error(w, "awsfake: "+err.Error(), http.StatusBadGateway)
		return
	}
	defer inner.Close()
	outer, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "awsfake: "+err.Error(), http.StatusInternalServerError)
		return
	}
	defer outer.Close()
	if !c.tunnels.add(outer, inner) {
		return
	}
	defer c.tunnels.remove(outer, inner)
	outer.SetDeadline(time.Time{}) //nolint:errcheck // the copying below would fail
	if _, err := fmt.Fprint(outer, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	if w, ok := w.(*statusWriter); ok {
		w.note(http.StatusOK)
	}

	copied := make(chan struct{})
	go func() {
		defer close(copied)
		io.Copy(inner, buffered) //nolint:errcheck // either side may end it
		closeWrite(inner)
	}()
	_, err = io.Copy(outer, inner)
	if err != nil {
		// The TLS server reset the connection, so the client must see a reset too.
		if t, ok := outer.(*net.TCPConn); ok {
			t.SetLinger(0) //nolint:errcheck // if this fails, it is closed normally
		}
	}
	outer.Close()
	inner.Close()
	<-copied
}

func closeWrite(conn net.Conn) {
	if t, ok := conn.(*net.TCPConn); ok {
		t.CloseWrite() //nolint:errcheck // closed already
	}
}

// tunnels are the connections through the proxy. The HTTP server no longer owns
// them and does not close them.
type tunnels struct {
	mu     sync.Mutex
	open   map[net.Conn]bool
	closed bool
}

func (t *tunnels) add(conns ...net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	if t.open == nil {
		t.open = map[net.Conn]bool{}
	}
	for _, c := range conns {
		t.open[c] = true
	}
	return true
}

func (t *tunnels) remove(conns ...net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range conns {
		delete(t.open, c)
	}
}

func (t *tunnels) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for c := range t.open {
		c.Close()
	}
}
