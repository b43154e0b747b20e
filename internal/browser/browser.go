// Package browser finds and opens a web browser, as desktop programs do.
package browser

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// placeholder is replaced by the URL in the entries of BROWSER.
const placeholder = "%s"

// A Browser opens URLs with the first of several programs that works.
type Browser struct {
	// Remote is true if the user is at another machine, whose browser cannot reach
	// 127.0.0.1 on this one.
	Remote bool
	// Chosen is true if BROWSER names the programs.
	Chosen   bool
	commands [][]string // absolute path of a program, and its arguments with the placeholder
}

// Available reports whether there is a program to try.
func (b Browser) Available() bool { return len(b.commands) > 0 }

// Find finds the programs. Lookup returns the value of an environment variable, and
// whether it is set.
//
// BROWSER is a list as in xdg-open(1): entries separated by colons (on Windows by
// semicolons), with words separated by spaces, in which %s represents the URL;
// without %s, the URL is appended. An empty BROWSER means that there is no browser.
// If BROWSER is not set, Find returns the system's browser, unless the session is
// remote (SSH) or has no display.
func Find(lookup func(string) (string, bool), system string) Browser {
	return find(lookup, system, lookPath)
}

func find(lookup func(string) (string, bool), system string, lookPath func(string) (string, error)) Browser {
	isSet := func(names ...string) bool {
		for _, name := range names {
			if value, _ := lookup(name); value != "" {
				return true
			}
		}
		return false
	}
	b := Browser{Remote: isSet("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")}
	var candidates [][]string
	list, chosen := lookup("BROWSER")
	switch {
	case chosen:
		b.Chosen = true
		separator := ":"
		if system == "windows" {
			separator = ";"
		}
		for entry := range strings.SplitSeq(list, separator) {
			candidates = append(candidates, entryWords(entry, lookPath))
		}
	case b.Remote:
	case system == "darwin":
		candidates = [][]string{{"open", placeholder}}
	case system == "windows":
		candidates = [][]string{{"rundll32", "url.dll,FileProtocolHandler", placeholder}}
	default:
		if isSet("WSL_DISTRO_NAME", "WSL_INTEROP") {
			candidates = append(candidates, []string{"wslview", placeholder}, []string{"rundll32.exe", "url.dll,FileProtocolHandler", placeholder})
		}
		if isSet("DISPLAY", "WAYLAND_DISPLAY") {
			candidates = append(candidates, []string{"xdg-open", placeholder})
		}
	}
	for _, words := range candidates {
		if len(words) == 0 {
			continue
		}
		if path, err := lookPath(words[0]); err == nil {
			b.commands = append(b.commands, append([]string{path}, words[1:]...))
		}
	}
	return b
}

// entryWords returns the words of an entry of BROWSER. If the whole entry is the
// path of a program, it may contain spaces.
func entryWords(entry string, lookPath func(string) (string, error)) []string {
	words := strings.Fields(entry)
	if len(words) > 1 {
		if _, err := lookPath(entry); err == nil {
			words = []string{entry}
		}
	}
	if len(words) > 0 && !strings.Contains(strings.Join(words[1:], " "), placeholder) {
		words = append(words, placeholder)
	}
	return words
}

// lookPath finds a program by its absolute path or on PATH, but never in the
// current folder.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil && !filepath.IsAbs(path) {
		err = errors.New("not an absolute path")
	}
	return path, err
}

// Open opens an https URL. It returns once a program has started, because a browser
// may stay in the foreground. If a program fails, the next one is tried; if all
// fail, Open calls failed from another goroutine.
//
// The browser has no terminal and no standard streams, and continues after this
// process exits.
func (b Browser) Open(url string, failed func()) error {
	if !strings.HasPrefix(url, "https://") {
		return errors.New("not an https URL")
	}
	result := make(chan error, 1)
	go func() {
		err, running := errors.New("no browser"), false
		for _, words := range b.commands {
			cmd, startErr := start(words, url)
			if startErr != nil {
				err = fmt.Errorf("cannot start %s", words[0])
				continue
			}
			if !running {
				running = true
				result <- nil
			}
			if cmd.Wait() == nil {
				return
			}
		}
		if running {
			failed()
		} else {
			result <- err
		}
	}()
	return <-result
}

// start starts a program with a URL.
func start(words []string, url string) (*exec.Cmd, error) {
	args := make([]string, len(words)-1)
	for i, word := range words[1:] {
		args[i] = strings.ReplaceAll(word, placeholder, url)
	}
	cmd := exec.Command(words[0], args...) //nolint:noctx // the browser outlives this process
	detach(cmd)
	return cmd, cmd.Start()
}
