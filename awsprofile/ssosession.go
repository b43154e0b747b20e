package awsprofile

import (
	"slices"
	"strings"
)

// An SSOSession is an IAM Identity Center that a person can sign in to.
type SSOSession struct {
	Name     string // of the [sso-session]; "" for the legacy form
	StartURL string
	Region   string   // "" if it is not configured
	Scopes   []string // sso_registration_scopes; nil if it is not set
	Profile  string   // by which it was found; "" for none
	At       Position // where it is configured
}

// SignIn returns where a person signs in to use the role.
func (s SSO) SignIn() SSOSession {
	return SSOSession{Name: s.Session, StartURL: s.StartURL, Region: s.Region, Scopes: s.Scopes, Profile: s.Profile, At: s.At}
}

// scopesIn returns the scopes that a section names.
func scopesIn(s settings) (scopes []string) {
	for scope := range strings.SplitSeq(s["sso_registration_scopes"].value, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// NoSSOError is returned when a profile does not use IAM Identity Center, or there
// is no sso-session of a name.
type NoSSOError struct {
	Session string // the sso-session; "" if a profile was named
	Profile string
	At      Position // of the profile
}

func (e *NoSSOError) Error() string {
	if e.Session != "" {
		return "sso-session " + quote(e.Session) + " not found in the AWS config file"
	}
	message := "the default credentials do not come from IAM Identity Center"
	if e.Profile != "" {
		message = "profile " + quote(e.Profile) + " does not use IAM Identity Center"
	}
	if at := e.At.String(); at != "" {
		message += " (" + at + ")"
	}
	return message
}

// SSOSession returns the sso-session of a name, which may have no region, and how to
// call AWS without a profile. Errors are NoSSOError, ConfigError and VariableError.
func (f *Files) SSOSession(name string) (SSOSession, Settings, error) {
	s, err := f.ssoSession(name)
	if err != nil {
		return SSOSession{}, Settings{}, err
	}
	set, err := f.SettingsWithoutProfile()
	return s, set, err
}

// SettingsWithoutProfile returns how to call AWS without a profile. Errors are
// VariableError.
func (f *Files) SettingsWithoutProfile() (Settings, error) {
	r := &resolver{env: f.env, files: f.files(), profile: &profile{}}
	set, err := r.settings()
	if err == nil {
		set.Endpoints, err = r.endpoints(true)
	}
	return set, err
}

func (f *Files) ssoSession(name string) (SSOSession, error) {
	found, d := f.files().config.settings(f.files().config.find(ssoSession, name))
	if found == nil {
		return SSOSession{}, &NoSSOError{Session: name}
	}
	if d != (defect{}) {
		return SSOSession{}, d.asError("")
	}
	return (&profile{settings: found}).signIn(name)
}

// SSOSessionOf returns where a person signs in to use a profile, and how the profile
// calls AWS. The sign-in may have no region. Errors are NoSSOError and those of
// Resolve.
func (f *Files) SSOSessionOf(q Query) (SSOSession, Settings, error) {
	chain, err := f.Resolve(q)
	if err != nil {
		s, ok := f.withoutRegion(q.Profile)
		if !ok {
			return SSOSession{}, Settings{}, err
		}
		set, err := f.SettingsWithoutProfile()
		return s, set, err
	}
	if sso, ok := chain.Source.(SSO); ok {
		return sso.SignIn(), chain.Settings, nil
	}
	_, at := chain.Source.Place()
	return SSOSession{}, Settings{}, &NoSSOError{Profile: chain.Profile, At: at}
}

// withoutRegion returns where to sign in for a profile that cannot be resolved
// because it has no sso_region; ok is false if that is not the reason.
func (f *Files) withoutRegion(name string) (s SSOSession, ok bool) {
	r := &resolver{env: f.env, files: f.files()}
	if err := r.choose(name); err != nil {
		return SSOSession{}, false
	}
	var err error
	if session := r.profile.settings["sso_session"].value; session != "" {
		s, err = f.ssoSession(session)
	} else if r.profile.has("sso_start_url") {
		s, err = r.profile.signIn("")
	}
	s.Profile = r.profile.name
	return s, err == nil && s.StartURL != "" && s.Region == ""
}

// signIn returns where the settings say to sign in.
func (p *profile) signIn(session string) (SSOSession, error) {
	s := SSOSession{Name: session, Scopes: scopesIn(p.settings), At: p.settings["sso_start_url"].at}
	var err error
	if s.StartURL, err = p.value("sso_start_url"); err != nil {
		return SSOSession{}, err
	}
	if s.StartURL == "" {
		return SSOSession{}, &ConfigError{At: s.At, Problem: "sso-session " + quote(session) + " has no sso_start_url"}
	}
	if s.Region, err = p.value("sso_region"); err != nil {
		return SSOSession{}, err
	}
	if s.Region != "" && !ValidRegionName(s.Region) {
		return SSOSession{}, p.fault("sso_region", "sso_region is not a region name")
	}
	return s, nil
}

// SSOSessions returns all sign-ins that the config file knows, those of sso-sessions
// first, each once.
func (f *Files) SSOSessions() []SSOSession {
	var all []SSOSession
	config := f.files().config
	for _, name := range config.names(ssoSession) {
		if s, err := f.ssoSession(name); err == nil {
			all = append(all, s)
		}
	}
	for _, name := range f.files().names() {
		p, err := f.files().profile(name)
		if err != nil || p == nil || p.has("sso_session") || !p.has("sso_start_url") {
			continue
		}
		s, err := p.signIn("")
		if err == nil && !slices.ContainsFunc(all, func(other SSOSession) bool { return other.Name == "" && other.StartURL == s.StartURL }) {
			s.Profile = name
			all = append(all, s)
		}
	}
	return all
}

// SSOChains returns the chains of all profiles that begin with one of the sign-ins.
func (f *Files) SSOChains(sessions ...SSOSession) (chains []Chain) {
	for _, name := range f.files().names() {
		chain, err := f.Resolve(Query{Profile: name})
		if err != nil {
			continue
		}
		sso, ok := chain.Source.(SSO)
		if ok && slices.ContainsFunc(sessions, func(s SSOSession) bool {
			return sso.Session == s.Name && (s.Name != "" || sso.StartURL == s.StartURL)
		}) {
			chains = append(chains, chain)
		}
	}
	return chains
}
