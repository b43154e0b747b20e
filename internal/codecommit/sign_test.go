package codecommit

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"
)

const (
	testKeyID  = "AKIAIOSFODNN7EXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

func TestSignMatchesTheAWSCLI(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/passwords.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		stamp, rest, _ := strings.Cut(lines.Text(), " ")
		host, rest, _ := strings.Cut(rest, " ")
		end := strings.LastIndexByte(rest, ' ')
		path, want := rest[:end], rest[end+1:]
		at, err := time.Parse(time.RFC3339, stamp)
		if err != nil {
			t.Fatal(err)
		}
		ep, ok := ParseEndpoint(host)
		if !ok {
			t.Errorf("ParseEndpoint(%q) refused it", host)
			continue
		}
		repository, err := ep.ParsePath(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := Sign(testSecret, ep, repository.Path, at); got != want {
			t.Errorf("%s\n got %s\nwant %s", lines.Text(), got, want)
		}
		rows++
	}
	if rows < 36 {
		t.Fatalf("only %d rows", rows)
	}
}

func TestSignUsesAnAllowedHostAndItsRegion(t *testing.T) {
	t.Parallel()
	// From aws --region eu-central-1 codecommit credential-helper get --ignore-host-check.
	const want = "20260301T000001Z523c8ebf0bbd5ce3840ab8c4df44f2ae4bfdcae1f0c90e4913a16f1f764493ec"
	ep, ok := AllowedEndpoint("git.corp.example:443", "git.corp.example", "EU-central-1")
	if !ok {
		t.Fatal("refused")
	}
	if got := Sign(testSecret, ep, "v1/repos/MyDemoRepo", time.Date(2026, 3, 1, 0, 0, 1, 0, time.UTC)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSignDoesNotDependOnTheTimeZone(t *testing.T) {
	t.Parallel()
	ep, _ := ParseEndpoint("git-codecommit.us-east-1.amazonaws.com")
	utc := time.Date(2026, 1, 1, 0, 0, 0, 999, time.UTC)
	for _, zone := range []*time.Location{time.FixedZone("far east", 14*3600), time.FixedZone("far west", -12*3600)} {
		if got, want := Sign(testSecret, ep, "v1/repos/R", utc.In(zone)), Sign(testSecret, ep, "v1/repos/R", utc); got != want {
			t.Errorf("%s: got %s, want %s", zone, got, want)
		}
	}
}

func TestCanonicalRequest(t *testing.T) {
	t.Parallel()
	const want = "GIT\n/v1/repos/MyDemoRepo\n\nhost:git-codecommit.us-east-1.amazonaws.com\n\nhost\n"
	if got := canonicalRequest("git-codecommit.us-east-1.amazonaws.com", "v1/repos/MyDemoRepo"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStringToSignHasNoZAfterTheTime(t *testing.T) {
	t.Parallel()
	// The hash is that of printf 'request' | sha256sum.
	const want = "AWS4-HMAC-SHA256\n20260101T000000\n20260101/us-east-1/codecommit/aws4_request\n" +
		"1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047"
	got := stringToSign("request", "us-east-1", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUsername(t *testing.T) {
	t.Parallel()
	if got := Username(testKeyID, ""); got != testKeyID {
		t.Errorf("without a token: %q", got)
	}
	if got, want := Username(testKeyID, "a/b+c%d="), testKeyID+"%a/b+c%d="; got != want {
		t.Errorf("with a token: got %q, want %q", got, want)
	}
}

func BenchmarkSign(b *testing.B) {
	ep, _ := ParseEndpoint("git-codecommit.us-east-1.amazonaws.com")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		Sign(testSecret, ep, "v1/repos/MyDemoRepo", at)
	}
}
