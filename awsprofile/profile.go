package awsprofile

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/ini.v1"
)

// A setting is a value and where it stands. Lines that continue a value are
// joined with LF; a value that begins with LF is a block of nested settings.
type setting struct {
	value string
	at    Position
}

// settings are the settings of a section, or of several together, by name.
type settings map[string]setting

// known tells whether a setting, by its name in lower case, can matter here.
// The others are left out: a section may hold any number of them.
func known(name string) bool {
	switch name {
	case "role_arn", "source_profile", "credential_source",
		"external_id", "mfa_serial", "duration_seconds", "role_session_name",
		"web_identity_token_file",
		"sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name",
		"login_session", "credential_process",
		"aws_access_key_id", "aws_secret_access_key",
		"aws_session_token", "aws_security_token", "aws_account_id",
		"region", "ca_bundle", "use_fips_endpoint", "use_dualstack_endpoint",
		"services", "endpoint_url", "ignore_configured_endpoint_urls",
		"sts", "sso", "sso_oidc", "signin",
		"ec2_metadata_service_endpoint", "ec2_metadata_service_endpoint_mode",
		"ec2_metadata_v1_disabled", "imds_use_ipv6",
		"metadata_service_timeout", "metadata_service_num_attempts":
		return true
	}
	return false
}

// has tells whether any of the settings is there, be it empty.
func (s settings) has(names ...string) bool {
	_, ok := s.first(names...)
	return ok
}

// first is the name of the first of the settings that is there.
func (s settings) first(names ...string) (name string, ok bool) {
	for _, name := range names {
		if _, ok := s[name]; ok {
			return name, true
		}
	}
	return "", false
}

// namesCredentials tells whether a profile says anything about credentials,
// and names the setting by which it does. One that says nothing leaves them to
// the environment, the container or the instance.
func (s settings) namesCredentials() (name string, ok bool) {
	return s.first("role_arn", "source_profile", "credential_source", "external_id", "mfa_serial",
		"web_identity_token_file",
		"sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name",
		"login_session", "credential_process",
		"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token")
}

// grammar makes ini.v1 read a name and a value as RawConfigParser does: a
// backslash, quotation marks and what looks like a comment belong to the
// value. (Values are taken with Key.Value, which interpolates nothing.)
var grammar = ini.LoadOptions{
	InsensitiveKeys:         true,
	IgnoreContinuation:      true,
	IgnoreInlineComment:     true,
	PreserveSurroundedQuote: true,
	KeyValueDelimiters:      "=:",
}

// settings reads sections of the file, of which the later win; nil for none.
// malformed is the first line in them that is neither a setting nor part of
// one.
func (f *file) settings(sections []section) (s settings, malformed Position) {
	if len(sections) == 0 {
		return nil, Position{}
	}
	s = settings{}
	var body bytes.Buffer
	for _, section := range slices.Concat(f.defaults, sections) {
		if at := f.collect(section, s, &body); malformed == (Position{}) {
			malformed = at
		}
	}
	parsed, err := ini.LoadSources(grammar, body.Bytes())
	if err != nil {
		// Nothing that collect writes can fail. The error would hold a line.
		panic("awsprofile: ini.v1 refuses a plain setting")
	}
	for _, key := range parsed.Section("").Keys() {
		found := s[key.Name()]
		found.value = strings.ReplaceAll(key.Value(), joint, "\n")
		s[key.Name()] = found
	}
	return s, malformed
}

// joint stands for the line feed between the lines of a value while ini.v1,
// which ends a value with its line, has it. No text has one: see normalize.
const joint = "\r"

// collect writes the settings of a section that can matter to body, one a
// line, and enters their places into s.
func (f *file) collect(sec section, s settings, body *bytes.Buffer) (malformedAt Position) {
	walk := lines{
		text:   f.text[:sec.end],
		offset: sec.body,
		number: 1 + bytes.Count(f.text[:sec.start], []byte("\n")),
		indent: sec.indent,
	}
	var name string    // of the setting being read; "" for one that cannot matter
	var value [][]byte // its lines
	finish := func() {
		if name != "" {
			body.WriteString(name + "=")
			writeValue(body, value)
			body.WriteByte('\n')
		}
	}
	for walk.next() {
		switch walk.kind {
		case settingLine:
			finish()
			name = strings.ToLower(string(trimSpace(walk.content[:walk.delimiter])))
			if !known(name) {
				name = ""
				continue
			}
			s[name] = setting{at: Position{File: f.name, Line: walk.number}}
			value = append(value[:0], trimSpace(walk.content[walk.delimiter+1:]))
		case blank, continuation:
			if name != "" {
				value = append(value, walk.content)
			}
		case malformed:
			if malformedAt == (Position{}) {
				malformedAt = Position{File: f.name, Line: walk.number}
			}
		}
	}
	finish()
	return malformedAt
}

// writeValue writes a value so that ini.v1 takes it as it stands. Most values
// can stand bare; one that begins with a backquote or three double quotes, or
// that has several lines, cannot. Within three double quotes everything up to
// the last three on the line is literal.
func writeValue(body *bytes.Buffer, lines [][]byte) {
	for len(lines) > 1 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	const quotes = `"""`
	bare := len(lines) == 1 && !bytes.HasPrefix(lines[0], []byte("`")) && !bytes.HasPrefix(lines[0], []byte(quotes))
	if bare {
		body.Write(lines[0])
		return
	}
	body.WriteString(quotes)
	body.Write(bytes.Join(lines, []byte(joint)))
	body.WriteString(quotes)
}

// A profile is what the two files say under one name.
type profile struct {
	name     string
	settings // of both files together, those of the credentials file winning
	// inConfig and inCredentials are what each file says on its own: an access
	// key is never put together from both.
	inConfig, inCredentials settings
}

// fault is a ConfigError about a setting of the profile.
func (p *profile) fault(name, problem string) error {
	return &ConfigError{Profile: p.name, Setting: name, At: p.settings[name].at, Problem: problem}
}

// optional is the value of a setting; "" when it is absent or empty.
func (p *profile) optional(name string) (string, error) {
	s, ok := p.settings[name]
	if !ok {
		return "", nil
	}
	if problem := lineProblem(s.value); problem != "" {
		return "", p.fault(name, name+" "+problem)
	}
	return s.value, nil
}

// value is the value of a setting, which if it is there may not be empty.
func (p *profile) value(name string) (string, error) {
	value, err := p.optional(name)
	if err == nil && value == "" && p.has(name) {
		err = p.fault(name, name+" is empty")
	}
	return value, err
}

// lineProblem says what keeps a value from being a line of text; "" if nothing.
func lineProblem(value string) string {
	switch {
	case strings.Contains(value, "\n"):
		return "goes on in the line below it, which is indented"
	case !utf8.ValidString(value):
		return "is not valid UTF-8"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "holds a control character"
	}
	return ""
}

// wordProblem says what keeps a value from being a word of printable ASCII, as
// keys and ARNs are; "" if nothing.
func wordProblem(value string) string {
	if problem := lineProblem(value); problem != "" {
		return problem
	}
	if i := strings.IndexFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }); i >= 0 {
		if strings.ContainsAny(value[i:], "#;") {
			return "holds a space: a comment needs a line of its own"
		}
		return "holds a space or a character beyond ASCII"
	}
	return ""
}
