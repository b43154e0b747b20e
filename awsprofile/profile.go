package awsprofile

import (
	"bytes"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/ini.v1"
)

// A setting is a value and its position. The lines of a value are joined with LF; a
// value that starts with LF is a block of nested settings.
type setting struct {
	value string
	at    Position
}

// settings are the settings of one section, or of several together, by name.
type settings map[string]setting

// maxName is the maximum length in bytes of a setting's name; all known settings
// are shorter.
const maxName = 64

// known reports whether this program uses the setting with that name, in lower
// case. Others are skipped: a section may contain any number of them.
func known(name string) bool {
	switch name {
	case "role_arn", "source_profile", "credential_source",
		"external_id", "mfa_serial", "duration_seconds", "role_session_name",
		"web_identity_token_file",
		"sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name", "sso_registration_scopes",
		"login_session", "credential_process",
		"aws_access_key_id", "aws_secret_access_key",
		"aws_session_token", "aws_security_token", "aws_account_id",
		"region", "ca_bundle", "use_fips_endpoint", "use_dualstack_endpoint",
		"retry_mode", "max_attempts", "sdk_ua_app_id", "defaults_mode",
		"services", "endpoint_url", "ignore_configured_endpoint_urls",
		"sts", "sso", "sso_oidc", "signin",
		"ec2_metadata_service_endpoint", "ec2_metadata_service_endpoint_mode",
		"ec2_metadata_v1_disabled", "imds_use_ipv6",
		"metadata_service_timeout", "metadata_service_num_attempts":
		return true
	}
	return false
}

// has reports whether any of the settings is present, even if empty.
func (s settings) has(names ...string) bool {
	_, ok := s.first(names...)
	return ok
}

// first returns the name of the first of the settings that is present.
func (s settings) first(names ...string) (name string, ok bool) {
	for _, name := range names {
		if _, ok := s[name]; ok {
			return name, true
		}
	}
	return "", false
}

// namesCredentials returns the first setting that concerns credentials; ok is false
// if there is none, so that credentials come from the environment, the container or
// the instance.
func (s settings) namesCredentials() (name string, ok bool) {
	return s.first("role_arn", "source_profile", "credential_source", "external_id", "mfa_serial",
		"web_identity_token_file",
		"sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name",
		"login_session", "credential_process",
		"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token")
}

// grammar makes ini.v1 parse a line like RawConfigParser: names are converted to
// lower case, and backslashes, quotation marks and apparent comments are part of
// the value. (Values are read with Key.Value, which does not interpolate.)
var grammar = ini.LoadOptions{
	InsensitiveKeys:         true,
	IgnoreContinuation:      true,
	IgnoreInlineComment:     true,
	PreserveSurroundedQuote: true,
	KeyValueDelimiters:      "=:",
}

// A defect is the reason why a section cannot be used: a line, and what is wrong
// with it. The zero value means that there is no defect.
type defect struct {
	at      Position
	problem string
}

// asError returns the defect as an error about the profile that uses the section.
func (d defect) asError(profile string) error {
	return &ConfigError{Profile: profile, At: d.at, Problem: d.problem}
}

// settings returns the settings of several sections, in which later sections take
// precedence, and the first defect. It returns nil if there are no sections.
func (f *file) settings(sections []section) (settings, defect) {
	if len(sections) == 0 {
		return nil, defect{}
	}
	if len(f.defaults) > 0 && f.inherited == nil {
		f.inherited = map[string]assignment{}
		f.inheritedDefect = f.collectAll(f.defaults, f.inherited)
	}
	found, first := map[string]assignment{}, f.inheritedDefect
	maps.Copy(found, f.inherited)
	if d := f.collectAll(sections, found); first == (defect{}) {
		first = d
	}
	var body bytes.Buffer
	for _, a := range found {
		if a.tooLong() && (first == (defect{}) || a.at.Line < first.at.Line) {
			first = defect{a.at, "the value is longer than 64 KiB"} // maxValue
		}
		a.write(&body)
	}
	if body.Len() == 0 {
		return settings{}, first
	}
	parsed, err := ini.LoadSources(grammar, body.Bytes())
	if err != nil {
		// This should never happen: ini.v1 can parse everything that write writes.
		// Its error is not returned, because it would contain the line.
		return settings{}, defect{f.position(int(sections[0].start)), malformedLine}
	}
	s := settings{}
	for _, key := range parsed.Section("").Keys() {
		value := strings.ReplaceAll(key.Value(), joint, "\n")
		s[key.Name()] = setting{value: value, at: found[key.Name()].at}
	}
	return s, first
}

// An assignment is a setting as written in a file.
type assignment struct {
	name      []byte
	delimiter byte
	value     [][]byte // lines; nil if tooLong
	blanks    int      // number of empty lines after it
	size      int      // size of the value including line endings, in bytes
	at        Position
}

// maxValue is the maximum length in bytes of a setting's value: twice the longest
// session token.
const maxValue = 64 << 10

// add adds a line to the value. If the value becomes too long, only its size is
// kept.
func (a *assignment) add(line []byte) {
	a.size += a.blanks + len(line) + 1
	if a.tooLong() {
		a.value = nil
		return
	}
	for ; a.blanks > 0; a.blanks-- {
		a.value = append(a.value, nil)
	}
	a.value = append(a.value, line)
}

func (a *assignment) tooLong() bool { return a.size > maxValue+1 }

// collectAll collects the known settings of several sections in found, by name, and
// returns the first defect.
func (f *file) collectAll(sections []section, found map[string]assignment) (first defect) {
	for _, section := range sections {
		if d := f.collect(section, found); first == (defect{}) {
			first = d
		}
	}
	return first
}

// collect collects the known settings of one section in found, by name, and returns
// the first defect.
func (f *file) collect(sec section, found map[string]assignment) (first defect) {
	walk := lines{text: f.text[:sec.end], offset: int(sec.body), number: int(sec.line), indent: int(sec.indent)}
	matters := false
	var name string
	var a assignment
	for walk.next() {
		switch walk.kind {
		case settingLine:
			if matters {
				found[name] = a
			}
			a = assignment{
				name:      trimSpace(walk.content[:walk.delimiter]),
				delimiter: walk.content[walk.delimiter],
				at:        Position{File: f.name, Line: walk.number},
			}
			if matters = len(a.name) <= maxName; matters {
				name = strings.ToLower(string(a.name))
				matters = known(name)
			}
			if matters {
				a.add(trimSpace(walk.content[walk.delimiter+1:]))
			}
		case blank:
			a.blanks++
		case continuation:
			if matters {
				a.add(walk.content)
			}
		case malformed:
			if first == (defect{}) {
				first = defect{Position{File: f.name, Line: walk.number}, malformedLine}
			}
		}
	}
	if matters {
		found[name] = a
	}
	return first
}

// joint replaces the line feeds in a value for ini.v1, where a value ends with its
// line. It never occurs in a file's text: see normalize.
const joint = "\r"

// write writes the assignment so that ini.v1 returns its value unchanged. Most
// values need no quotes. Those that start with a backquote or three double quotes,
// or have several lines, are enclosed in three double quotes; everything up to the
// last three on the line is then literal.
func (a assignment) write(body *bytes.Buffer) {
	const quotes = `"""`
	value := bytes.TrimRight(bytes.Join(a.value, []byte(joint)), joint)
	body.Write(a.name)
	body.WriteByte(a.delimiter)
	if bytes.HasPrefix(value, []byte("`")) || bytes.HasPrefix(value, []byte(quotes)) || bytes.Contains(value, []byte(joint)) {
		body.WriteString(quotes)
		body.Write(value)
		body.WriteString(quotes)
	} else {
		body.Write(value)
	}
	body.WriteByte('\n')
}

// A profile has the settings that both files contain under one name.
type profile struct {
	name     string
	settings // of both files; the credentials file takes precedence
	// inConfig and inCredentials are the settings of each file, because the parts
	// of an access key must come from the same file.
	inConfig, inCredentials settings
}

// fault returns a ConfigError about a setting of the profile.
func (p *profile) fault(name, problem string) error {
	return &ConfigError{Profile: p.name, Setting: name, At: p.settings[name].at, Problem: problem}
}

// optional returns the value of a setting; "" if it is absent or empty.
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

// value returns the value of a setting; "" if it is absent. An empty value is an
// error.
func (p *profile) value(name string) (string, error) {
	value, err := p.optional(name)
	if err == nil && value == "" && p.has(name) {
		err = p.fault(name, name+" is empty")
	}
	return value, err
}

// lineProblem returns why a value is not a single line of text; "" if it is one.
func lineProblem(value string) string {
	switch {
	case strings.Contains(value, "\n"):
		return "continues on the next line, which is indented"
	case !utf8.ValidString(value):
		return "is not valid UTF-8"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "contains a control character"
	}
	return ""
}

// wordProblem returns why a value is not printable ASCII without spaces, as keys
// and ARNs must be; "" if it is.
func wordProblem(value string) string {
	if problem := lineProblem(value); problem != "" || isWord(value) {
		return problem
	}
	if strings.Contains(value, " #") || strings.Contains(value, " ;") {
		return "contains a space (a comment must be on a separate line)"
	}
	return "contains a space or a non-ASCII character"
}

// isWord reports whether a value is printable ASCII without spaces.
func isWord(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' })
}
