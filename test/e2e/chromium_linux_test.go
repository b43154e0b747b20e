package e2e

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var screenshot = flag.String("screenshot", "", "write what Chromium shows in the end to this `FILE` (PNG)")

// A chromium is a headless browser, driven through the DevTools protocol over pipes:
// https://chromedevtools.github.io/devtools-protocol/.
type chromium struct {
	t       *testing.T
	to      io.WriteCloser
	from    *bufio.Reader
	id      int
	session string // of the page
}

// startChromium starts the browser with an empty profile, the cloud as its network,
// and one page. It skips the test if the browser is not installed.
func startChromium(t *testing.T, m *machine) *chromium {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	toBrowser, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+t.TempDir(), "--proxy-server="+m.cloud.ProxyURL(), "--ignore-certificate-errors",
		"--remote-debugging-pipe", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser} // 3 and 4
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = toBrowser.Close(), fromBrowser.Close()
	c := &chromium{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_, _ = to.Close(), from.Close()
	})
	if err := from.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	var target struct{ TargetID string }
	c.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	c.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	c.session = attached.SessionID
	return c
}

// call calls a method of the protocol.
func (c *chromium) call(method string, params map[string]any, result any) {
	c.t.Helper()
	c.id++
	message := map[string]any{"id": c.id, "method": method, "params": params}
	if c.session != "" {
		message["sessionId"] = c.session
	}
	data, err := json.Marshal(message)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.to.Write(append(data, 0)); err != nil {
		c.t.Fatal(err)
	}
	for {
		data, err := c.from.ReadBytes(0)
		if err != nil {
			c.t.Fatalf("%s: %v", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  json.RawMessage
		}
		if err := json.Unmarshal(data[:len(data)-1], &answer); err != nil {
			c.t.Fatal(err)
		}
		if answer.ID != c.id {
			continue // an event
		}
		if answer.Error != nil {
			c.t.Fatalf("%s: %s", method, answer.Error)
		}
		if result != nil {
			if err := json.Unmarshal(answer.Result, result); err != nil {
				c.t.Fatal(err)
			}
		}
		return
	}
}

// evaluate evaluates an expression on the page.
func (c *chromium) evaluate(expression string, value any) {
	c.t.Helper()
	var got struct {
		Result struct{ Value json.RawMessage }
	}
	c.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &got)
	if got.Result.Value != nil {
		if err := json.Unmarshal(got.Result.Value, value); err != nil {
			c.t.Fatal(err)
		}
	}
}

// click clicks an element with the mouse as soon as it exists.
func (c *chromium) click(selector string) {
	c.t.Helper()
	var box struct{ X, Y float64 }
	waitFor(c.t, func() bool {
		c.evaluate(fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) return null; const r = e.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2} })()`, selector), &box)
		return box.X > 0
	})
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		c.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": box.X, "y": box.Y, "button": "left", "clickCount": 1}, nil)
	}
}

// A person signs in with a real browser, which ends on a page without the code.
func TestChromiumSignsIn(t *testing.T) {
	t.Parallel()
	m := newMachine(t, ssoProfiles)
	browser := startChromium(t, m)
	m.env = append(m.env, "BROWSER=click", "CLICK=nothing")
	cmd := exec.Command("git-credential-codecommit", "login", "--profile", "sso")
	cmd.Env = m.env
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	page := regexp.MustCompile(`https://\S+`).FindString(line)
	browser.call("Page.navigate", map[string]any{"url": page}, nil)
	browser.click("#allow")
	var at string
	waitFor(t, func() bool {
		browser.evaluate("document.readyState == 'complete' ? location.href : ''", &at)
		return strings.HasSuffix(at, "/signed-in")
	})
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(out.String(), "signed in as user@example.com until ") {
		t.Errorf("%v: %s", err, &out)
	}
	var text, font string
	browser.evaluate("document.body.innerText", &text)
	browser.evaluate("getComputedStyle(document.body).maxWidth", &font)
	if !strings.Contains(text, "You are signed in") || font != "512px" { // the page's policy allows its style
		t.Errorf("the page shows %q, style %q", text, font)
	}
	var history struct {
		Entries []struct{ URL, Title string }
	}
	browser.call("Page.getNavigationHistory", nil, &history)
	for _, e := range history.Entries {
		if strings.Contains(e.URL, "code=") || strings.Contains(e.Title, "code=") {
			t.Errorf("the history has the code: %s", e.URL)
		}
	}
	if *screenshot != "" {
		var shot struct{ Data string }
		browser.call("Page.captureScreenshot", nil, &shot)
		png, err := base64.StdEncoding.DecodeString(shot.Data)
		if err == nil {
			err = os.WriteFile(*screenshot, png, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	}
}
