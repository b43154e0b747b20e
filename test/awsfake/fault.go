package awsfake

import (
	"crypto/tls"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// A Fault is a failure that a service shows instead of, or before, its response.
// The zero value answers one request with an empty 200.
type Fault struct {
	Times  int    // number of requests that it applies to; zero means one, a negative number all
	Skip   int    // number of matching requests to serve first
	Action string // apply only to this action (see Request.Action); empty means any

	Delay time.Duration // wait before everything below

	Age bool // call AgeSignatures before everything below

	Hang  bool // never answer; keep the connection open until the client or Close closes it
	Reset bool // break the connection with a TCP reset
	Drop  bool // close the connection without an answer
	Serve bool // after the delay, answer normally

	Status int         // zero means 200
	Header http.Header // added to the response
	Body   string
	Size   int64 // bytes of filler streamed after Body
	Echo   bool  // add the Authorization header of the request to Body, as sent and decoded
}

// Fail adds faults to a service. The first remaining fault that matches a request
// applies to it; other requests are served normally.
func (c *Cloud) Fail(service string, faults ...Fault) {
	c.faultMu.Lock()
	defer c.faultMu.Unlock()
	if c.faults == nil {
		c.faults = map[string][]*Fault{}
	}
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		c.faults[service] = append(c.faults[service], &f)
	}
}

// STSError returns the fault of an STS call that fails with an error code.
func STSError(status int, code, message string) Fault {
	return Fault{Status: status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: stsErrorBody(code, message)}
}

// takeFault returns the fault that applies to a request; nil if none does.
func (c *Cloud) takeFault(service, action string) *Fault {
	c.faultMu.Lock()
	defer c.faultMu.Unlock()
	for _, f := range c.faults[service] {
		if f.Times == 0 || f.Action != "" && f.Action != action {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			return nil
		}
		if f.Times > 0 {
			f.Times--
		}
		met := *f
		return &met
	}
	return nil
}

// meet applies a fault and reports whether the request must still be served.
func (c *Cloud) meet(f *Fault, w http.ResponseWriter, r *http.Request) (serve bool) {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			cut(w, false)
			return false
		case <-c.done:
			cut(w, false)
			return false
		}
	}
	if f.Age {
		c.AgeSignatures()
	}
	switch {
	case f.Serve:
		return true
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-c.done:
		}
		cut(w, false)
	case f.Reset:
		cut(w, true)
	case f.Drop:
		cut(w, false)
	default:
		for name, values := range f.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(max(f.Status, http.StatusOK))
		body := f.Body
		if f.Echo {
			name, password, _ := r.BasicAuth()
			body += " " + r.Header.Get("Authorization") + " " + name + ":" + password
		}
		if _, err := io.WriteString(w, body); err == nil {
			filler := strings.NewReader(strings.Repeat("filler ", 1<<13))
			for left := f.Size; left > 0 && err == nil; {
				var n int64
				filler.Seek(0, io.SeekStart) //nolint:errcheck // a strings.Reader does not fail here
				n, err = io.CopyN(w, filler, min(left, filler.Size()))
				left -= n
			}
		}
	}
	return false
}

// cut closes the connection of a request without a response.
func cut(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // already closed
	}
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn() // no close_notify, so that the peer sees an abrupt end
	}
	if t, ok := raw.(*net.TCPConn); ok && reset {
		t.SetLinger(0) //nolint:errcheck // if this fails, it is closed normally
	}
	raw.Close()
}

func escapeXML(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) //nolint:errcheck // a strings.Builder does not fail
	return b.String()
}
