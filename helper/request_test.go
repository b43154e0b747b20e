package helper

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestRead(t *testing.T) {
	t.Parallel()
	const git255 = "capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\n" +
		"path=v1/repos/SharedDemoRepo\nusername=alice\nwwwauth[]=Basic realm=\"x\"\nwwwauth[]=\n\n"
	full := Request{
		Protocol: "https", Host: "git-codecommit.us-east-2.amazonaws.com", Path: "v1/repos/SharedDemoRepo",
		Username: "alice", AuthType: true,
	}
	for name, tt := range map[string]struct {
		in   string
		want Request
	}{
		"what git 2.55 sends":               {git255, full},
		"CR LF as line ends":                {strings.ReplaceAll(git255, "\n", "\r\n"), full}, // PowerShell, and Python on Windows
		"text after a blank line of CR LF":  {"host=h\r\n\r\nhost=evil.example\r\n", Request{Host: "h"}},
		"text after the blank line":         {git255 + "host=evil.example\n\x00", full},
		"the end without a blank line":      {"protocol=https\nhost=h\n", Request{Protocol: "https", Host: "h"}},
		"the last line without a line feed": {"protocol=https\nhost=h", Request{Protocol: "https", Host: "h"}},
		"nothing":                           {"", Request{}},
		"a blank line alone":                {"\n", Request{}},
		"a value with an equals sign":       {"path=a=b\n", Request{Path: "a=b"}},
		"an empty value":                    {"username=\n", Request{}},
		"keys are not trimmed":              {" host=h\nhost =h\n", Request{}},
		"keys are not folded":               {"Host=h\nHOST=h\n", Request{}},
		"unknown keys":                      {"x=1\nx=2\ny[]=3\n", Request{}},
		"bytes above ASCII":                 {"path=v1/repos/é\xff\n", Request{Path: "v1/repos/é\xff"}},
		"capabilities that are taken back":  {"capability[]=authtype\ncapability[]=\n", Request{}},
		"capabilities that come again":      {"capability[]=\ncapability[]=authtype\ncapability[]=state\n", Request{AuthType: true}},
		"another capability":                {"capability[]=state\n", Request{}},
		"what git sends with erase":         {"username=u\npassword=p\ncredential=c\n", Request{Username: "u", Credential: "c"}},
		"a line as long as it may be":       {"x=" + strings.Repeat("a", maxLine-2) + "\nhost=h\n", Request{Host: "h"}},
	} {
		for kind, r := range map[string]io.Reader{
			"at once": strings.NewReader(tt.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.in)),
		} {
			if got, err := Read(r); err != nil || got != tt.want {
				t.Errorf("%s, %s: got %+v, %v, want %+v", name, kind, got, err, tt.want)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, want string }{
		"a carriage return":            {"protocol=htt\rps\r\nhost=h\r\n\r\n", "line 1: contains a control character"},
		"two carriage returns":         {"host=h\r\r\n\r\n", "line 1: contains a control character"},
		"a carriage return at the end": {"host=h\r", "line 1: contains a control character"},
		"a NUL":                        {"host=h\x00.evil\n", "line 1: contains a control character"},
		"an escape":                    {"path=\x1b[31m\n", "line 1: contains a control character"},
		"a tab":                        {"path=a\tb\n", "line 1: contains a control character"},
		"a DEL":                        {"path=a\x7f\n", "line 1: contains a control character"},
		"a control byte, other key":    {"x=a\x01\n", "line 1: contains a control character"},
		"a line without =":             {"host=h\nnonsense\n", `line 2: has no "="`},
		"an empty key":                 {"=value\n", "line 1: has an empty key"},
		"two protocols":                {"protocol=https\nprotocol=https\n", "line 2: repeats protocol"},
		"two hosts":                    {"host=a\nhost=b\n", "line 2: repeats host"},
		"two hosts, one empty":         {"host=\nhost=b\n", "line 2: repeats host"},
		"two paths":                    {"path=a\npath=b\n", "line 2: repeats path"},
		"two usernames":                {"username=a\nusername=b\n", "line 2: repeats username"},
		"a line that is too long":      {"x=" + strings.Repeat("a", maxLine-1) + "\n", "line 1: longer than 65535 bytes"},
		"a line without end":           {strings.Repeat("a", 1<<20), "line 1: longer than 65535 bytes"},
		"a request that is too long":   {strings.Repeat("x=1\n", 1<<18+1), "line 262145: the request is longer than 1 MiB"},
	} {
		_, err := Read(strings.NewReader(tt.in))
		var malformed *MalformedError
		if !errors.As(err, &malformed) || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

func TestReadDoesNotWaitAfterTheBlankLine(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close() // only after Read has returned
	go func() { _, _ = io.WriteString(w, "protocol=https\nhost=h\n\n") }()
	if req, err := Read(r); err != nil || req.Host != "h" {
		t.Errorf("got %+v, %v", req, err)
	}
}

func TestReadSaysThatReadingFailed(t *testing.T) {
	t.Parallel()
	if _, err := Read(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("protocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\npath=v1/repos/R\n\n")
	f.Add("host=a\nhost=b\n")
	f.Add("capability[]=authtype\nusername=x\r\n\n")
	f.Fuzz(func(t *testing.T, in string) {
		req, err := Read(strings.NewReader(in))
		if err != nil && strings.Contains(err.Error(), "repeats") && req != (Request{}) {
			t.Errorf("%q: %v, and the request %+v", in, err, req)
		}
		for _, value := range []string{req.Protocol, req.Host, req.Path, req.Username, req.Credential} {
			if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%q: a control character came through", in)
			}
			if !strings.Contains(in, value) {
				t.Errorf("%q: %q was not sent", in, value)
			}
		}
		if err != nil {
			return
		}
		// Writing a request as git does and reading it again returns the same
		// request.
		var again strings.Builder
		for _, kv := range [][2]string{
			{"protocol", req.Protocol},
			{"host", req.Host},
			{"path", req.Path},
			{"username", req.Username},
			{"credential", req.Credential},
		} {
			again.WriteString(kv[0] + "=" + kv[1] + "\n")
		}
		if req.AuthType {
			again.WriteString("capability[]=authtype\n")
		}
		if got, err := Read(strings.NewReader(again.String())); err != nil || got != req {
			t.Errorf("%q: read again: %+v, %v, want %+v", in, got, err, req)
		}
	})
}
