package helper

import (
	"io"
	"strings"
	"testing"
	"time"
)

// gitRequest is what git 2.55 sends.
const gitRequest = "capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\npath=v1/repos/SharedDemoRepo\nwwwauth[]=Basic realm=\"AWS CodeCommit\"\n\n"

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(strings.NewReader(gitRequest)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	answer := Answer{Username: "ASIAIOSFODNN7EXAMPLE%" + strings.Repeat("t", 800), Password: "20261122T050000Z" + strings.Repeat("0", 64), Expires: time.Unix(1795300000, 0)}
	b.ReportAllocs()
	for b.Loop() {
		if err := answer.Write(io.Discard, Request{AuthType: true}); err != nil {
			b.Fatal(err)
		}
	}
}
