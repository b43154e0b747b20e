package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/session"
)

// A gitProxy is the proxy through which git reaches the service.
type gitProxy struct {
	address string // "" for a direct connection
	setting string // where it is configured, for the report
}

// gitProxy returns the proxy for the target's URL: the remote's, else that of git's
// configuration (if empty, there is no proxy), else that of the environment.
//
// See get_curl_handle in git's http.c and
// https://curl.se/libcurl/c/libcurl-env.html.
func (x *examination) gitProxy() gitProxy {
	e := gitconfig.EntryFor(x.Entries, "http", "proxy", x.target.URL)
	for _, own := range x.Entries {
		if x.target.Remote != "" && own.Is(gitconfig.Key{Section: "remote", Subsection: x.target.Remote, Name: "proxy"}) {
			e = own
		}
	}
	if e.Name != "" {
		return gitProxy{e.Value, "git's " + e.Redacted() + " (" + where(e) + ")"}
	}
	for _, name := range []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"} {
		if value, _ := x.LookupEnv(name); value != "" {
			return gitProxy{value, "the variable " + name}
		}
	}
	return gitProxy{}
}

// proxyFunc returns the proxy as a function for net/http. Hosts in noProxy are
// reached directly.
func (p gitProxy) proxyFunc(noProxy string) (func(*http.Request) (*url.URL, error), error) {
	if p.address == "" {
		return nil, nil
	}
	address := p.address
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New(p.setting + " is not a URL") // do not show it: it may contain a password
	}
	return func(r *http.Request) (*url.URL, error) {
		if reachedWithout(noProxy, r.URL.Hostname()) {
			return nil, nil
		}
		return u, nil
	}, nil
}

// noProxy returns the hosts that are reached without a proxy.
func (x *examination) noProxy() string {
	value, set := x.LookupEnv("no_proxy")
	if !set {
		value, _ = x.LookupEnv("NO_PROXY")
	}
	return value
}

// reachedWithout reports whether noProxy covers a host: it lists host names and
// parent domains, or is * for all hosts:
// https://curl.se/libcurl/c/CURLOPT_NOPROXY.html.
func reachedWithout(noProxy, host string) bool {
	names := strings.FieldsFunc(strings.ToLower(noProxy), func(r rune) bool { return strings.ContainsRune(", \t", r) })
	return noProxy == "*" || slices.ContainsFunc(names, func(name string) bool {
		name = strings.Trim(name, ".")
		return name != "" && strings.HasSuffix("."+strings.ToLower(host), "."+name)
	})
}

// awsProxyNote returns what to do if git uses a proxy but calls to AWS do not,
// because they use HTTPS_PROXY only; otherwise "".
func (x *examination) awsProxyNote() string {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		if value, _ := x.LookupEnv(name); value != "" {
			return ""
		}
	}
	p := x.gitProxy()
	if p.address == "" {
		return ""
	}
	return fmt.Sprintf("git uses the proxy of %s, but calls to AWS use only HTTPS_PROXY, which is not set: set it to the same URL", p.setting)
}

// identityNotes adds awsProxyNote to the notes about a hop if AWS could not be
// reached.
func (x *examination) identityNotes(h session.Hop, notes []string) []string {
	if note := x.awsProxyNote(); note != "" && isUnreachable(h.Err) {
		return append([]string{note}, notes...)
	}
	return notes
}
