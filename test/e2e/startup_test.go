package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

// The cost of a start. These are counts, which are the same on every machine;
// test/bench measures seconds. Each limit is slightly above the value when it was
// written (doc/performance.md): exceed it only for a known reason.
const (
	maxBinary       = 12_000_000 // bytes, as in .ci/run
	maxInitPackages = 130        // that have something to do at start
	maxInitBytes    = 590 << 10  // allocated by them
	maxInitAllocs   = 4600
)

// Package initialization is most of a get. Go reports it:
// https://pkg.go.dev/runtime#hdr-Environment_Variables, inittrace.
func TestStartIsCheap(t *testing.T) {
	t.Parallel()
	if !program.AsReleased() {
		t.Skip("the program is not as released")
	}
	if info, err := os.Stat(program.Path); err != nil || info.Size() > maxBinary {
		t.Errorf("%v; the binary must have at most %d bytes: %v", err, maxBinary, info)
	}
	cmd := exec.Command(program.Path, "store")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	var packages, size, allocs int
	var stackEnlarged bool
	for line := range strings.Lines(trace.String()) {
		words := strings.Fields(line) // init NAME @T ms, T ms clock, N bytes, N allocs
		if len(words) != 11 || words[0] != "init" {
			t.Fatalf("not a line of inittrace: %q", line)
		}
		b, err := strconv.Atoi(words[7])
		a, err2 := strconv.Atoi(words[9])
		if err != nil || err2 != nil {
			t.Fatalf("not a line of inittrace: %q", line)
		}
		packages, size, allocs = packages+1, size+b, allocs+a
		switch name := words[1]; {
		case name == "git-credential-codecommit/internal/stack":
			stackEnlarged = true
		case strings.HasPrefix(name, "github.com/") && !stackEnlarged:
			t.Errorf("%s is initialized before internal/stack", name)
		}
		if a > 100 {
			t.Log(strings.TrimSpace(line))
		}
	}
	if !stackEnlarged {
		t.Error("internal/stack is not initialized")
	}
	t.Logf("%d packages, %d bytes, %d allocations", packages, size, allocs)
	if packages > maxInitPackages || size > maxInitBytes || allocs > maxInitAllocs {
		t.Errorf("more than %d packages, %d bytes or %d allocations at start", maxInitPackages, maxInitBytes, maxInitAllocs)
	}
}

func TestFirstGetThroughMetadataMakesFourRequests(t *testing.T) {
	t.Parallel()
	m := newMachine(t, awsfake.InstanceConfigFile)
	m.cloud.SetInstance(&awsfake.Instance{Role: awsfake.InstanceRole, Region: awsfake.Region})
	if out, err := m.get(awsfake.InstanceProfile).Output(); err != nil || !strings.HasPrefix(string(out), "username=ASIA") {
		t.Fatalf("%v: %s", err, out)
	}
	var asked []string
	for _, r := range m.cloud.Requests("") {
		if r.Service != awsfake.Proxy {
			asked = append(asked, r.Service+" "+r.Action)
			if r.Service == awsfake.STS && !strings.Contains(r.UserAgent, "git-credential-codecommit") {
				t.Errorf("CloudTrail would show %q", r.UserAgent)
			}
		}
	}
	const want = "metadata PutToken, metadata GetRoleName, metadata GetCredentials, sts AssumeRole"
	if got := strings.Join(asked, ", "); got != want {
		t.Errorf("asked %s; want %s", got, want)
	}
}
