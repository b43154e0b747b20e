package awsprofile

import (
	"iter"
	"strings"
)

// An SSOSession is the configuration of a sign-in to IAM Identity Center.
type SSOSession struct {
	Name     string // name of the [sso-session]; "" for the legacy form
	StartURL string
	Region   string   // "" if it is not configured
	Scopes   []string // sso_registration_scopes; nil if it is not set
	Profile  string   // the profile by which it was found; "" for none
	At       Position // where it is configured
}

// SignIn returns the sign-in that the role requires.
func (s SSO) SignIn() SSOSession {
	return SSOSession{Name: s.Session, StartURL: s.StartURL, Region: s.Region, Scopes: s.Scopes, Profile: s.Profile, At: s.At}
}

// scopesIn returns the scopes in the settings of a section.
func scopesIn(s settings) (scopes []string) {
	for scope := range strings.SplitSeq(s["sso_registration_scopes"].value, ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// NoSSOError is returned if a profile does not use IAM Identity Center, or an
// sso-session does not exist.
type NoSSOError struct {
	Session string // the sso-session; "" if a profile was requested
	Profile string
	At      Position // position of the profile
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

// SSOSession returns the sso-session with a name, which may have no region, and the
// settings for AWS calls without a profile. The error is a NoSSOError, ConfigError
// or VariableError.
func (f *Files) SSOSession(name string) (SSOSession, Settings, error) {
	s, err := f.ssoSession(name)
	if err != nil {
		return SSOSession{}, Settings{}, err
	}
	set, err := f.SettingsWithoutProfile()
	return s, set, err
}

// SettingsWithoutProfile returns the settings for AWS calls without a profile. The
// error is a VariableError.
func (f *Files) SettingsWithoutProfile() (Settings, error) {
	r := &resolver{env: f.env, files: f.files(), profile: &profile{}}
	set, err := r.settings()
	if err == nil {
		set.Endpoints, err = r.endpoints(true)
	}
	return set, err
}

func (f *Files) ssoSession(name string) (SSOSession, error) {
	found, d := f.files().config.settings(f.files().config.session(name))
	if found == nil {
		return SSOSession{}, &NoSSOError{Session: name}
	}
	if d != (defect{}) {
		return SSOSession{}, d.asError("")
	}
	return (&profile{settings: found}).signIn(name)
}

// SSOSessionOf returns the sign-in that a profile requires, which may have no
// region, and the profile's settings. The error is a NoSSOError or one of Resolve.
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

// withoutRegion returns the sign-in of a profile that cannot be resolved only
// because it has no sso_region; ok is false otherwise.
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

// signIn returns the sign-in that the settings describe.
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

// SignIns yields the sign-ins in the config file. Only the field that identifies the
// token is set: Name for an sso-session, StartURL for a profile of the legacy form.
func (f *Files) SignIns() iter.Seq[SSOSession] {
	return func(yield func(SSOSession) bool) {
		for _, name := range f.files().config.names(ssoSession) {
			if !yield(SSOSession{Name: name}) {
				return
			}
		}
		for _, name := range f.files().names() {
			p, err := f.files().profile(name)
			if err != nil || p == nil || p.has("sso_session") || !p.has("sso_start_url") {
				continue
			}
			if s, err := p.signIn(""); err == nil && !yield(SSOSession{StartURL: s.StartURL}) {
				return
			}
		}
	}
}

// OwnIdentities yields a chain for each role, and for each IAM Identity Center role,
// that a profile itself configures. Each chain has either one role, without those of
// its source_profile, or a Source.
func (f *Files) OwnIdentities() iter.Seq[Chain] {
	return func(yield func(Chain) bool) {
		for _, name := range f.files().names() {
			p, err := f.files().profile(name)
			if err != nil || p == nil {
				continue
			}
			if p.isRole() {
				if role, err := p.role(); err == nil && !yield(Chain{Profile: name, Roles: []Role{role}}) {
					return
				}
			}
			if sso, ok := f.ssoSource(p); ok && !yield(Chain{Profile: name, Source: sso}) {
				return
			}
		}
	}
}

// ssoSource returns the IAM Identity Center role that provides the credentials of a
// profile without a role, or of a source_profile; ok is false if another source does.
func (f *Files) ssoSource(p *profile) (sso SSO, ok bool) {
	if !p.has("sso_role_name", "sso_account_id") {
		return SSO{}, false
	}
	r := &resolver{env: f.env, files: f.files(), profile: p}
	if source, err := r.sourceOf(p, false); err == nil {
		sso, ok = source.(SSO)
	}
	return sso, ok
}

// isOf reports whether the role's sign-in is s.
func (s SSO) isOf(signIn SSOSession) bool {
	return s.Session == signIn.Name && (s.Session != "" || s.StartURL == signIn.StartURL)
}

// A SignInMatcher finds the chains that start with a given sign-in.
type SignInMatcher struct {
	files  *Files
	signIn *SSOSession
	starts map[string]bool // by source_profile: whether it starts with the sign-in
}

// Matcher returns a SignInMatcher for a sign-in; nil means any sign-in.
func (f *Files) Matcher(signIn *SSOSession) SignInMatcher {
	return SignInMatcher{f, signIn, map[string]bool{}}
}

// Matches reports whether a chain of OwnIdentities gets its first credentials from
// the sign-in.
func (m SignInMatcher) Matches(own Chain) bool {
	if sso, ok := own.Source.(SSO); ok {
		return m.is(sso)
	}
	p, err := m.files.files().profile(own.Profile)
	if err != nil || p == nil {
		return false
	}
	// Follow each source_profile only once, even if many chains use it.
	var path []string
	found := false
	for p.isRole() {
		origin, err := p.value("source_profile")
		if err != nil || origin == "" {
			break
		}
		var known bool
		if found, known = m.starts[origin]; known {
			break
		}
		m.starts[origin] = false // also ends a loop
		path = append(path, origin)
		if p, err = m.files.files().profile(origin); err != nil || p == nil {
			break
		}
		if p.hasKeys() || !p.isRole() {
			sso, ok := m.files.ssoSource(p)
			found = ok && m.is(sso)
			break
		}
	}
	if found {
		for _, name := range path {
			m.starts[name] = true
		}
	}
	return found
}

func (m SignInMatcher) is(sso SSO) bool { return m.signIn == nil || sso.isOf(*m.signIn) }
