package identitycenter

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
)

// Paths of the final pages.
const (
	signedInPath = "/signed-in"
	failedPath   = "/not-signed-in"
)

// pageStyle is the style of the final pages. Their content security policy allows
// only this style, by its hash.
const pageStyle = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}h1{font-size:1.5rem}`

// setPageHeaders forbids caching, framing, referrers, and loading resources.
func setPageHeaders(h http.Header) {
	style := sha256.Sum256([]byte(pageStyle))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(style[:])+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

// pageText is the final page: plain, without scripts, and without anything to load.
//
//go:embed page.html
var pageText string

func finalPage(signedIn bool) string {
	title, text := "You are not signed in", "The terminal shows why. You can close this page."
	if signedIn {
		title, text = "You are signed in", "Continue in the terminal. You can close this page."
	}
	return strings.NewReplacer("TITLE", title, "STYLE", pageStyle, "TEXT", text).Replace(pageText)
}
