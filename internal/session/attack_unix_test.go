//go:build unix

package session

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
)

func noTerminal() *terminal { return nil }

// runProcess runs a shell script as a credential_process, for at most limit.
func runProcess(t *testing.T, script string, limit time.Duration) (Credentials, time.Duration, error) {
	t.Helper()
	w := newWalk(awsprofile.Chain{}, Options{Now: time.Now})
	w.openTerminal = noTerminal
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	began := time.Now()
	creds, err := process{awsprofile.Process{Command: []string{"sh", "-c", script}, Profile: "p"}}.credentials(ctx, w)
	return creds, time.Since(began), err
}

const goodAnswer = `echo '{"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s"}'`

// A process that hangs is killed at its timeout, with its children.
func TestProcessThatHangsIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for name, script := range map[string]string{
		"it sleeps":           `echo $$ >PIDS; exec sleep 100`,
		"its child sleeps":    `sleep 100 & echo $! $$ >PIDS; wait`,
		"it ignores signals":  `trap '' TERM INT HUP; sleep 100 & echo $! $$ >PIDS; while :; do wait; done`,
		"it waits for input":  `echo $$ >PIDS; read x </dev/tty; sleep 100`,
		"it prints and hangs": goodAnswer + `; echo $$ >PIDS; exec sleep 100`,
		"its output is shut":  `head -c 100000 /dev/zero; echo $$ >PIDS; exec sleep 100`,
	} {
		wg.Go(func() {
			pids := filepath.Join(t.TempDir(), "pids")
			_, took, err := runProcess(t, strings.ReplaceAll(script, "PIDS", pids), 2*time.Second)
			if err == nil || !strings.Contains(err.Error(), "did not finish within") {
				t.Errorf("%s: %v", name, err)
			}
			if took > 20*time.Second {
				t.Errorf("%s: took %s", name, took)
			}
			data, err := os.ReadFile(pids)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, word := range strings.Fields(string(data)) {
				pid, err := strconv.Atoi(word)
				if err != nil {
					t.Error(err)
				}
				gone := false
				for range 100 {
					if gone = syscall.Kill(pid, 0) != nil || isZombie(pid); gone {
						break
					}
					time.Sleep(50 * time.Millisecond)
				}
				if !gone {
					t.Errorf("%s: process %d lives", name, pid)
				}
			}
		})
	}
	wg.Wait()
}

// isZombie reports whether a process has ended but has not been waited for.
func isZombie(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, state, _ := strings.Cut(string(data), ") ")
	return err == nil && strings.HasPrefix(state, "Z")
}

// A grandchild that keeps the pipe open does not block.
func TestProcessWhoseGrandchildKeepsThePipe(t *testing.T) {
	t.Parallel()
	creds, took, err := runProcess(t, goodAnswer+"; sleep 15 &", time.Minute)
	if err != nil || creds.AccessKeyID != "AKIAIOSFODNN7EXAMPLE" || took > 12*time.Second {
		t.Errorf("%s, %v after %s", creds, err, took)
	}
}

// A command is never run from the current folder, which is the repository's.
func TestProcessNeverRunsFromTheCurrentFolder(t *testing.T) { //nolint:paralleltest // it changes the folder and PATH
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/planted", []byte("#!/bin/sh\n"+goodAnswer+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, path := range []string{"", ":", "." + ":/bin", ":/usr/bin:/bin", "/usr/bin::/bin", "./", "/usr/bin:/bin:"} {
		t.Setenv("PATH", path)
		w := newWalk(awsprofile.Chain{}, Options{Now: time.Now})
		p := process{awsprofile.Process{Command: []string{"planted"}, Profile: "p"}}
		if creds, err := p.credentials(t.Context(), w); err == nil {
			t.Errorf("PATH=%q: %s", path, creds)
		}
	}
}

// Token files and certificate bundles must be regular files.
func TestTokenFilesMustBeRegular(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := dir + "/fifo"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	huge := dir + "/huge"
	f, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(300 << 20); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, dir, "/dev/zero", "/dev/tty", huge, dir + "/nowhere"} {
		if _, err := readSmallFile(path); err == nil {
			t.Errorf("%s was read", path)
		}
		if data, err := awsclient.ReadCABundle(path); err == nil && path != huge || len(data) > 16<<20 {
			t.Errorf("%s was read", path)
		}
	}
}
