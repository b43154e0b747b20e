package helper

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"git-credential-codecommit/internal/cli"
)

// Limits on a request.
const (
	maxRequest = 1 << 20 // bytes in total; git's own requests have less than 100 KiB
	maxLine    = 65535   // bytes without the LF; git's limit includes it
)

// A Request has the attributes of git's request that this program uses. An
// attribute that git did not send is "".
type Request struct {
	Protocol string
	Host     string // with ":port" if the URL has one
	Path     string // without a leading slash
	Username string
	// Credential is the base64 form of username and password. Git sends it with
	// erase if the answer contained it.
	Credential string
	// AuthType is true if git supports the authtype and credential attributes (git
	// 2.46 and later).
	AuthType bool
}

// Read reads one request from r, up to the first blank line or the end of file. It
// never waits for input after that. It skips attributes that this program does not
// use, and a CR at the end of a line.
//
// The error is a *MalformedError if the request violates the protocol: a line is
// too long, has no "=" or an empty key, contains a control character, or repeats
// the protocol, host, path or username (as in CVE-2020-5260). The request then has
// the attributes before that line, so that requests for other hosts can be ignored.
// After a repeated attribute it is empty, because either value could be meant.
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
		if ended := bytes.TrimSuffix(line, []byte("\n")); len(ended) < len(line) {
			line = bytes.TrimSuffix(ended, []byte("\r")) // like git's strbuf_getline
		}
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

// set adds one line to the request. It returns what is wrong with the line; "" if
// nothing.
func (req *Request) set(line []byte, seen map[string]bool) (problem string) {
	for _, b := range line {
		if b < ' ' || b == 0x7f {
			return "contains a control character"
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
		// An empty value resets the list: git-credential(1).
		req.AuthType = len(value) > 0 && (req.AuthType || string(value) == "authtype")
	}
	if attribute == nil {
		return ""
	}
	if seen[string(key)] {
		*req = Request{}
		return fmt.Sprintf("repeats %s", key)
	}
	seen[string(key)] = true
	*attribute = string(value)
	return ""
}

// MalformedError is returned by Read if a request violates the protocol. It never
// contains text of the request.
type MalformedError struct {
	Line    int // from 1
	Problem string
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("malformed request on standard input: line %d: %s", e.Line, e.Problem)
}

// malformedHint shows a request that git generates.
var malformedHint = cli.Run("echo url=https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME | git credential fill").When("to see a request that git writes")

// Hints returns how to fix the request.
func (e *MalformedError) Hints() []cli.Hint { return []cli.Hint{malformedHint} }

func malformed(line int, problem string) error {
	return &MalformedError{Line: line, Problem: problem}
}
