package awsprofile

import (
	"slices"
	"strconv"
	"strings"
)

// sessionSettings are the settings of an sso-session that AddProfile writes, in
// order.
var sessionSettings = []string{"sso_start_url", "sso_region", "sso_registration_scopes"}

// registrationScope is the scope that makes a sign-in renewable:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html.
const registrationScope = "sso:account:access"

// SessionFor returns the sso-session of a start URL and region: the one in the
// config file, or else a new one, named after the first label of the URL's host.
func (f *Files) SessionFor(startURL, region string) SSOSession {
	config := f.files().config
	taken := config.names(ssoSession)
	for _, name := range taken {
		if s, err := f.ssoSession(name); err == nil && s.StartURL == startURL && s.Region == region {
			return s
		}
	}
	_, host, _ := strings.Cut(startURL, "://")
	base, _, _ := strings.Cut(host, ".")
	base = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, base)
	name := base
	for n := 2; slices.Contains(taken, name); n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return SSOSession{Name: name, StartURL: startURL, Region: region, Scopes: []string{registrationScope}}
}

// Addition returns the text that AddProfile would add to the config file: the
// sso-session and the profile, without the ones that already exist.
func (f *Files) Addition(p NewProfile) string {
	var parts []string
	config := f.files().config
	if p.SSO != nil && len(config.session(p.SSO.Session)) == 0 {
		parts = append(parts, marker+"\n"+sessionHeader(p.SSO.Session)+"\n"+
			"sso_start_url = "+p.SSO.StartURL+"\nsso_region = "+p.SSO.Region+"\nsso_registration_scopes = "+registrationScope+"\n")
	}
	if len(config.profile(p.Name)) == 0 {
		parts = append(parts, p.Text())
	}
	return strings.Join(parts, "\n")
}

func sessionHeader(name string) string { return "[sso-session " + name + "]" }

// withoutSession returns the text of the config file without an sso-session that
// AddProfile wrote, unless a profile still uses it or it was edited.
func (f *Files) withoutSession(text []byte, name string) ([]byte, error) {
	start, end, ok := findAdded(text, sessionHeader(name), sessionSettings)
	if !ok {
		return text, nil
	}
	if err := f.setConfig(text); err != nil {
		return nil, err
	}
	for _, profile := range f.files().names() {
		if p, err := f.files().profile(profile); err != nil || p.settings["sso_session"].value == name {
			return text, nil //nolint:nilerr // a profile that cannot be parsed may use it
		}
	}
	return cutAdded(text, start, end), nil
}

// cutAdded removes what findAdded found, with the line feed above it unless that
// line feed is needed to end the line above.
func cutAdded(text []byte, start, end int) []byte {
	if start > 0 && (end == len(text) || text[end] == '\n' || start > 1 && text[start-2] == '\n') {
		start--
	}
	return slices.Concat(text[:start], text[end:])
}
