package awsprofile

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"

	"git-credential-codecommit/internal/shell"
)

// sourceOf returns the profile's source of credentials, in the AWS CLI's order
// (botocore's ProfileProviderBuilder); nil if it has none. If variables is true,
// the environment's web identity takes precedence over the profile's.
func (r *resolver) sourceOf(p *profile, variables bool) (Source, error) {
	if source, err := r.webIdentity(p, variables); source != nil || err != nil {
		return source, err
	}
	switch {
	case p.has("sso_role_name", "sso_account_id"):
		return r.sso(p)
	case p.inCredentials.has("aws_access_key_id"):
		return p.staticKeys(p.inCredentials)
	case p.has("login_session"):
		session, err := p.value("login_session")
		return Login{Session: session, Profile: p.name, At: p.settings["login_session"].at}, err
	case p.has("credential_process"):
		return r.process(p)
	case p.inConfig.has("aws_access_key_id"):
		return p.staticKeys(p.inConfig)
	}
	return nil, nil
}

// webIdentity returns the profile's web identity. If variables is true, each of its
// three values comes from the environment if the variable is set, otherwise from
// the profile.
func (r *resolver) webIdentity(p *profile, variables bool) (Source, error) {
	source := WebIdentity{Profile: p.name, At: p.settings["web_identity_token_file"].at}
	value := func(variable, name string) (string, error) {
		if variables {
			if value := r.env.get(variable); value != "" {
				return value, nil
			}
		}
		return p.value(name)
	}
	var err error
	if source.TokenFile, err = value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file"); err != nil || source.TokenFile == "" {
		return nil, err
	}
	if variables && r.env.get("AWS_WEB_IDENTITY_TOKEN_FILE") != "" {
		source.Profile, source.At = "", Position{}
	}
	if source.RoleARN, err = value("AWS_ROLE_ARN", "role_arn"); err != nil {
		return nil, err
	}
	if source.RoleARN == "" {
		if source.Profile == "" {
			return nil, &VariableError{
				Variable: "AWS_ROLE_ARN", Problem: "is not set, but AWS_WEB_IDENTITY_TOKEN_FILE is",
				Missing: true, Partner: "AWS_WEB_IDENTITY_TOKEN_FILE",
			}
		}
		return nil, p.fault("web_identity_token_file", "web_identity_token_file requires role_arn")
	}
	switch fromVariable := variables && r.env.get("AWS_ROLE_ARN") != ""; {
	case isWord(source.RoleARN):
	case fromVariable:
		return nil, checkVariable("AWS_ROLE_ARN", source.RoleARN)
	default:
		return nil, p.fault("role_arn", "role_arn "+wordProblem(source.RoleARN))
	}
	if variables {
		source.SessionName = r.env.get("AWS_ROLE_SESSION_NAME")
	}
	if source.SessionName == "" {
		source.SessionName, err = p.optional("role_session_name")
	}
	return source, err
}

// sso returns the profile's IAM Identity Center role. With sso_session, that
// section must have the portal's address; it may also have the account or the role,
// but the profile must have at least one of the two. The profile may repeat the
// section's settings with the same values.
func (r *resolver) sso(p *profile) (Source, error) {
	all := p // the settings of the profile and of its sso-session
	source := SSO{Profile: p.name}
	if p.has("sso_session") {
		name, err := p.value("sso_session")
		if err != nil {
			return nil, err
		}
		source.Session = name
		session, d := r.files.config.settings(r.files.config.session(name))
		if session == nil {
			return nil, p.fault("sso_session", "sso-session "+quote(name)+" not found")
		}
		if d != (defect{}) {
			return nil, d.asError(p.name)
		}
		for _, name := range slices.Sorted(maps.Keys(session)) {
			if own, ok := p.settings[name]; ok && own.value != session[name].value {
				return nil, p.fault(name, name+" differs from sso-session "+quote(source.Session)+" at "+session[name].at.String())
			}
		}
		for _, name := range []string{"sso_start_url", "sso_region"} {
			if !session.has(name) {
				return nil, p.noRegion("sso_session", "sso-session "+quote(source.Session)+" has no "+name, name == "sso_region")
			}
		}
		all = &profile{name: p.name, settings: maps.Clone(p.settings)}
		maps.Copy(all.settings, session)
	}
	first, _ := p.first("sso_account_id", "sso_role_name")
	source.At = p.settings[first].at

	var missing []string
	for _, part := range []struct {
		name  string
		value *string
	}{
		{"sso_role_name", &source.RoleName},
		{"sso_account_id", &source.AccountID},
		{"sso_start_url", &source.StartURL},
		{"sso_region", &source.Region},
	} {
		if !all.has(part.name) {
			missing = append(missing, part.name)
			continue
		}
		var err error
		if *part.value, err = all.value(part.name); err != nil {
			return nil, err
		}
	}
	if len(missing) > 0 {
		problem := strings.Join(missing, ", ")
		return nil, p.noRegion(first, "SSO settings are incomplete: missing "+problem, problem == "sso_region")
	}
	if !ValidRegionName(source.Region) {
		return nil, all.fault("sso_region", "sso_region is not a region name")
	}
	source.Scopes = scopesIn(all.settings)
	return source, nil
}

// process returns the profile's credential_process.
func (r *resolver) process(p *profile) (Source, error) {
	const name = "credential_process"
	found := p.settings[name]
	if strings.HasPrefix(found.value, "\n") {
		return nil, p.fault(name, name+" contains nested settings, not a command")
	}
	// Tabs and line feeds separate words, as spaces do.
	if problem := lineProblem(strings.NewReplacer("\n", " ", "\t", " ").Replace(found.value)); problem != "" {
		return nil, p.fault(name, name+" "+problem)
	}
	words, err := splitCommand(found.value)
	if err != nil {
		return nil, p.fault(name, name+": "+err.Error())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, p.fault(name, name+" is empty")
	}
	from := r.files.config
	if p.inCredentials.has(name) {
		from = r.files.credentials
	}
	return Process{Command: words, Profile: p.name, At: found.at, Path: from.path}, nil
}

// staticKeys returns the access key in the settings of one file.
func (p *profile) staticKeys(own settings) (Source, error) {
	alone := &profile{name: p.name, settings: own}
	source := StaticKeys{Profile: p.name, At: own["aws_access_key_id"].at}
	var err error
	if source.AccessKeyID, err = alone.word("aws_access_key_id"); err != nil {
		return nil, err
	}
	if !own.has("aws_secret_access_key") {
		return nil, alone.fault("aws_access_key_id", "aws_access_key_id requires aws_secret_access_key")
	}
	if source.SecretAccessKey, err = alone.word("aws_secret_access_key"); err != nil {
		return nil, err
	}
	// As in the AWS CLI, the older name takes precedence, even if it is empty.
	if token, ok := own.first("aws_security_token", "aws_session_token"); ok && own[token].value != "" {
		if source.SessionToken, err = alone.word(token); err != nil {
			return nil, err
		}
	}
	return source, nil
}

// word returns the value of a setting, which must not be empty and must be
// printable ASCII without spaces.
func (p *profile) word(name string) (string, error) {
	value := p.settings[name].value
	if value == "" {
		return "", p.fault(name, name+" is empty")
	}
	if problem := wordProblem(value); problem != "" {
		return "", p.fault(name, name+" "+problem)
	}
	return value, nil
}

// incomplete returns the error for a profile without a complete source. Name is a
// setting that it has.
func (p *profile) incomplete(name string) error {
	switch name {
	case "aws_secret_access_key", "aws_session_token", "aws_security_token":
		return p.fault(name, name+" requires aws_access_key_id")
	case "sso_session", "sso_start_url", "sso_region":
		return p.fault(name, name+" requires sso_account_id and sso_role_name")
	}
	return p.fault(name, name+" requires role_arn")
}

// The values of credential_source. As in the AWS CLI, case matters.
const (
	fromEnvironment = "Environment"
	fromContainer   = "EcsContainer"
	fromInstance    = "Ec2InstanceMetadata"

	credentialSources = fromEnvironment + ", " + fromContainer + " and " + fromInstance
)

// ValidCredentialSource reports whether name is a valid credential_source.
func ValidCredentialSource(name string) bool {
	return name == fromEnvironment || name == fromContainer || name == fromInstance
}

// namedSource returns the source for --credential-source, or for credential_source
// at that position in a profile.
func (r *resolver) namedSource(name, profile string, at Position) (Source, error) {
	switch name {
	case fromEnvironment:
		keys, ok, err := r.environmentKeys()
		if err == nil && !ok {
			err = &VariableError{Variable: "AWS_ACCESS_KEY_ID", Problem: "is not set", Missing: true}
		}
		keys.Profile, keys.At = profile, at
		return keys, err
	case fromContainer:
		container, ok := r.container()
		if !ok {
			return nil, errors.New("neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set")
		}
		container.Profile, container.At = profile, at
		return container, nil
	}
	return EC2{Profile: profile, At: at}, nil
}

// checkVariable returns a VariableError unless the value is printable ASCII without
// spaces.
func checkVariable(variable, value string) error {
	switch {
	case isWord(value):
		return nil
	case isWord(strings.TrimRight(value, "\r\n")):
		return &VariableError{Variable: variable, Problem: "ends with a line break", LineEnd: true}
	}
	return &VariableError{Variable: variable, Problem: "contains a space or a character other than printable ASCII"}
}

// environmentKeys returns the access key in the environment; ok is false if there
// is none.
func (r *resolver) environmentKeys() (keys EnvironmentKeys, ok bool, err error) {
	keys.AccessKeyID = r.env.get("AWS_ACCESS_KEY_ID")
	if keys.AccessKeyID == "" {
		return EnvironmentKeys{}, false, nil
	}
	keys.SecretAccessKey = r.env.get("AWS_SECRET_ACCESS_KEY")
	if keys.SecretAccessKey == "" {
		return EnvironmentKeys{}, false, &VariableError{
			Variable: "AWS_SECRET_ACCESS_KEY", Problem: "is not set, but AWS_ACCESS_KEY_ID is",
			Missing: true, Partner: "AWS_ACCESS_KEY_ID",
		}
	}
	var token string
	token, keys.SessionToken = r.env.first("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")
	for _, part := range []struct{ variable, value string }{
		{"AWS_ACCESS_KEY_ID", keys.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", keys.SecretAccessKey},
		{token, keys.SessionToken},
	} {
		if err := checkVariable(part.variable, part.value); err != nil {
			return EnvironmentKeys{}, false, err
		}
	}
	keys.Expires = r.env.get("AWS_CREDENTIAL_EXPIRATION")
	return keys, true, nil
}

// container returns the container's credential endpoint; ok is false if there is
// none.
func (r *resolver) container() (c Container, ok bool) {
	c.RelativeURI = r.env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
	if c.RelativeURI == "" {
		c.FullURI = r.env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	}
	c.Token = r.env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	c.TokenFile = r.env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
	return c, c.RelativeURI != "" || c.FullURI != ""
}

// splitCommand splits a credential_process into words like the AWS CLI on this
// system. Nothing is expanded, because there is no shell.
func splitCommand(command string) ([]string, error) {
	if runtime.GOOS == "windows" {
		return shell.SplitWindows(command)
	}
	return shell.Split(command)
}
