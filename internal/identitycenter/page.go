package identitycenter

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

// The paths of the final pages.
const (
	signedInPath = "/signed-in"
	failedPath   = "/not-signed-in"
)

// pageStyle is the style of the final pages, which their policy allows by its hash
// alone.
const pageStyle = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}h1{font-size:1.5rem}`

// setPageHeaders forbids caching, framing, referrers, and loading anything.
func setPageHeaders(h http.Header) {
	style := sha256.Sum256([]byte(pageStyle))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(style[:])+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

// finalPage returns the final page: plain, without scripts, and without anything to
// load.
func finalPage(signedIn bool) string {
	title, text := "You are not signed in", "The terminal shows why. You can close this page."
	if signedIn {
		title, text = "You are signed in", "Continue in the terminal. You can close this page."
	}
	return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>` + title + `</title>
<style>` + pageStyle + `</style>
<h1>` + title + `</h1>
<p>git-credential-codecommit: ` + text + `</p>
`
}
