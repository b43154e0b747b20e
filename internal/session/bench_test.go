package session

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func BenchmarkStoreLoad(b *testing.B) {
	s := &store{dir: b.TempDir(), now: func() time.Time { return testNow }, trace: func(string, ...any) {}}
	e := testEntry("2026-11-22T06:00:00Z")
	e.Credentials.SessionToken = strings.Repeat("t", 800) // as long as AWS's
	data, err := json.Marshal(e)
	if err == nil {
		err = os.WriteFile(s.path(testKey+".json"), data, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.load(testKey, isSessionOf(testRole)); !ok {
			b.Fatal("not loaded")
		}
	}
}
