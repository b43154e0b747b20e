// Package helper speaks git's side: the credential protocol between git and a
// credential helper. The protocol is described in git-credential(1), under
// INPUT/OUTPUT FORMAT.
package helper

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits on what is read from git.
const (
	maxRequest = 1 << 20 // bytes in all; git's own requests stay under 100 KiB
	maxLine    = 65535   // bytes without the LF; git's own limit is 65,535 with it
)

// A Request is what git wants to know: the attributes that this program reads.
// An attribute that git did not send is "".
type Request struct {
	Protocol string
	Host     string // with ":port" if the URL has one
	Path     string // without a leading slash
	Username string
	// Credential is base64 of user name and password; git sends it back with
	// erase when the answer held it.
	Credential string
	// AuthType says that git understands answers of authtype and credential
	// (git 2.46 and later).
	AuthType bool
}

// Read reads one request from r, up to the first blank line or the end, and
// no further: what git sends behind it is never waited for. Attributes that
// this program does not use are skipped.
//
// The error is of type MalformedError when the request breaks the protocol's
// rules: a line that is too long, has no "=" or an empty key, holds a control
// character, or names the protocol, host, path or user name a second time
// (CVE-2020-5260 has that shape). The request beside it holds what stood before
// that line, so that others' requests can be left to others; it is empty when a
// name came twice, since then nobody knows whose it is.
func Read(r io.Reader) (Request, error) {
	in := bufio.NewReaderSize(io.LimitReader(r, maxRequest+1), maxLine+1)
	var (
		req  Request
		seen = map[string]bool{}
		size int
	)
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		if size += len(line); size > maxRequest {
			return req, malformed(n, "the request is longer than 1 MiB")
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return req, malformed(n, "longer than 65535 bytes")
		case err != nil && !errors.Is(err, io.EOF):
			return Request{}, fmt.Errorf("read git's request: %w", err)
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		if len(line) == 0 {
			return req, nil
		}
		if problem := req.set(line, seen); problem != "" {
			return req, malformed(n, problem)
		}
		if err != nil {
			return req, nil
		}
	}
}

// set takes one line into the request and says what is wrong with it, if
// anything.
func (req *Request) set(line []byte, seen map[string]bool) (problem string) {
	for _, b := range line {
		if b < ' ' || b == 0x7f {
			return "holds a control character"
		}
	}
	key, value, ok := bytes.Cut(line, []byte("="))
	if !ok {
		return `has no "="`
	}
	if len(key) == 0 {
		return "has an empty key"
	}
	var attribute *string
	switch string(key) {
	case "protocol":
		attribute = &req.Protocol
	case "host":
		attribute = &req.Host
	case "path":
		attribute = &req.Path
	case "username":
		attribute = &req.Username
	case "credential":
		req.Credential = string(value)
	case "capability[]":
		// An empty value takes back those before it: git-credential(1).
		req.AuthType = len(value) > 0 && (req.AuthType || string(value) == "authtype")
	}
	if attribute == nil {
		return ""
	}
	if seen[string(key)] {
		*req = Request{}
		return fmt.Sprintf("names %s a second time", key)
	}
	seen[string(key)] = true
	*attribute = string(value)
	return ""
}

// MalformedError is returned by Read when a request breaks the protocol's
// rules. It never holds the text of the request.
type MalformedError struct {
	Line    int // from 1
	Problem string
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("malformed request on standard input: line %d: %s", e.Line, e.Problem)
}

func malformed(line int, problem string) error {
	return &MalformedError{Line: line, Problem: problem}
}
