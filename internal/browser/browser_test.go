package browser

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestFind(t *testing.T) {
	t.Parallel()
	installed := map[string]bool{"xdg-open": true, "open": true, "rundll32": true, "wslview": true, "firefox": true, "/opt/my browser/run": true, "/opt/code/browser.sh": true}
	for name, c := range map[string]struct {
		system string
		env    string // NAME=VALUE, separated by commas
		want   string // commands, separated by commas
		remote bool
	}{
		"Linux with a display":          {"linux", "DISPLAY=:0", "/bin/xdg-open %s", false},
		"Linux with Wayland":            {"linux", "WAYLAND_DISPLAY=wayland-0", "/bin/xdg-open %s", false},
		"Linux without a display":       {"linux", "", "", false},
		"macOS":                         {"darwin", "", "/bin/open %s", false},
		"Windows":                       {"windows", "", "/bin/rundll32 url.dll,FileProtocolHandler %s", false},
		"WSL":                           {"linux", "WSL_DISTRO_NAME=Debian", "/bin/wslview %s", false},
		"SSH":                           {"linux", "DISPLAY=:0,SSH_CONNECTION=a b c d", "", true},
		"SSH on macOS":                  {"darwin", "SSH_TTY=/dev/ttys000", "", true},
		"SSH with BROWSER (VS Code)":    {"linux", "SSH_CONNECTION=a b c d,BROWSER=/opt/code/browser.sh", "/opt/code/browser.sh %s", true},
		"BROWSER":                       {"linux", "BROWSER=firefox", "/bin/firefox %s", false},
		"an empty BROWSER":              {"linux", "DISPLAY=:0,BROWSER=", "", false},
		"a list":                        {"linux", "BROWSER=missing:firefox -new-tab %s:/opt/code/browser.sh", "/bin/firefox -new-tab %s|/opt/code/browser.sh %s", false},
		"%s within a word":              {"linux", "BROWSER=firefox --url=%s", "/bin/firefox --url=%s", false},
		"a path with spaces":            {"linux", "BROWSER=/opt/my browser/run", "/opt/my browser/run %s", false},
		"nothing of the list is there":  {"linux", "DISPLAY=:0,BROWSER=missing", "", false},
		"the current folder's":          {"linux", "BROWSER=./firefox", "", false},
		"no shell":                      {"linux", "BROWSER=firefox $(touch x)", "/bin/firefox $(touch x) %s", false},
		"a list on Windows":             {"windows", "BROWSER=missing;firefox", "/bin/firefox %s", false},
		"a SSH variable that is empty":  {"linux", "DISPLAY=:0,SSH_TTY=", "/bin/xdg-open %s", false},
		"WSL with a display as well":    {"linux", "WSL_INTEROP=/run/x,DISPLAY=:0", "/bin/wslview %s|/bin/xdg-open %s", false},
		"an empty entry in the list":    {"linux", "BROWSER=:firefox:", "/bin/firefox %s", false},
		"a program named like its flag": {"linux", "BROWSER=firefox %s -private", "/bin/firefox %s -private", false},
	} {
		env := map[string]string{}
		for v := range strings.SplitSeq(c.env, ",") {
			if name, value, ok := strings.Cut(v, "="); ok {
				env[name] = value
			}
		}
		b := find(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, c.system, func(name string) (string, error) {
			switch {
			case installed[name] && strings.HasPrefix(name, "/"):
				return name, nil
			case installed[name]:
				return "/bin/" + name, nil
			}
			return "", errors.New("not found")
		})
		var got []string
		for _, words := range b.commands {
			got = append(got, strings.Join(words, " "))
		}
		if strings.Join(got, "|") != c.want || b.Remote != c.remote || b.Available() != (c.want != "") {
			t.Errorf("%s: %q, remote %v", name, got, b.Remote)
		}
	}
}

func TestPathsAreAbsolute(t *testing.T) {
	t.Parallel()
	if path, err := lookPath("." + string(filepath.Separator) + "browser_test.go"); err == nil {
		t.Errorf("found %s", path)
	}
	if path, err := lookPath("go"); err != nil || !filepath.IsAbs(path) {
		t.Errorf("go: %s, %v", path, err)
	}
}

// script writes a program for Unix.
func script(t *testing.T, text string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	path := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func waitForFile(t *testing.T, path string) string {
	t.Helper()
	for range 3000 {
		if data, err := os.ReadFile(path); err == nil && strings.HasSuffix(string(data), "\n") {
			return string(data)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %s", path)
	return ""
}

func TestOpen(t *testing.T) {
	t.Parallel()
	const url = "https://example.com/?a=b c&d=$(e)';f"
	out := filepath.Join(t.TempDir(), "out")
	// It stays in the foreground until the test has seen Open return.
	returned := filepath.Join(t.TempDir(), "returned")
	good := script(t, `printf '%s|' "$@" >`+out+`; tty >>`+out+` 2>&1; while [ ! -e `+returned+` ]; do sleep 0.1; done`)
	bad := script(t, "exit 3")
	b := Browser{commands: [][]string{{"/nonexistent", placeholder}, {bad, placeholder}, {good, "-t", placeholder}}}
	if err := b.Open(url, func() { t.Error("failed") }); err != nil {
		t.Fatal(err)
	}
	if got := waitForFile(t, out); got != "-t|"+url+"|not a tty\n" {
		t.Errorf("%q", got)
	}
	if err := os.WriteFile(returned, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	failed := make(chan bool)
	if err := (Browser{commands: [][]string{{bad, placeholder}}}).Open(url, func() { close(failed) }); err != nil {
		t.Error(err)
	}
	<-failed
	for _, url := range []string{"javascript:alert(1)", "file:///etc/passwd", "http://example.com/", "-help"} {
		if err := b.Open(url, func() {}); err == nil {
			t.Errorf("%s was opened", url)
		}
	}
	if err := (Browser{commands: [][]string{{"/nonexistent", placeholder}}}).Open(url, func() {}); err == nil {
		t.Error("a program that does not exist was started")
	}
}
