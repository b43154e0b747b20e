package helper

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
)

var (
	key  = Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	noon = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

const ours = "protocol=https\nhost=git-codecommit.us-east-1.amazonaws.com\npath=v1/repos/MyDemoRepo\n\n"

// testHelper returns a helper whose functions record their arguments.
func testHelper(creds Credentials, err error) (h Helper, calls *[]string) {
	calls = new([]string)
	call := func(format string, args ...any) { *calls = append(*calls, fmt.Sprintf(format, args...)) }
	return Helper{
		Endpoint: codecommit.ParseEndpoint,
		Credentials: func(_ context.Context, ep codecommit.Endpoint, r codecommit.Repository) (Credentials, error) {
			call("credentials %s %s", ep.Region, r.Path)
			return creds, err
		},
		Forget: func(id, token string) { call("forget %s %s", id, token) },
		Report: func(err error) { call("report %s", err) },
		Now:    func() time.Time { return noon },
		NoHome: func() bool { return false },
	}, calls
}

// The password is one of botocore's: see internal/codecommit/testdata.
const signed = "20260101T000000Zb5b25456a2c242e638a30a61c54e218059ec9372d499bd3a6800e11e8273c904"

func TestGetAnswersOurRequests(t *testing.T) {
	t.Parallel()
	session := key
	session.SessionToken, session.Expires = "token", noon.Add(10*time.Minute)
	ended := session
	ended.Expires = noon.Add(-time.Minute)
	skewed := key
	skewed.Skew = 20 * time.Minute
	for name, c := range map[string]struct {
		creds   Credentials
		request string
		want    []string // lines
	}{
		"a long-term key":          {key, ours, []string{"username=" + key.AccessKeyID, "password=" + signed, "password_expiry_utc=1767226500"}},
		"a session that ends":      {session, ours, []string{"username=" + key.AccessKeyID + "%token", "password=" + signed, "password_expiry_utc=1767226200"}},
		"keys served after expiry": {ended, ours, []string{"username=" + key.AccessKeyID + "%token", "password=" + signed, "password_expiry_utc=1767226500"}},
		"a wrong clock":            {skewed, ours, []string{"username=" + key.AccessKeyID, "", "password_expiry_utc=1767226500"}},
		"a path with a slash":      {key, strings.Replace(ours, "MyDemoRepo", "MyDemoRepo/", 1), []string{"username=" + key.AccessKeyID, "password=" + signed, "password_expiry_utc=1767226500"}},
		"CR LF line ends":          {key, strings.ReplaceAll(ours, "\n", "\r\n"), []string{"username=" + key.AccessKeyID, "password=" + signed, "password_expiry_utc=1767226500"}},
		"authtype": {key, "capability[]=authtype\n" + ours, []string{
			"capability[]=authtype", "authtype=Basic", "credential=" + base64.StdEncoding.EncodeToString([]byte(key.AccessKeyID+":"+signed)), "ephemeral=1", "password_expiry_utc=1767226500",
		}},
	} {
		h, _ := testHelper(c.creds, nil)
		var out writes
		err := h.Get(t.Context(), strings.NewReader(c.request), &out, nil)
		got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if name == "a wrong clock" && len(got) == 3 && strings.HasPrefix(got[1], "password=20260101T002000Z") {
			got[1] = ""
		}
		if err != nil || out.n != 1 || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q in %d writes, %v", name, got, out.n, err)
		}
	}
}

func TestGetIgnoresOthersRequests(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"nothing":                    "",
		"another host":               "protocol=https\nhost=github.com\npath=a/b\n\n",
		"another host, malformed":    "protocol=https\nhost=github.com\nwwwauth[]=\x01\n\n",
		"no protocol":                "host=git-codecommit.us-east-1.amazonaws.com\n\n",
		"another protocol":           strings.Replace(ours, "https", "ssh", 1),
		"a static credential's user": "username=alice-at-111122223333\n" + ours,
		"static credential, spoilt":  "host=git-codecommit.us-east-1.amazonaws.com\nusername=alice-at-111122223333\nx\n\n",
	} {
		h, calls := testHelper(key, nil)
		var out writes
		err := h.Get(t.Context(), strings.NewReader(request), &out, errors.New("flags"))
		if err != nil || out.n != 0 || len(*calls) != 0 {
			t.Errorf("%s: %q, %v, %q", name, &out, err, *calls)
		}
	}
}

func TestGetOverPlainHTTPSaysWhyAndAnswersNothing(t *testing.T) {
	t.Parallel()
	h, calls := testHelper(key, nil)
	var out writes
	err := h.Get(t.Context(), strings.NewReader(strings.Replace(ours, "https", "http", 1)), &out, nil)
	want := []string{`report refusing to send credentials to "git-codecommit.us-east-1.amazonaws.com" over plain http`}
	if err != nil || out.n != 0 || !slices.Equal(*calls, want) {
		t.Errorf("%q, %v, %q", &out, err, *calls)
	}
}

// Without quit=1, git would prompt for a username.
func TestGetQuitsWhenItCannotAnswer(t *testing.T) {
	t.Parallel()
	colon := key
	colon.SessionToken = "a:b"
	flags, denied := errors.New("flags"), errors.New("denied")
	for name, c := range map[string]struct {
		request string
		creds   Credentials
		err     error // of the credentials
		flagErr error
		want    string // part of the error
		hint    cli.Hint
	}{
		"no path":            {request: strings.Replace(ours, "path=v1/repos/MyDemoRepo\n", "", 1), want: "did not send the repository path", hint: cli.Run("git config --global credential.https://git-codecommit.us-east-1.amazonaws.com.useHttpPath true")},
		"a wrong path":       {request: strings.Replace(ours, "v1/repos", "v2", 1), want: "is not the path", hint: cli.Advice("use a URL of the form https://git-codecommit.us-east-1.amazonaws.com/v1/repos/NAME")},
		"wrong flags":        {request: ours, flagErr: flags, want: "flags"},
		"no credentials":     {request: ours, err: denied, want: "denied"},
		"a colon in a token": {request: ours, creds: colon, want: ErrUnsafe.Error()},
		"malformed":          {request: ours[:len(ours)-1] + "x\n\n", want: "malformed request", hint: malformedHint},
	} {
		h, _ := testHelper(c.creds, c.err)
		var out writes
		err := h.Get(t.Context(), strings.NewReader(c.request), &out, c.flagErr)
		if err == nil || !strings.Contains(err.Error(), c.want) || out.String() != "quit=1\n" {
			t.Errorf("%s: %q, %v", name, &out, err)
			continue
		}
		if hints := cli.HintsOf(err); c.hint != (cli.Hint{}) && (len(hints) == 0 || hints[0] != c.hint) {
			t.Errorf("%s: %v", name, hints)
		}
	}
}

func TestStoreReadsAndDoesNothing(t *testing.T) {
	t.Parallel()
	h, calls := testHelper(key, nil)
	if err := h.Store(nil); err != nil || len(*calls) != 0 {
		t.Errorf("%v, %q", err, *calls)
	}
}

func TestEraseForgetsTheSessionOfTheRejectedCredential(t *testing.T) {
	t.Parallel()
	basic := base64.StdEncoding.EncodeToString([]byte("ASIAX%token:password"))
	for name, c := range map[string]struct {
		request string
		want    []string
	}{
		"username":        {"username=ASIAX%token\n" + ours, []string{"forget ASIAX token"}},
		"credential":      {"credential=" + basic + "\n" + ours, []string{"forget ASIAX token"}},
		"a long-term key": {"username=AKIAX\n" + ours, nil},
		"no username":     {ours, nil},
		"another host":    {"username=ASIAX%token\nprotocol=https\nhost=github.com\n\n", nil},
		"plain http":      {"username=ASIAX%token\n" + strings.Replace(ours, "https", "http", 1), nil},
		"malformed":       {"username=ASIAX%token\nx\n" + ours, nil},
		"not base64":      {"credential=%%\n" + ours, nil},
	} {
		h, calls := testHelper(key, nil)
		if err := h.Erase(strings.NewReader(c.request)); err != nil || !slices.Equal(*calls, c.want) {
			t.Errorf("%s: %v, %q", name, err, *calls)
		}
	}
}

func TestCredentialsPrintNoSecret(t *testing.T) {
	t.Parallel()
	text, err := key.MarshalText()
	if got := fmt.Sprintf("%v %+v %#v %s %s", key, key, key, key, text); err != nil || strings.Contains(got, key.SecretAccessKey) {
		t.Errorf("%s, %v", got, err)
	}
}
