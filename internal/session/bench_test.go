package session

import (
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
)

func BenchmarkStoreLoad(b *testing.B) {
	w := newWalk(awsprofile.Chain{}, Options{Home: b.TempDir(), Now: func() time.Time { return testNow }})
	s := testSession("2026-11-22T06:00:00Z")
	s.Credentials.SessionToken = strings.Repeat("t", 800) // as long as AWS's
	if err := w.store.Save(testKey, s); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.load(testKey, isSessionOf(testRole)); err != nil {
			b.Fatal("not loaded")
		}
	}
}
