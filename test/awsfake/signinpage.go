package awsfake

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// signInPage is a page in the browser: a question, and a button for each answer.
var signInPage = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{{.Title}}</title>
<h1>{{.Title}}</h1>
<p>{{.Text}}</p>
{{if .ID}}<form method="post" action="{{.Action}}">
<input type="hidden" name="id" value="{{.ID}}">
<button id="allow" name="decision" value="allow">Allow access</button>
<button id="deny" name="decision" value="deny">Deny</button>
</form>{{end}}
`))

type pageContent struct{ Title, Text, ID, Action string }

func showPage(w http.ResponseWriter, status int, p pageContent) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	signInPage.Execute(w, p) //nolint:errcheck // the browser may have disconnected
}

// servePage is the OIDC service's page on which a person allows a client with an
// authorization code. Everyone who opens it is signed in as the portal's
// user.
func (c *Cloud) servePage(w http.ResponseWriter, r *http.Request, e endpoint) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Method == http.MethodGet {
		a, problem := c.newConsent(r.URL.Query(), e.region, now)
		if problem != "" {
			showPage(w, http.StatusBadRequest, pageContent{Title: "Error", Text: problem})
			return
		}
		id := randomID()
		c.portal.pages[id] = a
		showPage(w, http.StatusOK, pageContent{
			Title: "Allow access to your data?", Text: "A program on this computer asks to use your AWS accounts as " + SSOUser + ".",
			ID: id, Action: "/authorize",
		})
		return
	}
	id := r.PostFormValue("id")
	a := c.portal.pages[id]
	delete(c.portal.pages, id)
	if a == nil {
		showPage(w, http.StatusBadRequest, pageContent{Title: "Error", Text: "This page is out of date."})
		return
	}
	answer := url.Values{"state": {a.state}}
	if r.PostFormValue("decision") == "allow" {
		code := randomSecret(33)
		c.secrets = append(c.secrets, code)
		c.portal.codes[code] = a
		answer.Set("code", code)
	} else {
		answer.Set("error", "access_denied")
		answer.Set("error_description", "The user refused")
	}
	http.Redirect(w, r, a.redirectURI+"?"+answer.Encode(), http.StatusFound)
}

// serveDevicePage is the page on which a person allows a client with a device code.
func (c *Cloud) serveDevicePage(w http.ResponseWriter, r *http.Request, e endpoint) {
	c.record(r, SSODevice)
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	code := r.URL.Query().Get("user_code")
	if r.Method == http.MethodPost {
		code = r.PostFormValue("id")
	}
	var found *device
	for _, d := range c.portal.devices {
		if d.userCode == strings.ToUpper(code) && !d.decided && now.Before(d.end) && e.region == c.portal.region {
			found = d
		}
	}
	switch {
	case found == nil:
		showPage(w, http.StatusBadRequest, pageContent{Title: "Error", Text: "The code is not valid."})
	case r.Method == http.MethodPost:
		found.decided, found.allowed = true, r.PostFormValue("decision") == "allow"
		showPage(w, http.StatusOK, pageContent{Title: "Done", Text: "You can close this page."})
	default:
		showPage(w, http.StatusOK, pageContent{
			Title: "Allow access to your data?", Text: "The program shows the code " + found.userCode + ". Is that so?",
			ID: found.userCode, Action: "/",
		})
	}
}
