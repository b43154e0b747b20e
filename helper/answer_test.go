package helper

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

var answer = Answer{
	Username: "AKIAIOSFODNN7EXAMPLE%token/+=",
	Password: "20260101T000000Zb5b2",
	Expires:  time.Date(2026, 1, 1, 0, 15, 0, 999, time.FixedZone("", 3600)),
}

// writes counts the writes, because git would act on half an answer.
type writes struct {
	strings.Builder
	n int
}

func (w *writes) Write(p []byte) (int, error) {
	w.n++
	return w.Builder.Write(p)
}

func TestAnswerIsWrittenAsUserNameAndPassword(t *testing.T) {
	t.Parallel()
	const want = "username=AKIAIOSFODNN7EXAMPLE%token/+=\npassword=20260101T000000Zb5b2\npassword_expiry_utc=1767222900\n"
	var w writes
	if err := answer.Write(&w, Request{}); err != nil || w.String() != want || w.n != 1 {
		t.Errorf("got %q in %d writes, %v", w.String(), w.n, err)
	}
}

func TestAnswerIsACredentialIfGitSupportsIt(t *testing.T) {
	t.Parallel()
	// printf %s 'AKIAIOSFODNN7EXAMPLE%token/+=:20260101T000000Zb5b2' | base64
	const want = "capability[]=authtype\nauthtype=Basic\n" +
		"credential=QUtJQUlPU0ZPRE5ON0VYQU1QTEUldG9rZW4vKz06MjAyNjAxMDFUMDAwMDAwWmI1YjI=\n" +
		"ephemeral=1\npassword_expiry_utc=1767222900\n"
	var w writes
	if err := answer.Write(&w, Request{AuthType: true}); err != nil || w.String() != want || w.n != 1 {
		t.Errorf("got %q in %d writes, %v", w.String(), w.n, err)
	}
}

func TestAnswerRefusesWhatCouldChangeItsMeaning(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"nothing": "", "a line feed": "a\nhost=evil", "a carriage return": "a\r", "a space": "a b", "a NUL": "a\x00",
		"a DEL": "a\x7f", "a letter that is not ASCII": "é",
	} {
		for _, a := range []Answer{{Username: bad, Password: "p"}, {Username: "u", Password: bad}} {
			for _, req := range []Request{{}, {AuthType: true}} {
				var w writes
				if err := a.Write(&w, req); !errors.Is(err, ErrUnsafe) || w.n != 0 {
					t.Errorf("%s: got %q, %v", name, w.String(), err)
				}
			}
		}
	}
}

func TestCapability(t *testing.T) {
	t.Parallel()
	var w writes
	if err := (Helper{}).Capability(&w); err != nil || w.String() != "version 0\ncapability authtype\n" {
		t.Errorf("got %q, %v", w.String(), err)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("AKIAIOSFODNN7EXAMPLE", "20260101T000000Z", int64(1767222900), true)
	f.Add("a\nurl=https://evil", "p", int64(-1), false)
	f.Fuzz(func(t *testing.T, username, password string, expires int64, authType bool) {
		var w writes
		req := Request{AuthType: authType}
		a := Answer{Username: username, Password: password, Expires: time.Unix(expires, 0)}
		if err := a.Write(&w, req); err != nil {
			if w.n != 0 {
				t.Error("an error and an answer")
			}
			return
		}
		got, err := Read(strings.NewReader(w.String()))
		if err != nil {
			t.Fatalf("%q cannot be read: %v", w.String(), err)
		}
		if got.Protocol != "" || got.Host != "" || got.Path != "" {
			t.Errorf("%q overrides what git asked for", w.String())
		}
		if authType {
			plain, err := base64.StdEncoding.DecodeString(got.Credential)
			if err != nil || string(plain) != username+":"+password {
				t.Errorf("%q does not hold what was given", w.String())
			}
		} else if got.Username != username || !strings.Contains(w.String(), "\npassword="+password+"\n") {
			t.Errorf("%q does not hold what was given", w.String())
		}
	})
}
